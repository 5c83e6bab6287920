import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { bundleOperator } from "../../scripts/bundle/operator.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the operator's program. */
    operatorProgram: string;
  }
}

const ROOT = join(import.meta.dirname, "../..");
const CACHE = join(ROOT, "node_modules/.cache/operator-program");
/** No run takes longer, and none is without the program that it began with. */
const DAY_MS = 86_400_000;

/**
 * The operator as it is shipped, in one program: a process of it begins in half the time that its sources need. It is
 * built when its sources, its packages or the way it is bundled differ from those of an earlier run. Answers its path.
 */
export async function buildOperatorProgram(): Promise<string> {
  const dir = join(CACHE, digestOfInputs());
  if (!existsSync(dir)) {
    mkdirSync(CACHE, { recursive: true });
    removeOld();
    const unfinished = mkdtempSync(join(CACHE, "unfinished-"));
    writeFileSync(join(unfinished, "package.json"), '{ "type": "module" }');
    await bundleOperator(ROOT, unfinished);
    publish(unfinished, dir);
  }
  return join(dir, "main.js");
}

function digestOfInputs(): string {
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => `src/${name}`);
  const hash = createHash("sha256");
  for (const path of [...sources, "package-lock.json", "scripts/bundle/operator.ts"])
    hash.update(`${path}\0`).update(readFileSync(join(ROOT, path)));
  return hash.digest("hex").slice(0, 32);
}

function removeOld(): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    if (Date.now() - statSync(path).mtimeMs > DAY_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Another run may have built the same program meanwhile. */
function publish(unfinished: string, dir: string): void {
  try {
    renameSync(unfinished, dir);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(dir)) throw error;
  }
}

/** What a test starts with Node for an operator in a process of its own. */
export const operatorProgram = (): string => inject("operatorProgram");
