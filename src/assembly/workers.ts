import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { type Controller, startController } from "../controller/controller.ts";
import type { ObjectKey } from "../controller/object-key.ts";
import { type Kind, type PassHistory, reconcile } from "../controller/reconcile.ts";
import type { PassResult } from "../controller/result.ts";
import type { WorkQueue } from "../controller/work-queue.ts";
import { clusterIdentityProviderKind, identityProviderKind } from "../kinds/identity-provider/index.ts";
import type { KindContext } from "../kinds/kind-context.ts";
import { m2mClientKind } from "../kinds/m2m-client/index.ts";
import { oAuthApiKind } from "../kinds/oauth-api/index.ts";
import { KINDS } from "../kinds/registry.ts";
import { scopeGrantKind } from "../kinds/scope-grant/index.ts";
import type { Clock } from "../ports/clock.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { recordPass } from "./instruments.ts";
import { createStartupGate } from "./startup-gate.ts";

type Pass = (key: ObjectKey, history: PassHistory) => Promise<PassResult>;

export interface WorkersParts {
  readonly config: Pick<Config, "concurrency">;
  readonly clock: Clock;
  readonly queue: WorkQueue;
  readonly context: KindContext;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The provider objects that they work on. */
  readonly providers: readonly ObjectKey[];
  /** Whether the workers still have to do with the object. */
  readonly isOurs: (key: ObjectKey) => boolean;
  /** Called for an object that is another's by now, which is not worked on. */
  readonly onMoved: (key: ObjectKey) => void;
  /** Called with what came of each pass. */
  readonly onPass: (key: ObjectKey, result: PassResult) => void;
}

/** Longer than any pass takes that is not stuck. */
const DEADLINE_MS = 10 * 60_000;

/** The workers of one shard. */
export function startWorkers(parts: WorkersParts): Controller {
  const { config, clock, queue, metrics, log, providers, isOurs, onMoved, onPass } = parts;
  const passes = passesOf(parts);
  const onChange = (): void => {
    queue.reconsider();
  };
  const gate = createStartupGate({ providers, clock, onChange });
  for (const { kind } of KINDS) metrics.maxWorkers.set({ controller: kind }, config.concurrency);
  const controller = startController({
    queue,
    mayStart: (item) => gate.mayStart(item),
    clock,
    nextTurn: () => nextTurn(),
    concurrency: config.concurrency,
    deadlineMs: DEADLINE_MS,
    reconcileKey: async (key, history) => {
      if (isOurs(key)) return (await passes[key.kind]?.(key, history)) ?? { kind: "gone" };
      onMoved(key);
      return { kind: "gone" };
    },
    onLostRace: (key, count) => {
      metrics.lostRaces.inc({ controller: key.kind });
      if (count === 3) log.warn(key, "the cached object is out of date again and again");
    },
    onResult: (key, result, seconds) => {
      if (!isOurs(key)) return;
      recordPass(metrics, key, result, seconds);
      onPass(key, result);
      if (result.kind === "backoff" && result.isLostRace !== true)
        log.warn({ ...key, reason: result.reason, error: result.error }, "reconciliation failed, trying again");
      if (result.kind === "stalled") log.warn({ ...key, reason: result.reason, detail: result.message }, "stalled");
    },
    onActive: (key, change) => {
      metrics.activeWorkers.inc({ controller: key.kind }, change);
      if (change === -1) gate.ended(key);
    },
    onPanic: (key, error) => {
      metrics.reconcilePanics.inc({ controller: key.kind });
      log.error({ ...key, error }, "reconciliation threw an exception");
    },
  });
  return {
    drain: (graceMs) => {
      gate.open();
      return controller.drain(graceMs);
    },
  };
}

function passesOf({ clock, context, metrics, log }: WorkersParts): Readonly<Record<string, Pass>> {
  const passOf =
    <R, D, O, A extends { readonly type: string }>(kind: Kind<R, D, O, A>): Pass =>
    (key, history) => {
      const onAction = (action: A): void => {
        metrics.actions.inc({ controller: key.kind, action: action.type });
        const { abandons } = kind.effects[action.type as A["type"]];
        if (abandons === true) metrics.orphaned.inc({ kind: key.kind });
        log.debug({ ...key, action: action.type }, "action");
      };
      return reconcile(kind, key, clock, { history, onAction });
    };
  return {
    ClusterIdentityProvider: passOf(clusterIdentityProviderKind(context)),
    IdentityProvider: passOf(identityProviderKind(context)),
    OAuthApi: passOf(oAuthApiKind(context)),
    M2MClient: passOf(m2mClientKind(context)),
    ScopeGrant: passOf(scopeGrantKind(context)),
  };
}
