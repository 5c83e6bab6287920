import { setTimeout as delay } from "node:timers/promises";
import type { Row } from "../rows.ts";
import type { Case } from "./cases.ts";
import { documentsOf } from "./documents.ts";
import { measureEditInBacklog } from "./edits.ts";
import { createAll, createNamespaces } from "./load.ts";
import { passesOf } from "./metrics.ts";
import type { OperatorProcess } from "./operator-process.ts";
import type { Recorded } from "./plan.ts";
import { cpuSecondsOf, peakResidentMiBOf, residentMiBOf } from "./process-figures.ts";
import { requestRows } from "./requests.ts";
import { atRest, NOTHING_TO_DO } from "./rest.ts";
import type { Stand } from "./stand.ts";

export const LOAD = "scale";

/** What the operator took from the first create until the last resource was Ready. */
export interface Converged {
  readonly rows: readonly Row[];
  readonly recorded: Recorded;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** With APIs there is one to edit. */
const hasBacklog = ({ apis }: Case): boolean => apis > 0;

/** Garbage of the work is collected, and what only waited for its end is freed. */
const IDLE_MS = 20_000;

/** Applies everything at once to an operator at rest. */
export async function measureConvergence(stand: Stand, operator: OperatorProcess): Promise<Converged> {
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
  const [lastActive, , more] = await Promise.all([
    atRest(stand, operator, {
      isDone: () => readiness.ready() === documents.length,
      far: () => `${String(readiness.ready())} of ${String(documents.length)} Ready`,
    }),
    createAll(connection, documents),
    hasBacklog(size) ? measureEditInBacklog(stand, documents) : [],
  ]);
  const cpuSeconds = cpuSecondsOf(operator.pid) - cpuBefore;
  const wallSeconds = (lastActive - startedAt) / 1000;
  if (!size.hasFloor) await delay(IDLE_MS);
  const resident = residentMiBOf(operator.pid);
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
      row("RSS, at rest", resident, "MiB", 256),
      row("RSS, after /metrics was read", residentMiBOf(operator.pid), "MiB"),
      row("RSS, peak", peakResidentMiBOf(operator.pid), "MiB"),
    ],
  };
}
