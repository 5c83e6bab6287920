import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { buildExecutable } from "./bundle/executable.ts";
import { archiveName, programName, thisPlatform } from "./bundle/krew.ts";
import { noticesOf } from "./bundle/notices.ts";
import { OPERATOR_VERSION } from "../src/version.ts";

/**
 * The kubectl plugin as one executable file for this platform, in `dist/executable/` and in an archive beside it. With
 * `--dir DIR` both are in DIR.
 */
const root = join(import.meta.dirname, "..");
const at = process.argv.indexOf("--dir");
const parent = at === -1 ? join(root, "dist") : resolve(process.argv[at + 1] ?? "");
const folder = join(parent, "executable");
const platform = thisPlatform();
const program = programName(platform);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const { inputs } = await buildExecutable(root, folder, join(folder, program));
writeFileSync(join(folder, "THIRD_PARTY_NOTICES.txt"), noticesOf(root, inputs).text);
cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
// Node.js is in the file. An installation from nodejs.org has its licence in the folder of the program, or above it.
const licence = ["", ".."].map((up) => join(dirname(process.execPath), up, "LICENSE")).find((path) => existsSync(path));
if (licence === undefined) console.warn("No licence of Node.js was found: do not publish this file.");
else cpSync(licence, join(folder, "LICENSE.nodejs"));
const archive = archiveName(OPERATOR_VERSION, platform);
execFileSync("tar", ["-czf", join("..", archive), ...readdirSync(folder)], { cwd: folder });
console.log(join(parent, archive));
