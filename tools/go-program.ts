import { accessSync, constants, cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "./cache-folder.ts";
import { runProgram } from "./run-program.ts";

export interface GoProgram {
  readonly name: string;
  /** Of the program, as it says itself with this value in `versionVariable`. */
  readonly version: string;
  readonly pkg: string;
  /** Folder with the go.mod and go.sum that pin it. */
  readonly modules: string;
  /** `-X` definitions for the linker. */
  readonly definitions?: Readonly<Record<string, string>>;
  /** About how long the first build takes on two cores. */
  readonly minutes: number;
  /** What to do where Go cannot be installed, for the error's end. */
  readonly alternative?: string;
}

/** Whether the folder holds the program. */
export function has(dir: string, name: string): boolean {
  try {
    accessSync(join(dir, name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Builds one program into `dir`, saying every half minute that it still does. Throws what Go said when it fails. */
export async function buildGoProgram(program: GoProgram, dir: string, log: Log): Promise<void> {
  const { name, version, pkg, minutes, definitions = {}, alternative } = program;
  // A build may complete go.sum; the pinned files stay as they were committed.
  const sources = join(dir, `.${name}.modules`);
  cpSync(program.modules, sources, { recursive: true });
  const target = join(dir, `.${name}.building`);
  const linker = ["-s", "-w", ...Object.entries(definitions).map(([variable, value]) => `-X ${variable}=${value}`)];
  const startedAt = Date.now();
  log(`building ${name} ${version}, about ${String(minutes)} min on two cores …`);
  const progress = setInterval(() => {
    log(`  still building ${name} (${String(Math.round((Date.now() - startedAt) / 1000))} s)`);
  }, 30_000);
  try {
    await runProgram("go", ["build", "-trimpath", "-ldflags", linker.join(" "), "-o", target, pkg], {
      cwd: sources,
      env: { GOFLAGS: "-mod=mod" },
      missing: `Go is needed to build ${name}: install Go 1.26${alternative === undefined ? "" : `, ${alternative}`}.`,
    });
    renameSync(target, join(dir, name));
  } finally {
    clearInterval(progress);
    rmSync(sources, { recursive: true, force: true });
  }
}
