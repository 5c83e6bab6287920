import type { Cancel, Clock } from "../ports/clock.ts";
import { createWaitingLine, isUrgent, moreUrgent, type Waiting, type WorkClass } from "../work/order.ts";
import { type ObjectKey, textOfKey } from "./object-key.ts";
import { createPace } from "./pace.ts";

/** Keys of objects to reconcile, never the objects: what is reconciled is always the newest. */
export interface WorkQueue {
  /**
   * Coalesces: a key waits once, in its most urgent class. A key that is worked on is worked on once more after. What is
   * not urgent waits for a moment when passes over the key follow each other without end. `since`: its place in the line,
   * in milliseconds of the monotonic clock; default: the end.
   */
  add(key: ObjectKey, workClass: WorkClass, since?: number): void;
  /**
   * The same, after a pause. Of several pauses the earliest counts, and the most urgent class; an `add` meanwhile does
   * not wait for it. `since` gives back the place that the key had in the line; default: its age begins after the pause.
   */
  addAfter(key: ObjectKey, workClass: WorkClass, ms: number, since?: number): void;
  /** The same, where only what is urgent comes earlier: whatever else wakes the key meanwhile waits for the pause. */
  hold(key: ObjectKey, workClass: WorkClass, ms: number): void;
  /**
   * The next item that `mayStart`; waits for one. `undefined` once the queue is shut down. The first call says that
   * workers have begun: nothing ages before it.
   */
  next(mayStart?: (item: WorkItem) => boolean): Promise<WorkItem | undefined>;
  /** Must follow every item, whatever became of it. */
  done(item: WorkItem): void;
  /** A newer pass decides when the key is next: a pause from before ends, and nothing comes of it. */
  cancelAfter(key: ObjectKey): void;
  /** The object is gone: this key does not come back later, unless it is added again. */
  forget(key: ObjectKey): void;
  /** What `mayStart` answers has changed. */
  reconsider(): void;
  /** Nothing more is handed out; waiting `next` calls resolve. */
  shutDown(): void;
  depth(workClass: WorkClass): number;
}

export interface WorkItem extends Waiting {
  readonly key: ObjectKey;
}

export interface QueueOptions {
  /** What the work on a key may have to wait for, such as a tenant. Default: one lane for all. */
  readonly laneOf?: (key: ObjectKey) => string;
  readonly onAdd?: () => void;
  /** Milliseconds between add and start. */
  readonly onStart?: (waitedMs: number) => void;
  readonly onRetry?: () => void;
}

interface Delayed {
  readonly dueAt: number;
  readonly workClass: WorkClass;
  readonly since: number | undefined;
  /** Nothing that is not urgent comes earlier. */
  readonly isHeld: boolean;
  readonly cancel: Cancel;
}

interface Worker {
  readonly mayStart: (item: WorkItem) => boolean;
  readonly take: (item: WorkItem | undefined) => void;
}

/** Small enough for a thousand keys within a tenth of a millisecond. */
const STAMP_STEP_MS = 1e-4;

export function createWorkQueue(clock: Clock, options: QueueOptions = {}): WorkQueue {
  const { laneOf = () => "", onAdd, onStart, onRetry } = options;
  const line = createWaitingLine<WorkItem>();
  const waiting = new Map<string, WorkItem>();
  const working = new Map<string, WorkClass | undefined>();
  const delayed = new Map<string, Delayed>();
  const idle: Worker[] = [];
  const pace = createPace();
  let hasWorkers = false;
  let isShutDown = false;
  let lastStamp = 0;
  const now = (): number => clock.monotonicMs();
  /** No two are alike, so that keys that come back later still stand in the order in which they first came. */
  const stamp = (): number => (lastStamp = Math.max(now(), lastStamp + STAMP_STEP_MS));

  const handOut = (): void => {
    for (const worker of [...idle]) {
      const item = line.take(now(), worker.mayStart);
      if (item === undefined) continue;
      idle.splice(idle.indexOf(worker), 1);
      waiting.delete(textOfKey(item.key));
      working.set(textOfKey(item.key), undefined);
      if (!isUrgent(item.workClass)) pace.begin(textOfKey(item.key), now());
      onStart?.(Math.max(0, now() - item.since));
      worker.take(item);
    }
  };
  const enter = (item: WorkItem): void => {
    waiting.set(textOfKey(item.key), item);
    line.add(item);
  };
  const add = (key: ObjectKey, workClass: WorkClass, since = stamp()): void => {
    if (isShutDown) return;
    const text = textOfKey(key);
    if (working.has(text)) {
      working.set(text, moreUrgent(working.get(text) ?? workClass, workClass));
      return;
    }
    if (!isUrgent(workClass) && isHeld(text, key, workClass)) return;
    if (joinLine(key, workClass, since)) handOut();
  };
  /** At the place of the more urgent and the older of its two reasons, where it waits already. Whether that is news. */
  const joinLine = (key: ObjectKey, workClass: WorkClass, since: number): boolean => {
    const before = waiting.get(textOfKey(key));
    const lane = laneOf(key);
    const place = {
      workClass: moreUrgent(before?.workClass ?? workClass, workClass),
      since: Math.min(before?.since ?? since, since),
    };
    if (before === undefined) onAdd?.();
    else if (before.lane === lane && before.workClass === place.workClass && before.since === place.since) return false;
    else line.remove(before);
    enter({ key, namespace: key.namespace, lane, ...place });
    return true;
  };
  const delay = (key: ObjectKey, next: Omit<Delayed, "cancel">): void => {
    const text = textOfKey(key);
    const before = delayed.get(text);
    before?.cancel();
    const merger = merged(before, next);
    const cancel = clock.after(Math.max(0, merger.dueAt - now()), () => {
      delayed.delete(text);
      add(key, merger.workClass, merger.since);
    });
    delayed.set(text, { ...merger, cancel });
  };
  /** Whether the key waits for a pause that it is put into, or is in. */
  const isHeld = (text: string, key: ObjectKey, workClass: WorkClass): boolean => {
    const pauseMs = pace.holdMs(text, now());
    const dueAt = delayed.get(text)?.isHeld === true ? Number.POSITIVE_INFINITY : now() + pauseMs;
    if (pauseMs === 0 && Number.isFinite(dueAt)) return false;
    delay(key, { dueAt, workClass, since: undefined, isHeld: true });
    return true;
  };
  /** What came while nobody worked, in a process that waited to become the leader, is as old as the first worker. */
  const beginAges = (): void => {
    if (hasWorkers) return;
    hasWorkers = true;
    for (const item of [...waiting.values()]) {
      line.remove(item);
      enter({ ...item, since: stamp() });
    }
  };

  return {
    add,
    addAfter: (key, workClass, ms, since) => {
      if (isShutDown) return;
      onRetry?.();
      delay(key, { dueAt: now() + ms, workClass, since, isHeld: false });
    },
    hold: (key, workClass, ms) => {
      if (isShutDown) return;
      onRetry?.();
      delay(key, { dueAt: now() + ms, workClass, since: undefined, isHeld: true });
    },
    next: (mayStart = () => true) => {
      if (isShutDown) return Promise.resolve(undefined);
      beginAges();
      return new Promise((take) => {
        idle.push({ mayStart, take });
        handOut();
      });
    },
    done: ({ key }) => {
      const again = working.get(textOfKey(key));
      working.delete(textOfKey(key));
      if (again !== undefined) add(key, again);
    },
    cancelAfter: (key) => {
      const pause = delayed.get(textOfKey(key));
      // What woke a held key meanwhile is still to come.
      if (pause === undefined || pause.isHeld) return;
      pause.cancel();
      delayed.delete(textOfKey(key));
    },
    forget: (key) => {
      delayed.get(textOfKey(key))?.cancel();
      delayed.delete(textOfKey(key));
      pace.forget(textOfKey(key));
    },
    reconsider: handOut,
    shutDown: () => {
      isShutDown = true;
      for (const { cancel } of delayed.values()) cancel();
      delayed.clear();
      for (const { take } of idle.splice(0)) take(undefined);
    },
    depth: (workClass) => line.countOf(workClass),
  };
}

function merged(before: Delayed | undefined, next: Omit<Delayed, "cancel">): Omit<Delayed, "cancel"> {
  if (before === undefined) return next;
  const since = Math.min(before.since ?? Number.POSITIVE_INFINITY, next.since ?? Number.POSITIVE_INFINITY);
  return {
    dueAt: Math.min(before.dueAt, next.dueAt),
    workClass: moreUrgent(before.workClass, next.workClass),
    since: Number.isFinite(since) ? since : undefined,
    isHeld: before.isHeld || next.isHeld,
  };
}
