import { createHmac, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { type Controller, startController } from "../controller/controller.ts";
import type { ObjectKey } from "../controller/object-key.ts";
import { type Kind, reconcile } from "../controller/reconcile.ts";
import { type WORK_CLASSES } from "../work/order.ts";
import { createWorkQueue, type WorkQueue } from "../controller/work-queue.ts";
import { clusterIdentityProviderKind, identityProviderKind } from "../kinds/identity-provider/index.ts";
import type { KindContext } from "../kinds/kind-context.ts";
import { m2mClientKind } from "../kinds/m2m-client/index.ts";
import { oAuthApiKind } from "../kinds/oauth-api/index.ts";
import { KINDS } from "../kinds/registry.ts";
import { scopeGrantKind } from "../kinds/scope-grant/index.ts";
import { connect } from "../kube/connection.ts";
import { acquireLease, type HeldLease } from "../kube/lease.ts";
import type { Clock } from "../ports/clock.ts";
import { serveHttp } from "../telemetry/http.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { createCaches, haveSynced } from "./caches.ts";
import { createContext } from "./context.ts";
import { collectGauges, collectReadiness, forgetGoneClients, queueHooks, recordPass } from "./instruments.ts";
import { laneOf } from "./lanes.ts";
import { createProviderFactory } from "./provider-factory.ts";
import { wireTriggers } from "./triggers.ts";
import { watchScopeOf } from "./watch-scope.ts";
import { runWatches } from "./watches.ts";

export interface RunningOperator {
  readonly metricsPort: number;
  /** Resolves when the operator ended by itself: the lease was lost. */
  readonly ended: Promise<"leaseLost">;
  /** Takes no more work, waits for what was begun, gives the lease away. */
  stop(): Promise<void>;
}

const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, Math.min(ms, 2_147_483_647));
    return () => {
      clearTimeout(timer);
    };
  },
  random: () => Math.random(),
};

/** http, then caches, then the lease, then workers. */
export async function startOperator(config: Config, log: Logger): Promise<RunningOperator> {
  const clock = systemClock;
  const metrics = createMetrics(KINDS.map(({ kind }) => kind));
  const stopping = new AbortController();
  const connection = connect({
    ...(config.kubeconfig === undefined ? {} : { kubeconfig: config.kubeconfig }),
    timeoutMs: 15_000,
    onRequest: (method, host, code) => {
      metrics.kubeRequests.inc({ method, host, code: String(code) });
    },
  });
  metrics.leader.set({ name: config.leaseName }, 0);
  const caches = createCaches(config.namespace, log);
  let lease: HeldLease | undefined;
  const http = await serveHttp(config.httpAddress, metrics.registry, {
    unhealthy: () =>
      lease !== undefined && lease.sinceRenewalMs() > 20_000 ? "the lease is not being renewed" : undefined,
    unready: () => (haveSynced(caches) ? undefined : "the caches are not filled yet"),
  });
  const queue = createWorkQueue(clock, { ...queueHooks(metrics), laneOf: (key) => laneOf(caches, key) });
  let hasStarted = false;
  const enqueue = (key: ObjectKey, workClass: (typeof WORK_CLASSES)[number]): void => {
    queue.add(key, workClass);
  };
  wireTriggers(caches, enqueue, () => hasStarted);
  const fingerprintKey = randomBytes(32);
  const fingerprint = (value: string): string => createHmac("sha256", fingerprintKey).update(value).digest("hex");
  const factory = createProviderFactory({ config, clock, metrics, fingerprint });
  const context = createContext({
    ...{ config, clock, connection, caches, factory, fingerprint, enqueue, log, metrics },
    signal: stopping.signal,
  });
  collectGauges(metrics, queue, factory, context);
  forgetGoneClients(metrics, caches);
  const scope = watchScopeOf(config);
  void runWatches({ connection, caches, scope, random: () => clock.random(), log }, stopping.signal);
  await until(() => haveSynced(caches), stopping.signal);
  hasStarted = true;
  log.info({ instance: config.instanceId, port: http.port }, "caches are filled");

  let controller: Controller | undefined;
  const ended = (async (): Promise<"leaseLost"> => {
    if (config.leaderElection) {
      const identity = `${hostname()}_${randomBytes(8).toString("hex")}`;
      const options = { connection, namespace: config.namespace, name: config.leaseName, identity, log };
      lease = await acquireLease(options, stopping.signal);
      if (lease === undefined) return new Promise(() => undefined);
    }
    metrics.leader.set({ name: config.leaseName }, 1);
    collectReadiness(metrics, caches);
    controller = startWorkers(config, clock, queue, context, metrics, log);
    return new Promise((resolve) => {
      lease?.lost.addEventListener("abort", () => {
        resolve("leaseLost");
      });
    });
  })();
  return {
    metricsPort: http.port,
    ended,
    stop: async () => {
      await controller?.drain(config.drainMs);
      for (const { uid } of context.connections.list()) context.connections.remove(uid);
      await lease?.release();
      stopping.abort();
      await http.close();
      await connection.close();
    },
  };
}

function startWorkers(
  config: Config,
  clock: Clock,
  queue: WorkQueue,
  context: KindContext,
  metrics: Metrics,
  log: Logger,
): Controller {
  const kinds: Readonly<Record<string, Kind<never, never, never, { readonly type: string }>>> = {
    ClusterIdentityProvider: clusterIdentityProviderKind(context) as never,
    IdentityProvider: identityProviderKind(context) as never,
    OAuthApi: oAuthApiKind(context) as never,
    M2MClient: m2mClientKind(context) as never,
    ScopeGrant: scopeGrantKind(context) as never,
  };
  for (const { kind } of KINDS) metrics.maxWorkers.set({ controller: kind }, config.concurrency);
  return startController({
    queue,
    clock,
    concurrency: config.concurrency,
    deadlineMs: 10 * 60_000,
    reconcileKey: async (key, lostRaces) => {
      const kind = kinds[key.kind];
      if (kind === undefined) return { kind: "done" };
      const onAction = (action: { readonly type: string }): void => {
        metrics.actions.inc({ controller: key.kind, action: action.type });
        if (action.type.startsWith("abandon")) metrics.orphaned.inc({ kind: key.kind });
        log.debug({ ...key, action: action.type }, "action");
      };
      return reconcile(kind, key, clock, { lostRaces, onAction });
    },
    onLostRace: (key, count) => {
      metrics.lostRaces.inc({ controller: key.kind });
      if (count === 3) log.warn(key, "what was read of an object is out of date again and again");
    },
    onResult: (key, result, seconds) => {
      recordPass(metrics, key, result, seconds);
      if (result.kind === "backoff" && result.isLostRace !== true)
        log.warn({ ...key, reason: result.reason, error: result.error }, "failed, will try again");
      if (result.kind === "stalled") log.warn({ ...key, reason: result.reason, detail: result.message }, "stalled");
    },
    onActive: ({ kind: controller }, change) => {
      metrics.activeWorkers.inc({ controller }, change);
    },
    onPanic: (key, error) => {
      metrics.reconcilePanics.inc({ controller: key.kind });
      log.error({ ...key, error }, "a pass threw");
    },
  });
}

async function until(condition: () => boolean, signal: AbortSignal): Promise<void> {
  while (!condition() && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20));
}
