import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

const SHOWN = 10;

/** Prints which files took longest, in seconds: the first to look at when a run gets too long. */
export default class SlowestFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    if (modules.length <= SHOWN) return;
    const slowest = modules
      .map((module) => ({ path: relative(process.cwd(), module.moduleId), ms: durationOf(module) }))
      .toSorted((left, right) => right.ms - left.ms)
      .slice(0, SHOWN);
    console.log("\nThe slowest files:");
    for (const { path, ms } of slowest) console.log(`${(ms / 1000).toFixed(1).padStart(8)} s  ${path}`);
  }
}

function durationOf(module: TestModule): number {
  const { duration, setupDuration, collectDuration } = module.diagnostic();
  return duration + setupDuration + collectDuration;
}
