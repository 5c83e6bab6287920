import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new folder that is removed when this process exits. A process that is killed leaves it. */
export function temporaryFolder(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), `m2m-${name}-`));
  process.once("exit", () => {
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}
