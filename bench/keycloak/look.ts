import { pathOf, read } from "../../demo/environment.ts";
import { defaultProvider } from "../documents.ts";
import type { Row } from "../rows.ts";
import { type Entry, isWrite } from "../scale/audit.ts";
import type { OperatorProcess } from "../scale/operator-process.ts";
import { cpuSecondsOf } from "../scale/process-figures.ts";
import { atRest, NOTHING_TO_DO, until } from "../scale/rest.ts";
import { byEndpoint, countOf } from "./calls.ts";
import type { Stand } from "./stand.ts";

const PROVIDER = defaultProvider({});

/** The provider object says when it was read last. */
export const isOfProvider = ({ resource }: Entry): boolean => resource.startsWith("clusteridentityproviders");

/** All clients, and all client scopes. */
const LISTINGS = 2;

/** Requests a read of the whole realm, in which nothing differs from what is wanted. */
export async function measureLook(stand: Stand, operator: OperatorProcess): Promise<readonly Row[]> {
  const { audit, connection, row, sandbox, say } = stand;
  say("a read of the realm at rest …");
  await atRest(stand, operator, NOTHING_TO_DO);
  const [entriesFrom, callsFrom] = [audit.entries().length, sandbox.calls().length];
  const cpuBefore = cpuSecondsOf(operator.pid);
  const request = new Date().toISOString();
  const startedAt = performance.now();
  await connection.request({
    method: "PATCH",
    path: `${pathOf(PROVIDER)}/${PROVIDER.metadata.name}`,
    contentType: "application/merge-patch+json",
    body: { metadata: { annotations: { "m2m-operator.io/reconcile-requested-at": request } } },
  });
  await until(stand, "the realm is read", async () => {
    const provider = await read(connection, PROVIDER);
    return (provider?.status as { readonly lastHandledReconcileAt?: string }).lastHandledReconcileAt === request;
  });
  const seconds = (performance.now() - startedAt) / 1000;
  await atRest(stand, operator, NOTHING_TO_DO);
  const calls = sandbox.calls(callsFrom);
  const written = audit.entries().slice(entriesFrom).filter(isWrite);
  stand.keep("calls-look.jsonl", calls);
  return [
    ...byEndpoint(calls).map(([endpoint, count]) => row(`no-op look: calls ${endpoint}`, count, "calls")),
    row("no-op look: reads", countOf(calls, "listings", "other reads"), "calls", LISTINGS),
    row("no-op look: writes", countOf(calls, "writes"), "calls", 0),
    row(
      "no-op look: writes to the API server, the provider object aside",
      written.filter((entry) => !isOfProvider(entry)).length,
      "writes",
      0,
    ),
    row("no-op look: wall time", seconds, "s"),
    row("no-op look: CPU of the operator", cpuSecondsOf(operator.pid) - cpuBefore, "s"),
  ];
}
