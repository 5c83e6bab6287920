import { setTimeout as delay } from "node:timers/promises";
import type { Document } from "../../demo/environment.ts";
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
import { atRest, IDLE_MS, NOTHING_TO_DO } from "./rest.ts";
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

/** Applies everything at once to an operator at rest. */
export async function measureConvergence(stand: Stand, operator: OperatorProcess): Promise<Converged> {
  const { size, connection, audit, sandbox, say } = stand;
  const documents = documentsOf(size, LOAD);
  await createNamespaces(connection, documents);
  await atRest(stand, operator, NOTHING_TO_DO);
  const passesBefore = await passesOf(operator.url);
  await atRest(stand, operator, NOTHING_TO_DO);
  const [from, callsFrom] = [audit.entries().length, (await sandbox.calls(0)).length];
  const cpuBefore = cpuSecondsOf(operator.pid);
  say(`applying ${String(documents.length)} resources …`);
  const { wallSeconds, edit } = await applyAll(stand, operator, documents);
  const cpuSeconds = cpuSecondsOf(operator.pid) - cpuBefore;
  const recorded = {
    documents,
    entries: audit.entries().slice(from),
    calls: (await sandbox.calls(0)).slice(callsFrom),
  };
  if (!size.hasFloor) await delay(IDLE_MS);
  const resident = residentMiBOf(operator.pid);
  const passes = (await passesOf(operator.url)) - passesBefore;
  const taken = { recorded, wallSeconds, cpuSeconds };
  return {
    ...taken,
    rows: [...rowsOf(stand, taken, passes), ...edit, ...memoryRows(stand, operator, resident)],
  };
}

async function applyAll(
  stand: Stand,
  operator: OperatorProcess,
  documents: readonly Document[],
): Promise<{ readonly wallSeconds: number; readonly edit: readonly Row[] }> {
  const { size, connection, readiness } = stand;
  const startedAt = performance.now();
  const [lastActive, , edit] = await Promise.all([
    atRest(stand, operator, {
      isDone: () => readiness.ready() === documents.length,
      far: () => `${String(readiness.ready())} of ${String(documents.length)} Ready`,
    }),
    createAll(connection, documents),
    hasBacklog(size) ? measureEditInBacklog(stand, documents) : [],
  ]);
  return { wallSeconds: (lastActive - startedAt) / 1000, edit };
}

function rowsOf(
  stand: Stand,
  { recorded: { entries, calls, documents }, wallSeconds, cpuSeconds }: Omit<Converged, "rows">,
  passes: number,
): readonly Row[] {
  const { row } = stand;
  return [
    row("wall time, first create to last Ready", wallSeconds, "s"),
    row("CPU", cpuSeconds, "s"),
    row("CPU per resource", (1000 * cpuSeconds) / documents.length, "ms"),
    row("passes per resource", passes / documents.length, "passes", 2),
    row("calls of the tenant per resource", calls.length / documents.length, "calls", 1.05),
    row("calls answered with 429", calls.filter(({ status }) => status === 429).length, "calls", 0),
    ...requestRows(stand, entries, documents),
  ];
}

/** `atRest` was read before somebody requested the metrics. */
function memoryRows({ row }: Stand, { pid }: OperatorProcess, atRest: number): readonly Row[] {
  return [
    row("RSS, at rest", atRest, "MiB", 256),
    row("RSS, after /metrics was read", residentMiBOf(pid), "MiB"),
    row("RSS, peak", peakResidentMiBOf(pid), "MiB"),
  ];
}
