import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { type Controller, startController } from "../controller/controller.ts";
import type { ObjectKey } from "../controller/object-key.ts";
import { type Kind, reconcile } from "../controller/reconcile.ts";
import type { ReconcileResult } from "../controller/result.ts";
import type { WorkQueue } from "../controller/work-queue.ts";
import { clusterIdentityProviderKind, identityProviderKind } from "../kinds/identity-provider/index.ts";
import type { KindContext } from "../kinds/kind-context.ts";
import { m2mClientKind } from "../kinds/m2m-client/index.ts";
import { oAuthApiKind } from "../kinds/oauth-api/index.ts";
import { KINDS } from "../kinds/registry.ts";
import { scopeGrantKind } from "../kinds/scope-grant/index.ts";
import type { Clock } from "../ports/clock.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Caches } from "./caches.ts";
import { doubtAfter } from "./doubt.ts";
import { recordPass } from "./instruments.ts";

interface Workshop {
  readonly config: Config;
  readonly clock: Clock;
  readonly queue: WorkQueue;
  readonly caches: Caches;
  readonly context: KindContext;
  readonly metrics: Metrics;
  readonly log: Logger;
}

type Pass = (key: ObjectKey, lostRaces: number) => Promise<ReconcileResult>;

/** The longest one pass may take. */
const DEADLINE_MS = 10 * 60_000;

/** Starts the workers: from now on this process works on the objects. */
export function startWorkers(workshop: Workshop): Controller {
  const { config, clock, queue, caches, context, metrics, log } = workshop;
  const passes = passesOf(workshop);
  const doubt = doubtAfter(caches, context.connections, (key, workClass) => {
    queue.add(key, workClass);
  });
  for (const { kind } of KINDS) metrics.maxWorkers.set({ controller: kind }, config.concurrency);
  return startController({
    ...{ queue, clock, concurrency: config.concurrency, deadlineMs: DEADLINE_MS },
    reconcileKey: async (key, lostRaces) => (await passes[key.kind]?.(key, lostRaces)) ?? { kind: "done" },
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

/** One pass over an object, by kind. */
function passesOf({ clock, context, metrics, log }: Workshop): Readonly<Record<string, Pass>> {
  const passOf =
    <R, D, O, A extends { readonly type: string }>(kind: Kind<R, D, O, A>): Pass =>
    (key, lostRaces) => {
      const onAction = (action: A): void => {
        metrics.actions.inc({ controller: key.kind, action: action.type });
        const { abandons } = kind.effects[action.type as A["type"]];
        if (abandons === true) metrics.orphaned.inc({ kind: key.kind });
        log.debug({ ...key, action: action.type }, "action");
      };
      return reconcile(kind, key, clock, { lostRaces, onAction });
    };
  return {
    ClusterIdentityProvider: passOf(clusterIdentityProviderKind(context)),
    IdentityProvider: passOf(identityProviderKind(context)),
    OAuthApi: passOf(oAuthApiKind(context)),
    M2MClient: passOf(m2mClientKind(context)),
    ScopeGrant: passOf(scopeGrantKind(context)),
  };
}
