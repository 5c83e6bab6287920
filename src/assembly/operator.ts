import { createHash, createHmac, randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { type Controller, startController } from "../controller/controller.ts";
import type { ObjectKey } from "../controller/object-key.ts";
import { type Kind, reconcile } from "../controller/reconcile.ts";
import type { ReconcileResult } from "../controller/result.ts";
import { WORK_CLASSES } from "../controller/work-order.ts";
import { createWorkQueue } from "../controller/work-queue.ts";
import { clusterIdentityProviderKind, identityProviderKind } from "../kinds/identity-provider/index.ts";
import type { KindContext } from "../kinds/kind-context.ts";
import { m2mClientKind } from "../kinds/m2m-client/index.ts";
import { oAuthApiKind } from "../kinds/oauth-api/index.ts";
import { KINDS } from "../kinds/registry.ts";
import { scopeGrantKind } from "../kinds/scope-grant/index.ts";
import { type Connection, connect } from "../kube/connection.ts";
import { createEventRecorder } from "../kube/events.ts";
import { acquireLease, type HeldLease } from "../kube/lease.ts";
import { createObjectClient } from "../kube/objects.ts";
import type { Clock } from "../ports/clock.ts";
import type { Namespaces } from "../ports/cluster.ts";
import { serveHttp } from "../telemetry/http.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { createConnections } from "../tenant/connections.ts";
import { type Caches, createCaches, createResourceClients, haveSynced, runCaches } from "./caches.ts";
import { createProviderFactory, type GovernedFactory } from "./provider-factory.ts";
import { dependentsOf, enqueueDrift, wireTriggers } from "./triggers.ts";

export interface RunningOperator {
  readonly metricsPort: number;
  /** Resolves when the operator ended by itself: the lease was lost. */
  readonly ended: Promise<"leaseLost">;
  /** Takes no more work, waits for what was begun, gives the lease away. */
  stop(): Promise<void>;
}

const systemClock: Clock = {
  now: () => new Date(),
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
  const caches = createCaches(config.namespace, log);
  let lease: HeldLease | undefined;
  const http = await serveHttp(config.httpAddress, metrics.registry, {
    unhealthy: () =>
      lease !== undefined && lease.sinceRenewalMs() > 20_000 ? "the lease is not being renewed" : undefined,
    unready: () => (haveSynced(caches) ? undefined : "the caches are not filled yet"),
  });
  const queue = createWorkQueue(clock, queueHooks(metrics));
  let hasStarted = false;
  const enqueue = (key: ObjectKey, workClass: (typeof WORK_CLASSES)[number]): void => {
    queue.add(key, workClass);
  };
  wireTriggers(caches, enqueue, () => hasStarted);
  const fingerprintKey = randomBytes(32);
  const fingerprint = (value: string): string => createHmac("sha256", fingerprintKey).update(value).digest("hex");
  const factory = createProviderFactory({ config, clock, metrics, fingerprint });
  const context = createContext({ config, clock, connection, caches, factory, fingerprint, enqueue, log });
  collectGauges(metrics, queue, factory, context);
  void runCaches(connection, caches, log, () => clock.random(), stopping.signal);
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

interface ContextParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly connection: Connection;
  readonly caches: Caches;
  readonly factory: GovernedFactory;
  readonly fingerprint: (value: string) => string;
  readonly enqueue: Parameters<typeof enqueueDrift>[1];
  readonly log: Logger;
}

function createContext(parts: ContextParts): KindContext {
  const { config, clock, connection, caches, factory, fingerprint, enqueue, log } = parts;
  return {
    resources: createResourceClients(connection, caches),
    secrets: createObjectClient(connection, "Secret", caches.secrets),
    configMaps: createObjectClient(connection, "ConfigMap", caches.configMaps),
    namespaces: namespacesOf(caches),
    events: createEventRecorder({ connection, instance: config.instanceId, log }),
    connections: createConnections(),
    providers: factory,
    onConnected: (_resource, provider) => {
      provider.onDrift((drift) => {
        enqueueDrift(caches, enqueue, drift);
      });
    },
    onUsable: (resource) => {
      for (const dependent of dependentsOf(caches, resource))
        enqueue(
          { kind: dependent.kind ?? "", namespace: dependent.metadata.namespace ?? "", name: dependent.metadata.name },
          "resync",
        );
    },
    memory: { outputs: new Map(), states: new Map(), verifications: new Map() },
    settings: {
      instanceId: config.instanceId,
      startedAt: clock.now(),
      operatorNamespace: config.namespace,
      createTiming: { providerTimeoutMs: config.providerTimeoutMs, settleMs: config.settleMs },
      orphanAfterMs: config.orphanAfterMs,
    },
    nonce: () => randomBytes(8).toString("hex"),
    fingerprint,
    sha256: (text) => createHash("sha256").update(text).digest("hex"),
    now: () => clock.now(),
  };
}

function namespacesOf(caches: Caches): Namespaces {
  const factsOf = ({
    metadata,
  }: {
    metadata: { name: string; labels?: Readonly<Record<string, string>>; deletionTimestamp?: string };
  }) => ({
    name: metadata.name,
    labels: metadata.labels ?? {},
    isTerminating: metadata.deletionTimestamp !== undefined,
  });
  return {
    get: (name) => {
      const namespace = caches.namespaces.get("", name);
      return namespace === undefined ? undefined : factsOf(namespace);
    },
    list: () => caches.namespaces.list().map(factsOf),
  };
}

function startWorkers(
  config: Config,
  clock: Clock,
  queue: ReturnType<typeof createWorkQueue>,
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
    reconcileKey: async (key) => {
      const kind = kinds[key.kind];
      if (kind === undefined) return { kind: "done" };
      return reconcile(kind, key, clock, (action) => {
        metrics.actions.inc({ controller: key.kind, action: action.type });
        if (action.type.startsWith("abandon")) metrics.orphaned.inc({ kind: key.kind });
        log.debug({ ...key, action: action.type }, "action");
      });
    },
    onResult: (key, result, seconds) => {
      record(metrics, key, result, seconds);
      if (result.kind === "backoff")
        log.warn({ ...key, reason: result.reason, error: result.error }, "failed, will try again");
      if (result.kind === "stalled") log.warn({ ...key, reason: result.reason, detail: result.message }, "stalled");
    },
    onPanic: (key, error) => {
      metrics.reconcilePanics.inc({ controller: key.kind });
      log.error({ ...key, error }, "a pass threw");
    },
  });
}

function record(metrics: Metrics, { kind: controller }: ObjectKey, result: ReconcileResult, seconds: number): void {
  const isError = result.kind === "backoff";
  const word = isError ? "error" : result.kind === "done" || result.kind === "paused" ? "success" : "requeue_after";
  metrics.reconcileTotal.inc({ controller, result: word });
  metrics.reconcileSeconds.observe({ controller }, seconds);
  if (isError) metrics.reconcileErrors.inc({ controller });
}

const QUEUE = { name: "m2m", controller: "m2m" };

function queueHooks(metrics: Metrics) {
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

/** Gauges are read when somebody asks. */
function collectGauges(
  metrics: Metrics,
  queue: ReturnType<typeof createWorkQueue>,
  factory: GovernedFactory,
  context: KindContext,
): void {
  Object.assign(metrics.queueDepth, {
    collect: () => {
      for (const priority of WORK_CLASSES) metrics.queueDepth.set({ ...QUEUE, priority }, queue.depth(priority));
      for (const { connection } of context.connections.list()) {
        const { tenant } = connection.provider;
        const lookedAt = connection.provider.oldestLookAt();
        if (lookedAt !== undefined)
          metrics.lookAge.set({ tenant }, (context.now().getTime() - lookedAt.getTime()) / 1000);
      }
      for (const [key, governor] of factory.governors()) {
        const { waiting, throttled } = governor.stats();
        const tenant = key.slice(0, 8);
        metrics.governorThrottled.set({ tenant }, throttled);
        for (const [name, count] of Object.entries(waiting))
          metrics.governorWaiting.set({ tenant, class: name }, count);
      }
    },
  });
}

async function until(condition: () => boolean, signal: AbortSignal): Promise<void> {
  while (!condition() && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 20));
}
