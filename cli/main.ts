import { closeQuietly } from "./pipe.ts";
import { run } from "./run.ts";

closeQuietly(process.stdout);
process.exitCode = await run(process.argv.slice(2));
