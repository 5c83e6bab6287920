import type { Clock } from "../ports/clock.ts";
import { runInScope } from "../work/scope.ts";
import { createLanes } from "./lanes.ts";
import { type ObjectKey, textOfKey } from "./object-key.ts";
import type { PassHistory } from "./reconcile.ts";
import type { PassResult } from "./result.ts";
import { createSchedule } from "./schedule.ts";
import type { WorkItem, WorkQueue } from "./work-queue.ts";

export interface ControllerOptions {
  readonly queue: WorkQueue;
  readonly clock: Clock;
  /**
   * Resolves when the event loop has turned. A pass that needs nothing from outside ends without that, and many in a row
   * would hold up timers, probes and the lease.
   */
  readonly nextTurn: () => Promise<void>;
  /** Whether a pass over it may begin now; `queue.reconsider` says that the answer has changed. Default: always. */
  readonly mayStart?: (item: WorkItem) => boolean;
  /** Workers. A pass that takes longer than a second, since it waits for its tenant, holds none any more. */
  readonly concurrency: number;
  /** The longest one pass may take before its requests are given up, in milliseconds. */
  readonly deadlineMs: number;
  readonly reconcileKey: (key: ObjectKey, history: PassHistory) => Promise<PassResult>;
  readonly onResult?: (key: ObjectKey, result: PassResult, seconds: number) => void;
  /** A pass lost a race, the `count`th in a row. */
  readonly onLostRace?: (key: ObjectKey, count: number) => void;
  /** A defect: the pass threw. It is retried like any failure. */
  readonly onPanic?: (key: ObjectKey, error: unknown) => void;
  /** A pass began (1), or ended (-1). */
  readonly onActive?: (key: ObjectKey, change: 1 | -1) => void;
}

export interface Controller {
  /**
   * Takes no more work, and what was begun waits no more for a tenant's limit. Resolves when it has ended: by itself, or
   * aborted since `graceMs` had passed.
   */
  drain(graceMs: number): Promise<"ended" | "aborted">;
}

/**
 * How long a pass holds a worker, in milliseconds. What takes longer waits for others, mostly for a tenant's limit or
 * for a listing that waits for it, and workers are there for those who need not wait.
 */
const HOLDS_WORKER_MS = 1000;

export function startController(options: ControllerOptions): Controller {
  const { queue, clock, nextTurn, concurrency, onLostRace } = options;
  const [stop, leaving] = [new AbortController(), new AbortController()];
  const signals = { stop: stop.signal, leaving: leaving.signal };
  const schedule = createSchedule(queue, clock, onLostRace);
  const workers = createWorkers(options);
  const passes = new Set<Promise<void>>();
  const work = async (item: WorkItem): Promise<void> => {
    const end = workers.start(item);
    const result = await pass(options, item, schedule.historyOf(item.key), signals);
    schedule.next(item, result);
    queue.done(item);
    end();
  };
  const dispatch = async (): Promise<void> => {
    for (;;) {
      await workers.oneIsFree();
      await nextTurn();
      const item = await queue.next(workers.mayStart);
      if (item === undefined) return;
      const running: Promise<void> = work(item).finally(() => passes.delete(running));
      passes.add(running);
    }
  };
  const dispatching = concurrency > 0 ? dispatch() : Promise.resolve();
  return {
    drain: async (graceMs) => {
      queue.shutDown();
      leaving.abort();
      const cancel = clock.after(graceMs, () => {
        stop.abort();
      });
      await dispatching;
      await Promise.all(passes);
      cancel();
      return stop.signal.aborted ? "aborted" : "ended";
    },
  };
}

/** Who may begin, and until when a pass counts as one that holds a worker. */
function createWorkers({ queue, clock, concurrency, mayStart = () => true }: ControllerOptions) {
  const lanes = createLanes(concurrency);
  let busy = 0;
  let wake = (): void => undefined;
  const release = (): void => {
    busy -= 1;
    wake();
    queue.reconsider();
  };
  return {
    mayStart: (item: WorkItem): boolean => mayStart(item) && lanes.mayStart(item),
    oneIsFree: async (): Promise<void> => {
      while (busy >= concurrency) await new Promise<void>((resolve) => (wake = resolve));
    },
    /** Returns what ends it. */
    start: (item: WorkItem): (() => void) => {
      lanes.start(item);
      busy += 1;
      let holdsWorker = true;
      const cancel = clock.after(HOLDS_WORKER_MS, () => {
        holdsWorker = false;
        lanes.setAside(item);
        release();
      });
      return () => {
        cancel();
        lanes.end(item);
        if (holdsWorker) release();
        else queue.reconsider();
      };
    },
  };
}

async function pass(
  options: ControllerOptions,
  { key, workClass, namespace, since }: WorkItem,
  history: PassHistory,
  { stop, leaving }: Readonly<Record<"stop" | "leaving", AbortSignal>>,
): Promise<PassResult> {
  const { clock, deadlineMs, reconcileKey, onResult, onPanic, onActive } = options;
  const startedAt = clock.monotonicMs();
  const deadline = new AbortController();
  const cancel = clock.after(deadlineMs, () => {
    deadline.abort();
  });
  const scope = {
    workClass,
    namespace,
    since,
    key: textOfKey(key),
    signal: AbortSignal.any([stop, deadline.signal]),
    leaving,
  };
  onActive?.(key, 1);
  try {
    const result = await runInScope(scope, () => reconcileKey(key, history));
    onResult?.(key, result, (clock.monotonicMs() - startedAt) / 1000);
    return result;
  } catch (error) {
    onPanic?.(key, error);
    return { kind: "backoff", reason: "ProgressingWithRetry", message: "The reconciliation failed.", error };
  } finally {
    cancel();
    onActive?.(key, -1);
  }
}
