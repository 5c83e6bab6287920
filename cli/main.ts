import { closeQuietly } from "./pipe.ts";
import { run } from "./run.ts";

// Libraries that are loaded for a tenant use what Node.js deprecates. That is nothing to who runs a command.
process.noDeprecation = true;
closeQuietly(process.stdout);
process.exitCode = await run(process.argv.slice(2));
