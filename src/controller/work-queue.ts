import type { Cancel, Clock } from "../ports/clock.ts";
import { type ObjectKey, textOfKey } from "./object-key.ts";
import { createWaitingLine, moreUrgent, type Waiting, type WORK_CLASSES, type WorkClass } from "../work/order.ts";

/** Keys of objects to look at, never the objects: what is looked at is always the newest. */
export interface WorkQueue {
  /** Coalesces: a key waits once, in its most urgent class. A key that is worked on is worked on once more after. */
  add(key: ObjectKey, workClass: WorkClass): void;
  /** The same, after a pause. The earliest of several pauses counts; an `add` meanwhile does not wait for it. */
  addAfter(key: ObjectKey, workClass: WorkClass, ms: number): void;
  /** The next item; waits for one. `undefined` once the queue is shut down. */
  next(): Promise<WorkItem | undefined>;
  /** Must follow every item, whatever became of it. */
  done(item: WorkItem): void;
  /** Nothing more is handed out; waiting `next` calls resolve. */
  shutDown(): void;
  depth(workClass: (typeof WORK_CLASSES)[number]): number;
  isIdle(): boolean;
}

export interface WorkItem extends Waiting {
  readonly key: ObjectKey;
}

/** What the metrics want to know. */
export interface QueueHooks {
  readonly onAdd?: () => void;
  /** Milliseconds between add and start. */
  readonly onStart?: (waitedMs: number) => void;
  readonly onRetry?: () => void;
}

interface Delayed {
  readonly dueAt: number;
  readonly cancel: Cancel;
}

export function createWorkQueue(clock: Clock, hooks: QueueHooks = {}): WorkQueue {
  const line = createWaitingLine<WorkItem>();
  const waiting = new Map<string, WorkItem>();
  const working = new Map<string, WorkClass | undefined>();
  const delayed = new Map<string, Delayed>();
  const idleWorkers: ((item: WorkItem | undefined) => void)[] = [];
  let isShutDown = false;
  const now = (): number => clock.now().getTime();

  const handOut = (): void => {
    while (idleWorkers.length > 0) {
      const item = line.take(now());
      if (item === undefined) return;
      const text = textOfKey(item.key);
      waiting.delete(text);
      working.set(text, undefined);
      hooks.onStart?.(now() - item.since);
      idleWorkers.shift()?.(item);
    }
  };

  const add = (key: ObjectKey, workClass: WorkClass): void => {
    if (isShutDown) return;
    const text = textOfKey(key);
    if (working.has(text)) {
      const again = working.get(text);
      working.set(text, again === undefined ? workClass : moreUrgent(again, workClass));
      return;
    }
    const before = waiting.get(text);
    if (before !== undefined) line.remove(before);
    const item: WorkItem = {
      key,
      namespace: key.namespace,
      workClass: before === undefined ? workClass : moreUrgent(before.workClass, workClass),
      since: before?.since ?? now(),
    };
    if (before === undefined) hooks.onAdd?.();
    waiting.set(text, item);
    line.add(item);
    handOut();
  };

  return {
    add,
    addAfter: (key, workClass, ms) => {
      const text = textOfKey(key);
      const dueAt = now() + ms;
      const before = delayed.get(text);
      if (isShutDown || (before !== undefined && before.dueAt <= dueAt)) return;
      before?.cancel();
      hooks.onRetry?.();
      const cancel = clock.after(ms, () => {
        delayed.delete(text);
        add(key, workClass);
      });
      delayed.set(text, { dueAt, cancel });
    },
    next: () => {
      if (isShutDown) return Promise.resolve(undefined);
      return new Promise((resolve) => {
        idleWorkers.push(resolve);
        handOut();
      });
    },
    done: ({ key }) => {
      const again = working.get(textOfKey(key));
      working.delete(textOfKey(key));
      if (again !== undefined) add(key, again);
    },
    shutDown: () => {
      isShutDown = true;
      for (const { cancel } of delayed.values()) cancel();
      delayed.clear();
      for (const resolve of idleWorkers.splice(0)) resolve(undefined);
    },
    depth: (workClass) => line.countOf(workClass),
    isIdle: () => waiting.size === 0 && working.size === 0,
  };
}
