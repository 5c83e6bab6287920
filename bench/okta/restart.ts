import type { Row } from "../rows.ts";
import { countOf, readsIn, refusedIn } from "./calls.ts";
import { pagesIn } from "./cases.ts";
import { lookAtEverything } from "./look.ts";
import { atRest, type Stand, until } from "./stand.ts";
import { isProvider, readVersions, writtenBetween } from "./versions.ts";

/**
 * A fresh process knows nothing but what status and Secrets say. Conditions stay as they are meanwhile, so that its
 * metrics tell how far it is: the provider serves once its first pass has ended, which puts everything that needs it into
 * the queue, and everything is served once the queue is empty again.
 */
export async function measureRestart(stand: Stand): Promise<readonly Row[]> {
  const { environment, size, row } = stand;
  const { connection, sandbox } = environment;
  const before = await readVersions(connection);
  sandbox.calls.clear();
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1000;
  holdReadsOfServers(stand);
  await environment.restartOperator();
  await until("the provider's first pass", async () => (await providerPasses(stand)) > 0, 10);
  const reads = readsIn(sandbox.calls.since(0));
  sandbox.faults.clear();
  const untilProvider = elapsed();
  await until("the queue is empty", async () => (await stand.metrics())("workqueue_depth") === 0, 10);
  const untilAll = elapsed();
  const writtenAtOnce = writtenBetween(before, await readVersions(connection));
  if (size.isSweptAfterRestart) {
    await lookAtEverything(stand);
    await atRest(stand);
  }
  const calls = stand.calls("restart");
  const written = writtenBetween(before, await readVersions(connection)).filter((key) => !isProvider(key));
  stand.keep("written-restart", written);
  const part = size.isSweptAfterRestart ? "after the sweep" : "before the sweep is through";
  return [
    row("restart: reads until the provider is Ready", reads, "calls", pagesIn(size)),
    row("restart: tokens", countOf(calls, "tokens"), "calls", 0),
    row("restart: 429 answers", refusedIn(calls), "calls", 0),
    row("restart: wall time until the provider is Ready", untilProvider, "s"),
    row("restart: wall time until every object was looked at", untilAll, "s", 20),
    row("restart: resources and Secrets written at once", writtenAtOnce.length, "objects", 0),
    row(`restart: reads, ${part}`, readsIn(calls), "calls"),
    row(`restart: metadata documents and keys, ${part}`, countOf(calls, "metadata documents and keys"), "calls"),
    row(`restart: writes, ${part}`, countOf(calls, "writes"), "calls", 0),
    row(`restart: resources and Secrets written, ${part}`, written.length, "objects", 0),
  ];
}

const HELD_MS = 3000;

/** A call is logged once it is answered: one of the sweep does not count among those that the provider waited for. */
function holdReadsOfServers({ environment: { sandbox } }: Stand): void {
  const path = "^/api/v1/authorizationServers/.+";
  sandbox.faults.add({ tenant: "okta", method: "GET", path, times: 1_000_000, effect: { latencyMs: HELD_MS } });
}

const providerPasses = async (stand: Stand): Promise<number> =>
  (await stand.metrics())("controller_runtime_reconcile_total", 'controller="ClusterIdentityProvider"') ?? 0;
