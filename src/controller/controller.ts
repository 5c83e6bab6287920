import type { Clock } from "../ports/clock.ts";
import { backoffMs } from "./backoff.ts";
import { type ObjectKey, textOfKey } from "./object-key.ts";
import type { ReconcileResult } from "./result.ts";
import type { WorkClass } from "../work/order.ts";
import type { WorkItem, WorkQueue } from "./work-queue.ts";
import { runInScope } from "../work/scope.ts";

export interface ControllerOptions {
  readonly queue: WorkQueue;
  readonly clock: Clock;
  readonly concurrency: number;
  /** The longest one pass may take before its requests are given up, in milliseconds. */
  readonly deadlineMs: number;
  readonly reconcileKey: (key: ObjectKey) => Promise<ReconcileResult>;
  readonly onResult?: (key: ObjectKey, result: ReconcileResult, seconds: number) => void;
  /** A defect: the pass threw. It is retried like any failure. */
  readonly onPanic?: (key: ObjectKey, error: unknown) => void;
  /** A worker began with an object (1), or ended (-1). */
  readonly onActive?: (key: ObjectKey, change: 1 | -1) => void;
}

export interface Controller {
  /** Takes no more work; resolves when what was begun has ended, or `graceMs` passed and it was aborted. */
  drain(graceMs: number): Promise<void>;
}

/** How soon a pass that lost a race looks again. */
const LOOK_AGAIN_MS = 50;

export function startController(options: ControllerOptions): Controller {
  const { queue, clock, concurrency } = options;
  const stop = new AbortController();
  const failures = new Map<string, number>();
  const work = async (): Promise<void> => {
    for (let item = await queue.next(); item !== undefined; item = await queue.next()) {
      const result = await pass(options, item, stop.signal);
      schedule(queue, clock, failures, item, result);
      queue.done(item);
    }
  };
  const workers = Array.from({ length: concurrency }, () => work());
  return {
    drain: async (graceMs) => {
      queue.shutDown();
      const cancel = clock.after(graceMs, () => {
        stop.abort();
      });
      await Promise.all(workers);
      cancel();
    },
  };
}

async function pass(options: ControllerOptions, item: WorkItem, stop: AbortSignal): Promise<ReconcileResult> {
  const { clock, deadlineMs, reconcileKey, onResult, onPanic, onActive } = options;
  const startedAt = clock.now().getTime();
  const deadline = new AbortController();
  const cancel = clock.after(deadlineMs, () => {
    deadline.abort();
  });
  const scope = {
    workClass: item.workClass,
    namespace: item.namespace,
    signal: AbortSignal.any([stop, deadline.signal]),
  };
  onActive?.(item.key, 1);
  try {
    const result = await runInScope(scope, () => reconcileKey(item.key));
    onResult?.(item.key, result, (clock.now().getTime() - startedAt) / 1000);
    return result;
  } catch (error) {
    onPanic?.(item.key, error);
    return { kind: "backoff", reason: "ProgressingWithRetry", message: "The pass failed.", error };
  } finally {
    cancel();
    onActive?.(item.key, -1);
  }
}

function schedule(
  queue: WorkQueue,
  clock: Clock,
  failures: Map<string, number>,
  { key, workClass }: WorkItem,
  result: ReconcileResult,
): void {
  const text = textOfKey(key);
  if (result.kind === "backoff") {
    const count = (failures.get(text) ?? 0) + 1;
    failures.set(text, count);
    queue.addAfter(key, retryClass(workClass), backoffMs(count, clock.random()));
    return;
  }
  if (result.kind !== "lookAgain") failures.delete(text);
  const ms = delayOf(result);
  const wanted = result.kind === "requeueAfter" ? result.workClass : undefined;
  if (ms !== undefined) queue.addAfter(key, wanted ?? retryClass(workClass), ms);
}

function delayOf(result: ReconcileResult): number | undefined {
  switch (result.kind) {
    case "lookAgain":
      return LOOK_AGAIN_MS;
    case "requeueAfter":
      return result.ms;
    case "wait":
    case "stalled":
      return result.retryAfterMs;
    case "backoff":
    case "done":
    case "paused":
      return undefined;
  }
}

/** What failed once is no longer news: it gives way to what people just changed. */
const retryClass = (workClass: WorkClass): WorkClass => (workClass === "userChange" ? "drift" : workClass);
