import { temporaryFolder } from "../tools/temporary-folder.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../demo/environment.ts";
import { bundleOperator } from "../scripts/bundle/operator.ts";

/** Folder of the operator as it is shipped, built now from the source for the benchmark of this name. */
export async function builtBundle(benchmark: string, say: (line: string) => void): Promise<string> {
  say(`${benchmark}: building the bundle …`);
  const dir = temporaryFolder("bundle");
  await bundleOperator(ROOT, dir);
  writeFileSync(join(dir, "package.json"), '{ "type": "module" }');
  return dir;
}
