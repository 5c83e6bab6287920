import type { Clock } from "../ports/clock.ts";

/** A clock that moves only from one timer to the next. */
export interface VirtualClock extends Clock {
  /** When the next timer is due, in milliseconds since the start; `undefined` without one. */
  nextTimerMs(): number | undefined;
  /** Moves to the next timer and fires it. */
  fireNext(): void;
}

/** Starts at `start` and stands still until a timer is fired. */
export function createVirtualClock(start: Date): VirtualClock {
  const timers = new Map<object, { readonly at: number; readonly fn: () => void }>();
  let elapsed = 0;
  const next = () => {
    let first: [object, { readonly at: number; readonly fn: () => void }] | undefined;
    for (const entry of timers) if (first === undefined || entry[1].at < first[1].at) first = entry;
    return first;
  };
  return {
    now: () => new Date(start.getTime() + elapsed),
    monotonicMs: () => elapsed,
    after: (ms, fn) => {
      const id = {};
      timers.set(id, { at: elapsed + Math.max(0, ms), fn });
      return () => {
        timers.delete(id);
      };
    },
    random: () => 0.5,
    nextTimerMs: () => next()?.[1].at,
    fireNext: () => {
      const entry = next();
      if (entry === undefined) return;
      timers.delete(entry[0]);
      elapsed = Math.max(elapsed, entry[1].at);
      entry[1].fn();
    },
  };
}
