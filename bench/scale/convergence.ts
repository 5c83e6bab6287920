import type { Row } from "../rows.ts";
import { documentsOf } from "./documents.ts";
import { createAll, createNamespaces } from "./load.ts";
import { passesOf } from "./metrics.ts";
import type { OperatorProcess } from "./operator-process.ts";
import type { Recorded } from "./plan.ts";
import { cpuSecondsOf, peakResidentMiBOf, residentMiBOf } from "./process-figures.ts";
import { requestRows } from "./requests.ts";
import { atRest } from "./rest.ts";
import type { Stand } from "./stand.ts";

export const LOAD = "scale";

/** What the operator took from the first create until the last resource was Ready. */
export interface Converged {
  readonly rows: readonly Row[];
  readonly recorded: Recorded;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

const NOTHING_TO_DO = { isDone: () => true, far: () => "nothing is to do" };

/** Applies everything at once to an operator at rest. `meanwhile` runs beside it. */
export async function measureConvergence(
  stand: Stand,
  operator: OperatorProcess,
  meanwhile: () => Promise<readonly Row[]> = async () => [],
): Promise<Converged> {
  const { size, connection, readiness, audit, say, row } = stand;
  const documents = documentsOf(size, LOAD);
  await createNamespaces(connection, documents);
  await atRest(stand, operator, NOTHING_TO_DO);
  const passesBefore = await passesOf(operator.url);
  await atRest(stand, operator, NOTHING_TO_DO);
  const [from, callsFrom] = [audit.entries().length, (await stand.sandbox.calls(0)).length];
  const cpuBefore = cpuSecondsOf(operator.pid);
  say(`applying ${String(documents.length)} resources …`);
  const startedAt = performance.now();
  const ready = (): number => readiness.ready(`${LOAD}-`);
  const beside = meanwhile();
  const [lastActive, , more] = await Promise.all([
    atRest(stand, operator, {
      isDone: () => ready() === documents.length,
      far: () => `${String(ready())} of ${String(documents.length)} Ready`,
    }),
    createAll(connection, documents),
    beside,
  ]);
  const cpuSeconds = cpuSecondsOf(operator.pid) - cpuBefore;
  const wallSeconds = (lastActive - startedAt) / 1000;
  const passes = (await passesOf(operator.url)) - passesBefore;
  const calls = (await stand.sandbox.calls(0)).slice(callsFrom);
  const entries = audit.entries().slice(from);
  return {
    recorded: { entries, calls, documents },
    wallSeconds,
    cpuSeconds,
    rows: [
      row("wall time, first create to last Ready", wallSeconds, "s"),
      row("CPU", cpuSeconds, "s"),
      row("CPU per resource", (1000 * cpuSeconds) / documents.length, "ms"),
      row("passes per resource", passes / documents.length, "passes", 2),
      row("calls of the tenant per resource", calls.length / documents.length, "calls", 1.05),
      row("calls answered with 429", calls.filter(({ status }) => status === 429).length, "calls", 0),
      ...requestRows(stand, entries, documents),
      ...more,
      row("RSS, at rest", residentMiBOf(operator.pid), "MiB"),
      row("RSS, peak", peakResidentMiBOf(operator.pid), "MiB"),
    ],
  };
}
