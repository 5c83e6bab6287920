import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { benchmarkConverge } from "./converge.ts";
import { benchmarkImage } from "./image.ts";
import { benchmarkOkta } from "./okta.ts";
import { benchmarkRotation } from "./rotation.ts";
import { type Row, table } from "./rows.ts";
import { benchmarkSideBySide } from "./side-by-side.ts";

/** Counts and ratios of one run each; wall times are told beside their bound, since machines differ. */
const BENCHMARKS: Readonly<Record<string, (say: (line: string) => void) => Promise<readonly Row[]>>> = {
  converge: benchmarkConverge,
  okta: benchmarkOkta,
  rotation: benchmarkRotation,
  "side-by-side": benchmarkSideBySide,
  image: benchmarkImage,
};

const { values, positionals } = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
const rows: Row[] = [];
for (const name of names) {
  const benchmark = BENCHMARKS[name];
  if (benchmark === undefined) {
    console.error(`there is no benchmark ${name}; there are: ${Object.keys(BENCHMARKS).join(", ")}`);
    process.exit(2);
  }
  rows.push(
    ...(await benchmark((line) => {
      console.log(line);
    })),
  );
}
console.log(table(rows));
if (values.json !== undefined) writeFileSync(values.json, rows.map((row) => JSON.stringify(row)).join("\n") + "\n");
process.exit(0);
