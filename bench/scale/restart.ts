import { setTimeout as delay } from "node:timers/promises";
import type { Document } from "../../demo/environment.ts";
import type { Call } from "../../sandbox/call-log.ts";
import type { Row } from "../rows.ts";
import { type Entry, isRead, isWrite } from "./audit.ts";
import { editApi, firstApi } from "./edits.ts";
import type { OperatorProcess } from "./operator-process.ts";
import { cpuSecondsOf, peakResidentMiBOf, residentMiBOf } from "./process-figures.ts";
import { atRest, IDLE_MS, NOTHING_TO_DO, until } from "./rest.ts";
import type { Stand } from "./stand.ts";

const isOfProvider = ({ resource }: Entry): boolean => resource.startsWith("clusteridentityproviders");

/**
 * Two restarts of a process that ended as Kubernetes ends it. In the first one nobody wants anything: what it costs until
 * nothing moves. In the second one somebody edits an API at once: until the tenant gets the request, which is when the
 * operator serves. Resolves with the process that runs last.
 */
export async function measureRestart(
  stand: Stand,
  operator: OperatorProcess,
  documents: readonly Document[],
): Promise<{ readonly rows: readonly Row[]; readonly operator: OperatorProcess }> {
  const { row, say } = stand;
  await operator.stop();
  say("a restart, until nothing moves …");
  const idle = await restartIdle(stand);
  await idle.operator.stop();
  say("a restart, with an edit at once …");
  const startedAt = performance.now();
  const [next, { untilPatch, untilReady }] = await Promise.all([
    stand.startOperator(),
    editApi(stand, firstApi(documents), "Renamed while it restarted", startedAt),
  ]);
  const served = [
    row("restart: until it serves an edit", untilPatch, "s", 10),
    row("restart: until that edit is Ready", untilReady, "s"),
  ];
  return { operator: next, rows: [...served, ...idle.rows] };
}

async function restartIdle(
  stand: Stand,
): Promise<{ readonly rows: readonly Row[]; readonly operator: OperatorProcess }> {
  const { audit, sandbox, row } = stand;
  const from = audit.entries().length;
  const call = (await sandbox.calls(0)).at(-1)?.n ?? 0;
  const startedAt = performance.now();
  const operator = await stand.startOperator();
  const untilCaches = (performance.now() - startedAt) / 1000;
  // Before that it has not begun: it may only wait for the Lease.
  await until(stand, "the tenant is read", async () => (await sandbox.calls(call)).some(isTenantRead));
  const lastActive = await atRest(stand, operator, NOTHING_TO_DO);
  const cpuSeconds = cpuSecondsOf(operator.pid);
  const calls = await sandbox.calls(call);
  await delay(IDLE_MS);
  return {
    operator,
    rows: [
      row("restart: until the caches are filled", untilCaches, "s"),
      row("restart: until at rest", (lastActive - startedAt) / 1000, "s"),
      row("restart: CPU until at rest", cpuSeconds, "s", 6),
      ...requestsOfRestart(stand, audit.entries().slice(from)),
      row("restart: reads of the tenant", calls.filter(isTenantRead).length, "calls"),
      row("restart: writes at the tenant", calls.filter(isTenantWrite).length, "calls", 0),
      row("restart: RSS, at rest", residentMiBOf(operator.pid), "MiB", 256),
      row("restart: RSS, peak", peakResidentMiBOf(operator.pid), "MiB"),
    ],
  };
}

function requestsOfRestart({ row }: Stand, entries: readonly Entry[]): readonly Row[] {
  const writes = entries.filter(isWrite);
  const ofProvider = writes.filter(isOfProvider);
  return [
    row("restart: writes, the provider object aside", writes.length - ofProvider.length, "writes", 0),
    row("restart: writes of the provider object", ofProvider.length, "writes"),
    row("restart: reads", entries.filter(isRead).length, "reads", 10),
    row("restart: lists", entries.filter(({ verb }) => verb === "list").length, "lists"),
  ];
}

const isTenantRead = ({ method }: Call): boolean => method === "GET";

const isTenantWrite = ({ method, path }: Call): boolean => method !== "GET" && path.startsWith("/api/");
