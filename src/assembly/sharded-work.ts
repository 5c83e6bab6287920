import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { keyOfObject, type ObjectKey } from "../controller/object-key.ts";
import { createWorkQueue } from "../controller/work-queue.ts";
import type { KindContext } from "../kinds/kind-context.ts";
import type { KubeObject } from "../kube/store.ts";
import type { Clock } from "../ports/clock.ts";
import type { Resource } from "../ports/resource.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { WorkClass } from "../work/order.ts";
import type { Caches } from "./caches.ts";
import { doubtAfter } from "./doubt.ts";
import { wireForgetting } from "./forgetting.ts";
import { releaseLeftBehind } from "./held-credentials.ts";
import { collectGauges, queueHooks } from "./instruments.ts";
import { queueLaneOf } from "./lanes.ts";
import type { GovernedFactory } from "./provider-factory.ts";
import { FIRST_SHARD, type ShardOf } from "./shard-of.ts";
import { createShards, type Shards } from "./shards.ts";
import { type Judged, urgencyAtStart } from "./urgency.ts";
import { startWorkers } from "./workers.ts";

export interface ShardedWorkParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly caches: Caches;
  readonly context: KindContext;
  readonly factory: GovernedFactory;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly shardOf: ShardOf;
}

/** The work of this process, shard by shard: queues, workers, what is remembered, and what metrics show of it. */
export function createShardedWork(parts: ShardedWorkParts): Shards {
  const { config, clock, caches, context, factory, metrics, log, shardOf } = parts;
  const isOurs = (key: ObjectKey): boolean => shards.isWorkedOn(shardOf.object(key));
  const release = releaseLeftBehind(context, caches, () => shards.isWorkedOn(FIRST_SHARD), log);
  const shards: Shards = createShards({
    count: config.shards,
    shardOf: (key) => shardOf.object(key),
    newQueue: () => createWorkQueue(clock, { ...queueHooks(metrics), laneOf: (key) => queueLaneOf(caches, key) }),
    startWorkers: (shard, queue) => {
      if (shard === FIRST_SHARD) release();
      return startWorkers({
        ...{ config, clock, queue, metrics, log },
        providers: providersIn(caches)
          .map(keyOfObject)
          .filter((key) => shardOf.object(key) === shard),
        context: { ...context, settings: { ...context.settings, startedAt: clock.now() } },
        isOurs: (key) => shardOf.object(key) === shard,
        onMoved: (key) => {
          const resource = isOurs(key) ? undefined : resourceOf(caches, key);
          if (resource !== undefined) forgetting.withOutputs(resource);
        },
        onPass: (key, result) => {
          const { connections, now } = context;
          const enqueue = (other: ObjectKey, workClass: WorkClass): void => {
            shards.enqueue(other, workClass);
          };
          doubtAfter({ caches, connections, enqueue, now }, key, result);
        },
      });
    },
    objectsOf: (shard) =>
      objectsOf(shard).map((resource) => ({ key: keyOfObject(resource), workClass: urgencyAtStart(resource) })),
    leave: (shard) => {
      for (const resource of objectsOf(shard)) {
        forgetting.withOutputs(resource);
        const { kind, metadata } = resource;
        const { namespace = "", name } = metadata;
        if (kind === "M2MClient") context.pods?.unwatch(namespace, `${namespace}/${name}`);
      }
    },
    wait: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
  });
  const objectsOf = (shard: number): readonly Stored[] =>
    objectsIn(caches).filter((resource) => shardOf.object(keyOfObject(resource)) === shard);
  const forgetting = wireForgetting({ caches, context, queue: shards, metrics });
  collectGauges(metrics, { caches, queue: shards, factory, context, isOurs });
  return shards;
}

type Stored = Resource & Judged & KubeObject;

interface ResourceStore {
  get(namespace: string, name: string): Stored | undefined;
  list(): readonly Stored[];
}

const storesOf = (caches: Caches): Readonly<Record<string, ResourceStore>> => ({
  ClusterIdentityProvider: caches.clusterIdentityProviders,
  IdentityProvider: caches.identityProviders,
  OAuthApi: caches.oAuthApis,
  M2MClient: caches.m2mClients,
  ScopeGrant: caches.scopeGrants,
});

const providersIn = ({ clusterIdentityProviders, identityProviders }: Caches): readonly Resource[] => [
  ...clusterIdentityProviders.list(),
  ...identityProviders.list(),
];

const objectsIn = (caches: Caches): readonly Stored[] =>
  Object.values(storesOf(caches)).flatMap((store) => store.list());

const resourceOf = (caches: Caches, { kind, namespace, name }: ObjectKey): Resource | undefined =>
  storesOf(caches)[kind]?.get(namespace, name);
