import { apply, waitReady } from "../../demo/environment.ts";
import type { Row } from "../rows.ts";
import { CALL_KINDS, type CallKind } from "../call-kinds.ts";
import { bottleneckOf, byEndpoint, countOf, isManagement, refusedIn, usedPercent } from "./calls.ts";
import { fewestWrites, pagesIn, READS_OF_DEFAULT_SERVER } from "./cases.ts";
import { documents, NAMESPACE, providerOf } from "./documents.ts";
import { atRest, type Stand } from "./stand.ts";

const READY_MS = 10 * 60_000;

/** Everything is applied; the time begins when the provider is. */
export async function measureConvergence(stand: Stand): Promise<readonly Row[]> {
  const { environment, size } = stand;
  const { connection, sandbox } = environment;
  const resources = documents(size);
  for (const document of [NAMESPACE, ...resources]) await apply(connection, document);
  sandbox.calls.clear();
  const startedAt = performance.now();
  await apply(connection, providerOf(sandbox, size));
  for (const document of resources) await waitReady(connection, document, READY_MS);
  const seconds = (performance.now() - startedAt) / 1000;
  await atRest(stand);
  return rowsOf(stand, seconds);
}

function rowsOf(stand: Stand, seconds: number): readonly Row[] {
  const { size, row } = stand;
  const calls = stand.calls("converge");
  const bounds: Partial<Record<CallKind, number>> = {
    writes: fewestWrites(size),
    listings: pagesIn(size),
    "other reads": READS_OF_DEFAULT_SERVER,
  };
  const bottleneck = bottleneckOf(size.plan, calls);
  const used = bottleneck === undefined ? undefined : usedPercent(bottleneck);
  const fewestSeconds = bottleneck === undefined ? undefined : (60 * bottleneck.calls.length) / bottleneck.perMinute;
  return [
    ...byEndpoint(calls.filter(isManagement)).map(([endpoint, count]) =>
      row(`converge: calls ${endpoint}`, count, "calls"),
    ),
    ...CALL_KINDS.map((kind) => row(`converge: ${kind}`, countOf(calls, kind), "calls", bounds[kind])),
    row("converge: 429 answers", refusedIn(calls), "calls", 0),
    row("converge: wall time", seconds, "s", fewestSeconds),
    ...(bottleneck === undefined || used === undefined
      ? []
      : [row(`converge: share of the allowed rate used, ${bottleneck.bucket}`, used, "%", 95)]),
  ];
}
