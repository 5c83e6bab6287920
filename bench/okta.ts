import { inspect } from "node:util";
import { CASES, type Case } from "./okta/cases.ts";
import { measureChanges } from "./okta/change.ts";
import { measureConvergence } from "./okta/convergence.ts";
import { measureLook } from "./okta/look.ts";
import { measureRestart } from "./okta/restart.ts";
import { type Stand, startStand } from "./okta/stand.ts";
import type { Row } from "./rows.ts";

const PARTS: readonly (readonly [name: string, measure: (stand: Stand) => Promise<readonly Row[]>])[] = [
  ["converge", measureConvergence],
  ["no-op look", measureLook],
  ["changes", measureChanges],
  ["restart", measureRestart],
];

/** An org with many authorization servers: without limits, and under those of two plans. */
export async function benchmarkOkta(say: (line: string) => void): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const size of CASES) rows.push(...(await measureCase(size, say)));
  return rows;
}

/** Each part begins where the one before left the org, so that the first that fails is the last. */
async function measureCase(size: Case, say: (line: string) => void): Promise<readonly Row[]> {
  const stand = await startStand(size, say);
  const rows: Row[] = [];
  try {
    for (const [name, measure] of PARTS) {
      say(`okta: ${size.plan}, ${name} …`);
      rows.push(...(await measure(stand)));
    }
  } catch (error) {
    say(`okta: ${size.plan}: ${inspect(error)}`);
    rows.push(stand.row("parts that failed", 1, "parts", 0));
  } finally {
    await stand.environment.stop();
  }
  return rows;
}
