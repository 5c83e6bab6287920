import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { inject } from "vitest";
import { bundleOperator } from "../../scripts/bundle/operator.ts";
import { preparedFolder } from "../../tools/cache-folder.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the operator's program. */
    operatorProgram: string;
  }
}

const root = join(import.meta.dirname, "../..");

/** What the program is made from. The lockfile stands for the packages. */
const SOURCES = ["package-lock.json", "package.json", "scripts/bundle/{bundle,operator}.ts", "src/**/*.{ts,json}"];

const KEPT_MS = 7 * 24 * 3_600_000;

const program = (dir: string): string => join(dir, "main.js");

/**
 * Path of the operator as it is shipped: a process of it begins in half the time that its sources need. It is built once
 * for what it is made from, and kept in the user's cache.
 */
export async function builtOperatorProgram(): Promise<string> {
  const folder = join("operator-program", digestOfSources());
  const isComplete = (dir: string): boolean => existsSync(program(dir));
  const dir = await preparedFolder({ folder, title: "the operator's program", isComplete, work: build }, console.log);
  return program(dir);
}

/** `main.js` comes last, and whole: with it the folder is complete. */
async function build(dir: string): Promise<void> {
  const work = mkdtempSync(join(dir, "work-"));
  await bundleOperator(root, work);
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }');
  rmSync(join(dir, "chunks"), { recursive: true, force: true });
  renameSync(join(work, "chunks"), join(dir, "chunks"));
  renameSync(program(work), program(dir));
  rmSync(work, { recursive: true });
  forgetOld(dirname(dir));
}

/** Every change of a source leaves a folder behind. */
function forgetOld(cache: string): void {
  for (const name of readdirSync(cache)) {
    const dir = join(cache, name);
    if (Date.now() - statSync(dir).mtimeMs > KEPT_MS) rmSync(dir, { recursive: true, force: true });
  }
}

function digestOfSources(): string {
  const hash = createHash("sha256");
  for (const path of globSync(SOURCES, { cwd: root }).sort())
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  return hash.digest("hex").slice(0, 32);
}

/** What a test starts with Node for an operator in a process of its own. */
export const operatorProgram = (): string => inject("operatorProgram");
