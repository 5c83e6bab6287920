import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";

const docs = join(import.meta.dirname, "../docs");
const [command = "build", ...options] = process.argv.slice(2);

/** When a file was last written; the beginning of time if it does not exist. */
const changedAt = (file: string): number => statSync(join(docs, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Runs a program to its end, in sight. Ends this process with its status when it fails. */
function run(program: string, args: readonly string[]): void {
  const { status } = spawnSync(program, args, { cwd: docs, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

// The generator is a package of its own, so that people who only work on the operator do not install it.
if (changedAt("node_modules/.package-lock.json") < changedAt("package-lock.json")) run("npm", ["ci"]);
run(process.execPath, ["node_modules/vitepress/bin/vitepress.js", command, ".", ...options]);
if (command === "build") console.log(`The site is in ${join(docs, ".vitepress/dist")}`);
