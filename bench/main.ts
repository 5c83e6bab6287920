import { writeFileSync } from "node:fs";
import { BENCHMARKS, type Benchmark } from "./benchmarks.ts";
import { readCommand, usageOf } from "./command.ts";
import { machine } from "./machine.ts";
import { withProgress } from "./progress.ts";
import { type Row, table } from "./rows.ts";
import { CASES } from "./scale/cases.ts";
import { argumentsOf } from "../tools/arguments.ts";

const OPTIONS = {
  json: { type: "string" },
  part: { type: "string", multiple: true },
  bundle: { type: "string" },
  "without-lease": { type: "boolean" },
} as const;

const PARTS = CASES.map(({ part }) => part);

/** Counts and ratios of one run each; wall times stand beside their bound, since machines differ. */
async function runAll(names: readonly string[], options: Parameters<Benchmark["run"]>[1]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const name of names) {
    const measured = await withProgress(name, (say) => BENCHMARKS[name]?.run(say, options) ?? Promise.resolve([]));
    rows.push(...measured);
  }
  return rows;
}

const usage = usageOf(BENCHMARKS, PARTS);
const { values, positionals } = argumentsOf(usage, OPTIONS, "any");
const bundle = values.bundle === undefined ? {} : { bundle: values.bundle };
const command = readCommand(
  { names: positionals, parts: values.part ?? [], ...bundle },
  { benchmarks: BENCHMARKS, parts: PARTS },
);
if (command.problems.length > 0) {
  console.error([...command.problems, "", usage].join("\n"));
  process.exit(2);
}
// Every process that was started ends with this one, but not when a signal ends it at once.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
console.log([machine(new Date()), ...command.plan].join("\n"));
const rows = await runAll(command.names, {
  ...(values.part === undefined ? {} : { parts: values.part }),
  ...bundle,
  isWithoutLease: values["without-lease"] ?? false,
});
console.log(`\n${machine(new Date())}\n${table(rows)}`);
if (values.json !== undefined) writeFileSync(values.json, rows.map((row) => JSON.stringify(row)).join("\n") + "\n");
process.exit(0);
