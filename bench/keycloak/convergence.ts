import { setTimeout as delay } from "node:timers/promises";
import type { Row } from "../rows.ts";
import { isRead, isWrite } from "../scale/audit.ts";
import { createAll } from "../scale/load.ts";
import type { OperatorProcess } from "../scale/operator-process.ts";
import { cpuSecondsOf, peakResidentMiBOf, residentMiBOf } from "../scale/process-figures.ts";
import { atRest, NOTHING_TO_DO } from "../scale/rest.ts";
import { CALL_KINDS } from "../call-kinds.ts";
import { byEndpoint, countOf, FEWEST_WRITES, refusedIn } from "./calls.ts";
import { documents } from "./documents.ts";
import type { Stand } from "./stand.ts";

/** Garbage of the work is collected, and what only waited for its end is freed. */
const IDLE_MS = 20_000;

/** Applies everything at once to an operator at rest. */
export async function measureConvergence(stand: Stand, operator: OperatorProcess): Promise<readonly Row[]> {
  const { audit, connection, readiness, row, sandbox, say } = stand;
  const all = documents();
  await atRest(stand, operator, NOTHING_TO_DO);
  const [entriesFrom, callsFrom] = [audit.entries().length, sandbox.calls().length];
  const cpuBefore = cpuSecondsOf(operator.pid);
  say(`applying ${String(all.length)} resources …`);
  const startedAt = performance.now();
  const [lastActive] = await Promise.all([
    atRest(stand, operator, {
      isDone: () => readiness.ready() === all.length,
      far: () => `${String(readiness.ready())} of ${String(all.length)} Ready`,
    }),
    createAll(connection, all),
  ]);
  const cpuSeconds = cpuSecondsOf(operator.pid) - cpuBefore;
  const calls = sandbox.calls(callsFrom);
  const entries = audit.entries().slice(entriesFrom);
  stand.keep("calls-converge.jsonl", calls);
  await delay(IDLE_MS);
  const managed = countOf(calls, "writes", "listings", "other reads");
  return [
    ...byEndpoint(calls).map(([endpoint, count]) => row(`converge: calls ${endpoint}`, count, "calls")),
    ...CALL_KINDS.map((kind) =>
      row(`converge: ${kind}`, countOf(calls, kind), "calls", kind === "writes" ? FEWEST_WRITES : undefined),
    ),
    row("converge: calls of the Admin API per resource", managed / all.length, "calls"),
    row("converge: calls that Keycloak refused", refusedIn(calls), "calls", 0),
    row("converge: wall time, first create to last Ready", (lastActive - startedAt) / 1000, "s"),
    row("converge: CPU of the operator", cpuSeconds, "s"),
    row("converge: CPU of the operator per resource", (1000 * cpuSeconds) / all.length, "ms"),
    row("converge: writes to the API server per resource", entries.filter(isWrite).length / all.length, "writes"),
    row("converge: reads of the API server per resource", entries.filter(isRead).length / all.length, "reads"),
    row("converge: RSS, at rest", residentMiBOf(operator.pid), "MiB", 256),
    row("converge: RSS, peak", peakResidentMiBOf(operator.pid), "MiB"),
  ];
}
