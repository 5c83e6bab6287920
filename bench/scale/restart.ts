import type { Document } from "../../demo/environment.ts";
import type { Row } from "../rows.ts";
import { type Entry, isRead, isWrite } from "./audit.ts";
import { editApi, firstApi } from "./edits.ts";
import type { OperatorProcess } from "./operator-process.ts";
import { cpuSecondsOf, peakResidentMiBOf, residentMiBOf } from "./process-figures.ts";
import { atRest } from "./rest.ts";
import type { Stand } from "./stand.ts";

const isOfProvider = ({ resource }: Entry): boolean => resource.startsWith("clusteridentityproviders");

/**
 * Two restarts of a process that ended as Kubernetes ends it. In the first one nobody wants anything: what it costs until
 * nothing moves. In the second one somebody edits an API at once: until the tenant is asked for it, which is when the
 * operator serves.
 */
export async function measureRestart(
  stand: Stand,
  operator: OperatorProcess,
  documents: readonly Document[],
): Promise<{ readonly rows: readonly Row[]; readonly operator: OperatorProcess }> {
  const { audit, sandbox, row, say } = stand;
  await operator.stop();
  say("a restart, until nothing moves …");
  const from = audit.entries().length;
  const call = (await sandbox.calls(0)).at(-1)?.n ?? 0;
  const startedAt = performance.now();
  const idle = await stand.startOperator();
  const untilCaches = (performance.now() - startedAt) / 1000;
  let hasReadTenant = false;
  const reading = sandbox.calls(call).then(function look(calls): Promise<void> | undefined {
    hasReadTenant = calls.some(({ method }) => method === "GET");
    return hasReadTenant ? undefined : sandbox.calls(call).then(look);
  });
  const lastActive = await atRest(stand, idle, { isDone: () => hasReadTenant, far: () => "restarting" });
  await reading;
  const entries = audit.entries().slice(from);
  const calls = await sandbox.calls(call);
  const rows = [
    row("restart: until the caches are filled", untilCaches, "s"),
    row("restart: until at rest", (lastActive - startedAt) / 1000, "s"),
    row("restart: CPU until at rest", cpuSecondsOf(idle.pid), "s", 6),
    row(
      "restart: writes, the provider object aside",
      entries.filter((e) => isWrite(e) && !isOfProvider(e)).length,
      "writes",
      0,
    ),
    row(
      "restart: writes of the provider object",
      entries.filter((e) => isWrite(e) && isOfProvider(e)).length,
      "writes",
    ),
    row("restart: reads", entries.filter(isRead).length, "reads"),
    row("restart: lists", entries.filter(({ verb }) => verb === "list").length, "lists"),
    row("restart: reads of the tenant", calls.filter(({ method }) => method === "GET").length, "calls"),
    row("restart: writes at the tenant", calls.filter(isTenantWrite).length, "calls", 0),
    row("restart: RSS, at rest", residentMiBOf(idle.pid), "MiB", 256),
    row("restart: RSS, peak", peakResidentMiBOf(idle.pid), "MiB"),
  ];
  await idle.stop();
  say("a restart, with an edit at once …");
  const againAt = performance.now();
  const [next, { untilPatch, untilReady }] = await Promise.all([
    stand.startOperator(),
    editApi(stand, firstApi(documents), "Renamed while it restarted", againAt),
  ]);
  const served = [
    row("restart: until it serves an edit", untilPatch, "s", 10),
    row("restart: until that edit is Ready", untilReady, "s"),
  ];
  return { operator: next, rows: [...served, ...rows] };
}

const isTenantWrite = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
  method !== "GET" && path.startsWith("/api/");
