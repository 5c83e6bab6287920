import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../demo/environment.ts";
import { bundleOperator } from "../scripts/bundle/operator.ts";

/** Folder of the operator as it is shipped, built now from the source for the benchmark of this name. */
export async function builtBundle(benchmark: string, say: (line: string) => void): Promise<string> {
  say(`${benchmark}: building the bundle …`);
  const dir = mkdtempSync(join(tmpdir(), "m2m-bundle-"));
  await bundleOperator(ROOT, dir);
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }');
  return dir;
}
