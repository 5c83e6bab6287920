import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
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
const archive = archiveName(OPERATOR_VERSION, platform);
execFileSync("tar", ["-czf", join("..", archive), program, "LICENSE", "THIRD_PARTY_NOTICES.txt"], { cwd: folder });
console.log(join(parent, archive));
