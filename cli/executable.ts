import { basename } from "node:path";
import { closeQuietly } from "./pipe.ts";
import { run } from "./run.ts";

/** kubectl calls an executable of this name to complete a command line. A link to this one is enough. */
const COMPLETION = /^kubectl_complete-m2m(\.exe)?$/;

closeQuietly(process.stdout);
const args = process.argv.slice(2);
// A single executable is CommonJS, which has no await here.
void run(COMPLETION.test(basename(process.argv0)) ? ["__complete", ...args] : args).then((code) => {
  process.exitCode = code;
});
