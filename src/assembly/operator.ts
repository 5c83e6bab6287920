import { hash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { type Config, ConfigError } from "../config.ts";
import type { ObjectKey } from "../controller/object-key.ts";
import type { WorkClass } from "../work/order.ts";
import { KINDS } from "../kinds/registry.ts";
import { reviewAccess } from "../kube/access-reviews.ts";
import { connect, type Connection } from "../kube/connection.ts";
import { shardLeaseName } from "../kube/family-view.ts";
import { obtainProofKey } from "../kube/proof-key.ts";
import { serviceAccountTokens } from "../kube/service-account-tokens.ts";
import type { Clock } from "../ports/clock.ts";
import type { ReadServiceAccountToken } from "../ports/service-account-token.ts";
import { ANYBODY, type Health, type HttpServer, type MetricsAccess, serveHttp } from "../telemetry/http.ts";
import { createMetricsAccess } from "../telemetry/metrics-access.ts";
import { textOfListenAddress } from "../telemetry/listen-address.ts";
import { type LoopWatch, watchLoop } from "../telemetry/loop-watch.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { createCaches, haveSynced } from "./caches.ts";
import { createContext } from "./context.ts";
import { createInstallationKey } from "./installation-key.ts";
import { lead, type Leadership } from "./leadership.ts";
import { runPreviews } from "./preview/runner.ts";
import { createPreviewStore, watchPreviews } from "./preview/watch.ts";
import { createProviderFactory } from "./provider-factory.ts";
import { createShardOf } from "./shard-of.ts";
import { createShardedWork } from "./sharded-work.ts";
import { createTenantMetrics } from "./tenant-metrics.ts";
import { wireTriggers } from "./triggers.ts";
import { watchScopeOf } from "./watch-scope.ts";
import { runWatches } from "./watches.ts";

export interface RunningOperator {
  readonly metricsPort: number;
  /** Resolves when a lease was lost, and all work ended with it. Rejects when the workers could not be started. */
  readonly ended: Promise<"leaseLost">;
  /** Takes no more work, waits for what was begun, releases the leases, and ends every connection. */
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
 * http, then caches, then the leases, then workers. Resolves when the caches are filled. Rejects with the reason of
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
  let leadership = undefined as Leadership | undefined;
  const connection = connect({
    ...(config.kubeconfig === undefined ? {} : { kubeconfig: config.kubeconfig }),
    timeoutMs: 15_000,
    mayWrite: () => leadership?.mayWrite() ?? true,
    onRequest: (method, host, code) => {
      metrics.kubeRequests.inc({ method, host, code: String(code) });
    },
  });
  for (let shard = 0; shard < config.shards; shard++)
    metrics.leader.set({ name: shardLeaseName(config.leaseName, shard) }, 0);
  const caches = createCaches(config.namespace, log);
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
  let hasStarted = false;
  const shardOf = createShardOf(caches, config.shards);
  const { take: takeInstallationKey, sign, fingerprint } = createInstallationKey();
  const factory = createProviderFactory({
    ...{ config, clock, exchanges: createTenantMetrics(metrics), fingerprint, leaving: leaving.signal },
    readServiceAccountToken: tokensOf(config, clock),
    mayCall: (tenant) => leadership?.mayCall(shardOf.tenant(tenant)) === true,
    warn: (message, about) => {
      log.warn(about, message);
    },
  });
  const enqueue = (key: ObjectKey, workClass: WorkClass, since?: number): void => {
    shards.enqueue(key, workClass, since);
  };
  const context = createContext({
    ...{ config, clock, connection, caches, factory, fingerprint, sign, enqueue, log, metrics },
    signal: stopping.signal,
  });
  wireTriggers(caches, enqueue, () => hasStarted);
  const shards = createShardedWork({ config, clock, caches, context, factory, metrics, log, shardOf });
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
  const previews = createPreviewStore(log);
  watchPreviews(watching, previews, stopping.signal);
  await until(() => haveSynced(caches), aborted);
  if (aborted.aborted) {
    await halt();
    throw aborted.reason;
  }
  hasStarted = true;
  log.info({ instance: config.instanceId, port: http.port }, "caches are filled");

  const begun = lead({
    ...{ config, connection, log, random: () => clock.random(), now: () => clock.monotonicMs() },
    prepare: async (signal) => {
      const name = `${config.leaseName}-proof-key`;
      takeInstallationKey(await obtainProofKey(connection, { namespace: config.namespace, name }, signal));
    },
    begin: (shard) => shards.begin(shard),
    onChange: (name, isWorkedOn) => {
      metrics.leader.set({ name }, isWorkedOn ? 1 : 0);
    },
    abortWork: () => {
      metrics.leader.reset();
      halt().catch((error: unknown) => {
        log.error({ error }, "could not close every connection");
      });
    },
  });
  leadership = begun;
  void runPreviews(
    {
      ...{ connection, clock, log, store: previews },
      live: { caches, connection, context, prover: { instance: config.instanceId, sign } },
      isOurs: (key) => shards.isWorkedOn(shardOf.object(key)),
    },
    stopping.signal,
  );
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

const tokensOf = ({ serviceAccountTokens: path }: Config, clock: Clock): ReadServiceAccountToken =>
  serviceAccountTokens({ path, flag: "--service-account-tokens", adviceFor: mountingAdvice }, () => clock.now());

const mountingAdvice = (audience: string): string =>
  `Mount a token of the operator's service account for ${audience} in a projected volume, which the kubelet renews (chart value serviceAccountTokens.audiences). Or name a Secret in spec.credentialsSecretRef.`;

function watchForHangs(clock: Clock, metrics: Metrics, log: Logger): LoopWatch {
  return watchLoop(clock, (ms) => {
    metrics.loopHeld.inc(ms / 1000);
    if (ms >= 1000) log.warn({ ms: Math.round(ms) }, "the event loop was blocked");
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
    log.error({ error }, "could not answer an HTTP request");
  };
  try {
    return await serveHttp(config.httpAddress, metrics.registry, health, onError, access);
  } catch (error) {
    const { code = "unknown" } = error as { readonly code?: string };
    const address = textOfListenAddress(config.httpAddress);
    throw new ConfigError(`--http-address (M2M_HTTP_ADDRESS): cannot listen at ${address}: ${code}`);
  }
}

async function until(condition: () => boolean, signal: AbortSignal): Promise<void> {
  while (!condition() && !signal.aborted) await delay(20, undefined, { signal }).catch(() => undefined);
}
