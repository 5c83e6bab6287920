import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");

const PROGRAMS = [
  ...["demo/main.ts", "bench/main.ts", "scripts/docs-check.ts", "test/faults/main.ts"],
  ...["test/endurance/watches.ts", "test/endurance/soak/main.ts", "test/endurance/shards/main.ts"],
];

it.each(PROGRAMS)("%s starts nothing for a wrong flag, and shows its usage", (program) => {
  const run = spawnSync(process.execPath, [join(ROOT, program), "--nonsense"], { encoding: "utf8" });
  expect(run.status).toBe(2);
  expect(run.stdout).toBe("");
  expect(run.stderr).toMatch(/^Unknown option '--nonsense'[^]*\nusage: npm run /);
});
