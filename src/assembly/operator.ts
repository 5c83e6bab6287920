import { createHmac, createSecretKey, hash, type KeyObject, randomBytes } from "node:crypto";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { type Config, ConfigError } from "../config.ts";
import { type Controller, startController } from "../controller/controller.ts";
import type { ObjectKey } from "../controller/object-key.ts";
import { type Kind, type PassHistory, reconcile } from "../controller/reconcile.ts";
import type { PassResult } from "../controller/result.ts";
import { type WORK_CLASSES } from "../work/order.ts";
import { createWorkQueue, type WorkQueue } from "../controller/work-queue.ts";
import { clusterIdentityProviderKind, identityProviderKind } from "../kinds/identity-provider/index.ts";
import type { KindContext } from "../kinds/kind-context.ts";
import { m2mClientKind } from "../kinds/m2m-client/index.ts";
import { oAuthApiKind } from "../kinds/oauth-api/index.ts";
import { KINDS } from "../kinds/registry.ts";
import { scopeGrantKind } from "../kinds/scope-grant/index.ts";
import { reviewAccess } from "../kube/access-reviews.ts";
import { connect, type Connection } from "../kube/connection.ts";
import { obtainProofKey } from "../kube/proof-key.ts";
import type { Clock } from "../ports/clock.ts";
import { ANYBODY, type Health, type HttpServer, type MetricsAccess, serveHttp } from "../telemetry/http.ts";
import { createMetricsAccess } from "../telemetry/metrics-access.ts";
import { textOfListenAddress } from "../telemetry/listen-address.ts";
import { type LoopWatch, watchLoop } from "../telemetry/loop-watch.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { createCaches, haveSynced } from "./caches.ts";
import { createContext } from "./context.ts";
import { doubtAfter } from "./doubt.ts";
import { wireForgetting } from "./forgetting.ts";
import { releaseLeftBehind } from "./held-credentials.ts";
import { collectGauges, collectReadiness, queueHooks, recordPass } from "./instruments.ts";
import { lead, type Leadership } from "./leadership.ts";
import { laneOf } from "./lanes.ts";
import { createProviderFactory } from "./provider-factory.ts";
import { wireTriggers } from "./triggers.ts";
import { watchScopeOf } from "./watch-scope.ts";
import { runWatches } from "./watches.ts";

export interface RunningOperator {
  readonly metricsPort: number;
  /** Resolves when the lease was lost, and all work with it. Rejects when the workers could not be started. */
  readonly ended: Promise<"leaseLost">;
  /** Takes no more work, waits for what was begun, gives the lease away, and ends every connection. */
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

/**
 * http, then caches, then the lease, then workers. Resolves when the caches are filled. Rejects with the reason of
 * `aborted` when that is aborted first, and with a ConfigError when the address cannot be listened at; nothing is left
 * behind then.
 */
export async function startOperator(
  config: Config,
  log: Logger,
  aborted: AbortSignal = new AbortController().signal,
): Promise<RunningOperator> {
  aborted.throwIfAborted();
  const clock = systemClock;
  const metrics = createMetrics(KINDS.map(({ kind }) => kind));
  const [stopping, leaving] = [new AbortController(), new AbortController()];
  const connection = connect({
    ...(config.kubeconfig === undefined ? {} : { kubeconfig: config.kubeconfig }),
    timeoutMs: 15_000,
    onRequest: (method, host, code) => {
      metrics.kubeRequests.inc({ method, host, code: String(code) });
    },
  });
  metrics.leader.set({ name: config.leaseName }, 0);
  const caches = createCaches(config.namespace, log);
  let leadership = undefined as Leadership | undefined;
  let loop = undefined as LoopWatch | undefined;
  const http = await serve(
    config,
    metrics,
    log,
    {
      unhealthy: () => leadership?.unhealthy() ?? loop?.unhealthy(),
      unready: () => (haveSynced(caches) ? undefined : "the caches are not filled yet"),
    },
    metricsAccess(config, clock, connection),
  );
  loop = watchForHangs(clock, metrics, log);
  const queue = createWorkQueue(clock, { ...queueHooks(metrics), laneOf: (key) => laneOf(caches, key) });
  let hasStarted = false;
  const enqueue = (key: ObjectKey, workClass: (typeof WORK_CLASSES)[number], since?: number): void => {
    queue.add(key, workClass, since);
  };
  wireTriggers(caches, enqueue, () => hasStarted);
  const fingerprintKey = createSecretKey(randomBytes(32));
  const fingerprint = (value: string): string => createHmac("sha256", fingerprintKey).update(value).digest("hex");
  let proofKey = undefined as KeyObject | undefined;
  const sign = (text: string): string => {
    if (proofKey === undefined) throw new Error("status cannot be proven before this process leads");
    return createHmac("sha256", proofKey).update(text).digest("hex");
  };
  const factory = createProviderFactory({
    ...{ config, clock, metrics, fingerprint, leaving: leaving.signal },
    warn: (message, about) => {
      log.warn(about, message);
    },
  });
  const context = createContext({
    ...{ config, clock, connection, caches, factory, fingerprint, sign, enqueue, log, metrics },
    signal: stopping.signal,
  });
  wireForgetting({ caches, context, queue, metrics });
  collectGauges(metrics, queue, factory, context);
  const halt = async (): Promise<void> => {
    stopping.abort();
    loop?.stop();
    for (const { uid } of context.connections.list()) context.connections.remove(uid);
    await Promise.all([http.close(), connection.close()]);
  };
  const scope = watchScopeOf(config);
  const watching = { connection, caches, scope, random: () => clock.random(), log, metrics };
  runWatches(watching, stopping.signal).catch((error: unknown) => {
    log.error({ error }, "a watch ended");
  });
  await until(() => haveSynced(caches), aborted);
  if (aborted.aborted) {
    await halt();
    throw aborted.reason;
  }
  hasStarted = true;
  log.info({ instance: config.instanceId, port: http.port }, "caches are filled");

  const begun = lead({
    ...{ config, connection, log },
    prepare: async (signal) => {
      const name = `${config.leaseName}-proof-key`;
      proofKey = createSecretKey(await obtainProofKey(connection, { namespace: config.namespace, name }, signal));
    },
    startWorkers: () => {
      metrics.leader.set({ name: config.leaseName }, 1);
      collectReadiness(metrics, caches);
      releaseLeftBehind(context, caches, log);
      const doubt = (key: ObjectKey, result: PassResult): void => {
        doubtAfter({ caches, connections: context.connections, enqueue, now: context.now }, key, result);
      };
      return startWorkers(config, clock, queue, context, metrics, log, doubt);
    },
    abortWork: () => {
      metrics.leader.set({ name: config.leaseName }, 0);
      halt().catch((error: unknown) => {
        log.error({ error }, "not everything was closed");
      });
    },
  });
  leadership = begun;
  return {
    metricsPort: http.port,
    ended: begun.lost,
    stop: async () => {
      leaving.abort();
      await begun.end();
      await halt();
    },
  };
}

function watchForHangs(clock: Clock, metrics: Metrics, log: Logger): LoopWatch {
  return watchLoop(clock, (ms) => {
    metrics.loopHeld.inc(ms / 1000);
    if (ms >= 1000) log.warn({ ms: Math.round(ms) }, "something held up the whole process");
  });
}

function metricsAccess({ metricsAccess: who }: Config, clock: Clock, connection: Connection): MetricsAccess {
  if (who === "anybody") return ANYBODY;
  return createMetricsAccess({
    clock,
    sha256: (text) => hash("sha256", text),
    judge: (token) => reviewAccess(connection, token, "/metrics"),
  });
}

async function serve(
  config: Config,
  metrics: Metrics,
  log: Logger,
  health: Health,
  access: MetricsAccess,
): Promise<HttpServer> {
  const onError = (error: unknown): void => {
    log.error({ error }, "an HTTP request could not be answered");
  };
  try {
    return await serveHttp(config.httpAddress, metrics.registry, health, onError, access);
  } catch (error) {
    const { code = "unknown" } = error as { readonly code?: string };
    const address = textOfListenAddress(config.httpAddress);
    throw new ConfigError(`--http-address (M2M_HTTP_ADDRESS): cannot listen at ${address}: ${code}`);
  }
}

function startWorkers(
  config: Config,
  clock: Clock,
  queue: WorkQueue,
  context: KindContext,
  metrics: Metrics,
  log: Logger,
  doubt: (key: ObjectKey, result: PassResult) => void,
): Controller {
  const passOf =
    <R, D, O, A extends { readonly type: string }>(kind: Kind<R, D, O, A>) =>
    (key: ObjectKey, history: PassHistory): Promise<PassResult> => {
      const onAction = (action: A): void => {
        metrics.actions.inc({ controller: key.kind, action: action.type });
        const { abandons } = kind.effects[action.type as A["type"]];
        if (abandons === true) metrics.orphaned.inc({ kind: key.kind });
        log.debug({ ...key, action: action.type }, "action");
      };
      return reconcile(kind, key, clock, { history, onAction });
    };
  const passes: Readonly<Record<string, (key: ObjectKey, history: PassHistory) => Promise<PassResult>>> = {
    ClusterIdentityProvider: passOf(clusterIdentityProviderKind(context)),
    IdentityProvider: passOf(identityProviderKind(context)),
    OAuthApi: passOf(oAuthApiKind(context)),
    M2MClient: passOf(m2mClientKind(context)),
    ScopeGrant: passOf(scopeGrantKind(context)),
  };
  for (const { kind } of KINDS) metrics.maxWorkers.set({ controller: kind }, config.concurrency);
  return startController({
    queue,
    clock,
    nextTurn: () => nextTurn(),
    concurrency: config.concurrency,
    deadlineMs: 10 * 60_000,
    reconcileKey: async (key, history) => (await passes[key.kind]?.(key, history)) ?? { kind: "gone" },
    onLostRace: (key, count) => {
      metrics.lostRaces.inc({ controller: key.kind });
      if (count === 3) log.warn(key, "what was read of an object is out of date again and again");
    },
    onResult: (key, result, seconds) => {
      recordPass(metrics, key, result, seconds);
      doubt(key, result);
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
  while (!condition() && !signal.aborted) await delay(20, undefined, { signal }).catch(() => undefined);
}
