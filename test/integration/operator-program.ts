import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { bundleOperator } from "../../scripts/bundle/operator.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the operator's program. */
    operatorProgram: string;
  }
}

/** The operator as it is shipped, built for this run: a process of it begins in half the time that its sources need. */
export async function buildOperatorProgram(): Promise<{ readonly path: string; readonly remove: () => void }> {
  const dir = mkdtempSync(join(tmpdir(), "m2m-program-"));
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }');
  await bundleOperator(join(import.meta.dirname, "../.."), dir);
  return {
    path: join(dir, "main.js"),
    remove: () => {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What a test starts with Node for an operator in a process of its own. */
export const operatorProgram = (): string => inject("operatorProgram");
