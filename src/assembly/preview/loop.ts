import { setImmediate as nextTurn } from "node:timers/promises";
import type { ObjectKey } from "../../controller/object-key.ts";
import { textOfKey } from "../../controller/object-key.ts";
import { type Kind, type PassHistory, reconcile } from "../../controller/reconcile.ts";
import type { PassResult } from "../../controller/result.ts";
import { createSchedule } from "../../controller/schedule.ts";
import { createWorkQueue, type WorkItem, type WorkQueue } from "../../controller/work-queue.ts";
import type { KindContext } from "../../kinds/kind-context.ts";
import { m2mClientKind } from "../../kinds/m2m-client/index.ts";
import { oAuthApiKind } from "../../kinds/oauth-api/index.ts";
import { scopeGrantKind } from "../../kinds/scope-grant/index.ts";
import { runInScope } from "../../work/scope.ts";
import type { VirtualClock } from "../../preview/virtual-clock.ts";
import type { Caches } from "../caches.ts";
import { wireForgetting } from "../forgetting.ts";
import { queueLaneOf } from "../lanes.ts";
import { wireTriggers } from "../triggers.ts";
import type { World } from "./world.ts";

type Pass = (key: ObjectKey, history: PassHistory, clock: VirtualClock) => Promise<PassResult>;

export interface LoopLimits {
  /** So long after the last write nothing more is expected, in milliseconds of the preview's clock. */
  readonly quietMs: number;
  /** The longest that a preview looks ahead, in milliseconds of its clock. */
  readonly horizonMs: number;
  readonly maxPasses: number;
}

export interface LoopEnd {
  readonly passes: number;
  /** Nothing was left to do. Otherwise a limit ended the preview. */
  readonly isComplete: boolean;
}

export interface Loop {
  /** Passes until nothing more comes. `signal` ends it early. */
  run(signal: AbortSignal): Promise<LoopEnd>;
}

interface LoopParts {
  readonly world: World;
  readonly limits: LoopLimits;
  /** Called before each pass. */
  readonly onPass: (key: ObjectKey) => void;
  /** When the last write happened, in milliseconds of the preview's clock. */
  readonly lastWriteMs: () => number;
}

/**
 * The operator's own triggers, queue and reconciliation, one pass after the other. What is due later comes as soon as
 * nothing else waits. Provider objects stay unchanged.
 */
export function createLoop({ world, limits, onPass, lastWriteMs }: LoopParts): Loop {
  const { caches, clock, context } = world;
  const queue = createWorkQueue(clock, { laneOf: (key) => queueLaneOf(caches, key) });
  const schedule = createSchedule(queue, clock);
  const passes = passesOf(context);
  wire(caches, context, queue);
  const due = createTaker(queue);
  const pass = async (item: WorkItem, signal: AbortSignal): Promise<void> => {
    const { key, workClass, namespace, since } = item;
    onPass(key);
    const scope = { workClass, namespace, since, key: textOfKey(key), signal };
    const history = schedule.historyOf(key);
    const result = await runInScope(scope, async () => passes[key.kind]?.(key, history, clock));
    schedule.next(item, result ?? { kind: "gone" });
    queue.done(item);
  };
  return {
    run: async (signal) => {
      for (let count = 0; ; count++) {
        let item = await due.take();
        while (item === undefined) {
          const next = clock.nextTimerMs();
          const isQuiet = next === undefined || next > lastWriteMs() + limits.quietMs;
          if (isQuiet || next > limits.horizonMs) return { passes: count, isComplete: isQuiet };
          clock.fireNext();
          item = await due.take();
        }
        if (signal.aborted || count >= limits.maxPasses) return { passes: count, isComplete: false };
        await pass(item, signal);
      }
    },
  };
}

/** Takes the next item of the queue, or nothing when none is ready. */
function createTaker(queue: WorkQueue): { take(): Promise<WorkItem | undefined> } {
  let ready: WorkItem | undefined;
  let isAsked = false;
  return {
    take: async () => {
      if (!isAsked) {
        isAsked = true;
        void queue.next().then((item) => {
          ready = item;
        });
      }
      // Between two rounds, the operator's other work continues.
      await nextTurn();
      const item = ready;
      if (item !== undefined) {
        ready = undefined;
        isAsked = false;
      }
      return item;
    },
  };
}

function wire(caches: Caches, context: KindContext, queue: WorkQueue): void {
  wireTriggers(
    caches,
    (key, workClass, since) => {
      if (!key.kind.endsWith("IdentityProvider")) queue.add(key, workClass, since);
    },
    () => true,
  );
  wireForgetting({ caches, context, queue, metrics: { rotationFailures: { remove: () => undefined } as never } });
}

function passesOf(context: KindContext): Readonly<Record<string, Pass>> {
  const passOf =
    <R, D, O, A extends { readonly type: string }>(kind: Kind<R, D, O, A>): Pass =>
    (key, history, clock) =>
      reconcile(kind, key, clock, { history });
  return {
    OAuthApi: passOf(oAuthApiKind(context)),
    M2MClient: passOf(m2mClientKind(context)),
    ScopeGrant: passOf(scopeGrantKind(context)),
  };
}
