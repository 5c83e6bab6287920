import type { Clock } from "../../src/ports/clock.ts";

/** A clock that stands still until a test moves it. Timers fire in the order in which they are due. */
export interface FakeClock extends Clock {
  advance(ms: number): Promise<void>;
  /** Somebody corrects the time of day: no time passes, and no timer fires. */
  step(ms: number): void;
}

export function createFakeClock(
  startMs = Date.parse("2026-01-01T00:00:00Z"),
  random: () => number = () => 0.5,
): FakeClock {
  let now = startMs;
  let corrected = 0;
  let timers: { readonly at: number; readonly fn: () => void }[] = [];
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 80; i++) await Promise.resolve();
  };
  return {
    now: () => new Date(now + corrected),
    monotonicMs: () => now - startMs,
    step: (ms) => {
      corrected += ms;
    },
    random,
    after: (ms, fn) => {
      const timer = { at: now + ms, fn };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance: async (ms) => {
      const until = now + ms;
      await settle();
      for (;;) {
        const next = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.fn();
        await settle();
      }
      now = until;
      await settle();
    },
  };
}
