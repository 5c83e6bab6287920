import { pathOf } from "../../demo/environment.ts";
import type { Row } from "../rows.ts";
import { bottleneckOf, busiestMinutePercent, countOf, readsIn, refusedIn } from "./calls.ts";
import { fewestReadsOfLook } from "./cases.ts";
import { providerOf } from "./documents.ts";
import { atRest, type Stand, until } from "./stand.ts";
import { isProvider, readVersions, writtenBetween } from "./versions.ts";

/** Requests a refresh of the whole org and waits until the oldest answer is younger than the request. */
export async function lookAtEverything(stand: Stand): Promise<void> {
  const { environment, size, metrics } = stand;
  const provider = providerOf(environment.sandbox, size);
  const requestedAt = new Date();
  const annotations = { "m2m-operator.io/reconcile-requested-at": requestedAt.toISOString() };
  await environment.connection.request({
    method: "PATCH",
    path: `${pathOf(provider)}/${provider.metadata.name}`,
    contentType: "application/merge-patch+json",
    body: { metadata: { annotations } },
  });
  await until(
    "the look at the whole org is through",
    async () => {
      const age = (await metrics())("m2m_operator_oldest_read_age_seconds");
      return age !== undefined && Date.now() - age * 1000 >= requestedAt.getTime();
    },
    250,
  );
}

/** As much is left for work that somebody waits for. */
const SWEEP_PERCENT = 50;

/** Nothing differs from what is wanted. */
export async function measureLook(stand: Stand): Promise<readonly Row[]> {
  const { environment, size, row } = stand;
  const before = await readVersions(environment.connection);
  environment.sandbox.calls.clear();
  const startedAt = performance.now();
  await lookAtEverything(stand);
  const seconds = (performance.now() - startedAt) / 1000;
  await atRest(stand);
  const calls = stand.calls("no-op");
  const written = writtenBetween(before, await readVersions(environment.connection)).filter((key) => !isProvider(key));
  stand.keep("written-no-op", written);
  const bottleneck = bottleneckOf(size.plan, calls);
  return [
    row("no-op look: reads", readsIn(calls), "calls", fewestReadsOfLook(size)),
    row("no-op look: writes", countOf(calls, "writes"), "calls", 0),
    row("no-op look: tokens", countOf(calls, "tokens"), "calls", 0),
    row("no-op look: 429 answers", refusedIn(calls), "calls", 0),
    row("no-op look: resources and Secrets written", written.length, "objects", 0),
    row("no-op look: wall time", seconds, "s"),
    ...(bottleneck === undefined
      ? []
      : [
          row(
            `no-op look: share of the allowed rate in the busiest minute, ${bottleneck.bucket}`,
            busiestMinutePercent(bottleneck),
            "%",
            SWEEP_PERCENT,
          ),
        ]),
  ];
}
