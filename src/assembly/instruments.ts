import { type Condition, conditionOf } from "../controller/conditions.ts";
import { keyOfObject, type ObjectKey } from "../controller/object-key.ts";
import type { PassResult } from "../controller/result.ts";
import { WORK_CLASSES } from "../work/order.ts";
import type { QueueOptions, WorkQueue } from "../controller/work-queue.ts";
import { orphansAt } from "../kinds/identity-provider/orphans.ts";
import type { KindContext } from "../kinds/kind-context.ts";
import type { WatchState } from "../kube/reflector.ts";
import type { Resource } from "../ports/resource.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Caches } from "./caches.ts";
import type { GovernedFactory } from "./provider-factory.ts";

/** Passes after which only a change brings the key back. */
const ENDED: ReadonlySet<PassResult["kind"]> = new Set(["done", "paused", "gone"]);

/** One pass, under controller-runtime's words for its result. */
export function recordPass(
  metrics: Metrics,
  { kind: controller }: ObjectKey,
  result: PassResult,
  seconds: number,
): void {
  const isError = result.kind === "backoff";
  const word = isError ? "error" : ENDED.has(result.kind) ? "success" : "requeue_after";
  metrics.reconcileTotal.inc({ controller, result: word });
  metrics.reconcileSeconds.observe({ controller }, seconds);
  if (isError) metrics.reconcileErrors.inc({ controller });
}

const QUEUE = { name: "m2m", controller: "m2m" };

export function queueHooks(metrics: Metrics): Omit<QueueOptions, "laneOf"> {
  return {
    onAdd: () => {
      metrics.queueAdds.inc(QUEUE);
    },
    onStart: (waitedMs: number) => {
      metrics.queueSeconds.observe(QUEUE, waitedMs / 1000);
    },
    onRetry: () => {
      metrics.queueRetries.inc(QUEUE);
    },
  };
}

/** Takes what becomes of one watch of a resource, which is counted under its present state until it ends. */
export function watchState({ watches }: Pick<Metrics, "watches">, resource: string): (state: WatchState) => void {
  let current: WatchState = "ended";
  return (state) => {
    if (current !== "ended") watches.dec({ resource, state: current });
    if (state !== "ended") watches.inc({ resource, state });
    current = state;
  };
}

/**
 * What is only worth reading when somebody asks: `collect` runs before the metric is written, and begins with an empty one.
 * One that throws takes all metrics of the process away.
 */
function onScrape(metric: { reset(): void }, collect: () => void): void {
  const fromScratch = (): void => {
    metric.reset();
    collect();
  };
  Object.assign(metric, { collect: fromScratch });
}

const secondsSince = (time: string | undefined, now: Date): number =>
  time === undefined ? 0 : Math.max(0, (now.getTime() - Date.parse(time)) / 1000);

/** Whether this process works on an object: another shows it otherwise. */
export type IsOurs = (key: ObjectKey) => boolean;

/** Values for the alerts about rotation: ages and delays from status, and the Pods that a rotation waits for. */
function collectRotations(metrics: Metrics, caches: Caches, { resources, now }: KindContext, isOurs: IsOurs): void {
  const { credentialAge, rotationOverdue, retiringWaiting } = metrics;
  // A status can only be proven by a process that has work: one that waits for a Lease has none.
  const clients = () =>
    caches.m2mClients
      .list()
      .filter((client) => isOurs(keyOfObject(client)))
      .flatMap(({ metadata }) => resources.m2mClients.get(metadata.namespace ?? "", metadata.name) ?? []);
  onScrape(credentialAge, () => {
    for (const { metadata, status } of clients()) {
      const current = status?.credentials?.find(({ state }) => state === "Current");
      if (current !== undefined) credentialAge.set(labelsOf(metadata), secondsSince(current.createdAt, now()));
    }
  });
  onScrape(rotationOverdue, () => {
    for (const { metadata, status } of clients())
      if (status?.nextRotationAt !== undefined)
        rotationOverdue.set(labelsOf(metadata), secondsSince(status.nextRotationAt, now()));
  });
  onScrape(retiringWaiting, () => {
    for (const { metadata, status } of clients())
      for (const pod of status?.waitingForPods ?? []) retiringWaiting.set({ ...labelsOf(metadata), pod }, 1);
  });
}

const labelsOf = ({ namespace = "", name }: { readonly namespace?: string; readonly name: string }) => ({
  namespace,
  name,
});

export interface GaugeSources {
  readonly caches: Caches;
  readonly queue: Pick<WorkQueue, "depth">;
  readonly factory: GovernedFactory;
  readonly context: KindContext;
  readonly isOurs: IsOurs;
}

export function collectGauges(metrics: Metrics, { caches, queue, factory, context, isOurs }: GaugeSources): void {
  const { queueDepth, oldestReadAge, unreadable } = metrics;
  onScrape(queueDepth, () => {
    for (const priority of WORK_CLASSES) queueDepth.set({ ...QUEUE, priority }, queue.depth(priority));
  });
  onScrape(oldestReadAge, () => {
    for (const { connection } of context.connections.list()) {
      const readAt = connection.provider.oldestReadAt();
      if (readAt === undefined) continue;
      oldestReadAge.set({ tenant: connection.provider.tenant }, (context.now().getTime() - readAt.getTime()) / 1000);
    }
  });
  onScrape(unreadable, () => {
    for (const { connection } of context.connections.list())
      unreadable.inc({ tenant: connection.provider.tenant }, connection.provider.unreadable().length);
  });
  collectOrphans(metrics, context);
  collectGovernors(metrics, factory);
  collectRotations(metrics, caches, context, isOurs);
  collectReadiness(metrics, caches, isOurs);
}

/** Of several provider objects of one tenant, the one that sees most. */
function collectOrphans({ tenantOrphans }: Metrics, context: KindContext): void {
  onScrape(tenantOrphans, () => {
    const most = new Map<string, number>();
    for (const { connection } of context.connections.list()) {
      const { tenant } = connection.provider;
      const count = orphansAt(context, connection.provider)?.members.length ?? 0;
      most.set(tenant, Math.max(count, most.get(tenant) ?? 0));
    }
    for (const [tenant, count] of most) tenantOrphans.set({ tenant }, count);
  });
}

/** Credentials of one tenant are shown as one: what waits is added up, of what is allowed the least counts. */
function collectGovernors(metrics: Metrics, factory: GovernedFactory): void {
  const { governorWaiting, governorThrottled, governorRate, governorTokens } = metrics;
  onScrape(governorWaiting, () => {
    for (const { tenant, governor } of factory.governors())
      for (const [name, count] of Object.entries(governor.stats().waiting))
        governorWaiting.inc({ tenant, class: name }, count);
  });
  onScrape(governorThrottled, () => {
    for (const { tenant, governor } of factory.governors())
      governorThrottled.inc({ tenant }, governor.stats().throttled);
  });
  onScrape(governorRate, () => {
    for (const [labels, { ratePerSecond }] of leastOf(factory)) governorRate.set(labels, ratePerSecond);
  });
  onScrape(governorTokens, () => {
    for (const [labels, { tokens }] of leastOf(factory)) governorTokens.set(labels, tokens);
  });
}

type BucketStats = ReturnType<ReturnType<GovernedFactory["governors"]>[number]["governor"]["stats"]>["buckets"][number];

/** Of each limit of each tenant the state with the lowest rate. */
function leastOf(factory: GovernedFactory): Iterable<[labels: { tenant: string; bucket: string }, stats: BucketStats]> {
  const least = new Map<string, [labels: { tenant: string; bucket: string }, stats: BucketStats]>();
  for (const { tenant, governor } of factory.governors())
    for (const stats of governor.stats().buckets) {
      const key = `${tenant} ${stats.name}`;
      const known = least.get(key)?.[1].ratePerSecond ?? Number.POSITIVE_INFINITY;
      if (stats.ratePerSecond < known) least.set(key, [{ tenant, bucket: stats.name }, stats]);
    }
  return least.values();
}

type Judged = Resource<unknown, { readonly conditions?: readonly Condition[] | undefined }>;

/** Read from the caches when somebody asks, so that a pass pays nothing and what is gone is no longer shown. */
function collectReadiness(metrics: Metrics, caches: Caches, isOurs: IsOurs): void {
  const { clusterIdentityProviders, identityProviders, oAuthApis, m2mClients, scopeGrants } = caches;
  const stores = [clusterIdentityProviders, identityProviders, oAuthApis, m2mClients, scopeGrants];
  onScrape(metrics.resourceReady, () => {
    for (const store of stores)
      for (const resource of store.list()) if (isOurs(keyOfObject(resource))) tellReadiness(metrics, resource);
  });
}

function tellReadiness({ resourceReady }: Metrics, { kind = "", metadata, status }: Judged): void {
  const ready = conditionOf(status?.conditions, "Ready");
  const labels = { kind, namespace: metadata.namespace ?? "", name: metadata.name, reason: ready?.reason ?? "Pending" };
  resourceReady.set(labels, ready?.status === "True" ? 1 : 0);
}
