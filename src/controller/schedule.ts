import type { Clock } from "../ports/clock.ts";
import type { WorkClass } from "../work/order.ts";
import { backoffMs, longestBackoffMs } from "./backoff.ts";
import { type ObjectKey, textOfKey } from "./object-key.ts";
import type { PassHistory } from "./reconcile.ts";
import type { PassResult, ReconcileResult } from "./result.ts";
import type { WorkItem, WorkQueue } from "./work-queue.ts";

/** When each key is next, by what came of its passes so far. */
export interface Schedule {
  next(item: WorkItem, result: PassResult): void;
  historyOf(key: ObjectKey): PassHistory;
}

/** How soon a pass that lost a race is made again, in milliseconds. */
const LOOK_AGAIN_MS = 50;

export function createSchedule(
  queue: WorkQueue,
  clock: Clock,
  onLostRace: (key: ObjectKey, count: number) => void = () => undefined,
): Schedule {
  const failures = new Map<string, number>();
  const lostRaces = new Map<string, number>();
  const unfinished = new Map<string, number>();
  const refusedSince = new Map<string, number>();
  const underWaySince = new Map<string, number>();
  const unmetSince = new Map<string, number>();
  const now = (): number => clock.monotonicMs();
  const noteRefusal = (text: string, result: ReconcileResult): void => {
    if (isRefused(result)) refusedSince.set(text, refusedSince.get(text) ?? now());
    // What never came to the step that was refused says nothing of it.
    else if (!keepsPlace(result)) refusedSince.delete(text);
  };
  const noteUnderWay = (text: string, result: ReconcileResult): void => {
    if (isUnderWay(result)) underWaySince.set(text, underWaySince.get(text) ?? now());
    else if (!keepsPlace(result)) underWaySince.delete(text);
  };
  const noteUnmet = (text: string, result: ReconcileResult): void => {
    if (isUnmet(result)) unmetSince.set(text, unmetSince.get(text) ?? now());
    else if (!keepsPlace(result)) unmetSince.delete(text);
  };
  const forMs = (since: number | undefined): number | undefined => (since === undefined ? undefined : now() - since);
  const forget = (key: ObjectKey): void => {
    for (const counts of [failures, lostRaces, unfinished, refusedSince, underWaySince, unmetSince])
      counts.delete(textOfKey(key));
    queue.forget(key);
  };
  return {
    historyOf: (key) => {
      const text = textOfKey(key);
      return {
        lostRaces: lostRaces.get(text) ?? 0,
        refusedForMs: forMs(refusedSince.get(text)),
        underWayForMs: forMs(underWaySince.get(text)),
        unmetForMs: forMs(unmetSince.get(text)),
      };
    },
    next: (item, result) => {
      const { key, workClass, since } = item;
      const text = textOfKey(key);
      if (result.kind === "gone") {
        forget(key);
        return;
      }
      queue.cancelAfter(key);
      if (isLostRace(result)) onLostRace(key, raised(lostRaces, text));
      else lostRaces.delete(text);
      noteRefusal(text, result);
      noteUnderWay(text, result);
      noteUnmet(text, result);
      if (result.kind === "backoff" && result.retryAfterMs === undefined) {
        const ms = backoffMs(raised(failures, text), clock.random());
        // What it did itself, and what others did because of that, would bring it back at once.
        if (result.reason === "NoProgress") queue.hold(key, retryClass(workClass), ms);
        else queue.addAfter(key, retryClass(workClass), ms);
        return;
      }
      if (isUnfinished(result)) {
        queue.hold(key, retryClass(workClass), longestBackoffMs(raised(unfinished, text)));
        return;
      }
      unfinished.delete(text);
      if (result.kind !== "readAgain") failures.delete(text);
      const ms = delayOf(result);
      if (ms === undefined) return;
      if (isRefused(result)) queue.addAfter(key, retryClass(workClass), spread(ms, clock.random()));
      else if (keepsPlace(result)) queue.addAfter(key, workClass, ms, since);
      else queue.addAfter(key, classOf(result) ?? retryClass(workClass), ms);
    },
  };
}

function raised(counts: Map<string, number>, name: string): number {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  return count;
}

const isLostRace = (result: ReconcileResult): boolean =>
  result.kind === "readAgain" || (result.kind === "backoff" && result.isLostRace === true);

const isRefused = (result: ReconcileResult): boolean =>
  (result.kind === "backoff" && result.isRefusal === true) ||
  (result.kind === "stalled" && result.refusedBy !== undefined);

/** Up to a tenth longer, so that what was refused together does not come back together. */
const spread = (ms: number, random: number): number => Math.round(ms * (1 + random / 10));
/** The pass did all that one pass may do, and more remained. */
const isUnfinished = (result: ReconcileResult): boolean => result.kind === "wait" && result.isUnfinished === true;

const isUnderWay = (result: ReconcileResult): boolean => result.kind === "wait" && result.isUnderWay === true;

const isUnmet = (result: ReconcileResult): boolean =>
  (result.kind === "wait" || result.kind === "stalled") && result.isUnmet === true;

/** Nothing was wrong with it. */
const keepsPlace = (result: ReconcileResult): boolean =>
  result.kind === "readAgain" || (result.kind === "wait" && result.keepsPlace === true);

const classOf = (result: ReconcileResult): WorkClass | undefined =>
  "workClass" in result ? result.workClass : undefined;

function delayOf(result: ReconcileResult): number | undefined {
  switch (result.kind) {
    case "readAgain":
      return LOOK_AGAIN_MS;
    case "requeueAfter":
      return result.ms;
    case "wait":
    case "stalled":
    case "backoff":
      return result.retryAfterMs;
    case "done":
    case "paused":
      return undefined;
  }
}

/** What failed once is no longer news: it gives way to what people just changed. */
const retryClass = (workClass: WorkClass): WorkClass => (workClass === "userChange" ? "drift" : workClass);
