import type { Clock } from "../ports/clock.ts";

export interface LoopWatch {
  /** Why the process is of no use: something held its event loop for most of the last minute. `undefined`: it is well. */
  unhealthy(): string | undefined;
  stop(): void;
}

const TICK_MS = 200;
/** Shorter ones are ordinary work: a garbage collection, a large answer. */
const HELD_MS = 250;
const WINDOW_MS = 60_000;
/** Of the window. A single hang never takes that long: the probe's own time limit ends the process before. */
const UNHEALTHY_MS = 30_000;

/**
 * Tells how long something kept the event loop from its timers: `onHeld` gets the milliseconds of each hang once it is
 * over. While one lasts nothing here runs, and nobody answers probes.
 */
export function watchLoop(clock: Pick<Clock, "after" | "monotonicMs">, onHeld: (ms: number) => void): LoopWatch {
  let hangs: readonly { readonly endedAt: number; readonly ms: number }[] = [];
  let cancel = (): void => undefined;
  const within = (): typeof hangs => hangs.filter(({ endedAt }) => endedAt > clock.monotonicMs() - WINDOW_MS);
  const tick = (): void => {
    const dueAt = clock.monotonicMs() + TICK_MS;
    cancel = clock.after(TICK_MS, () => {
      const now = clock.monotonicMs();
      const ms = now - dueAt;
      if (ms >= HELD_MS) {
        hangs = [...within(), { endedAt: now, ms }];
        onHeld(ms);
      }
      tick();
    });
  };
  tick();
  return {
    unhealthy: () => {
      const held = within().reduce((sum, { ms }) => sum + ms, 0);
      return held < UNHEALTHY_MS
        ? undefined
        : `the event loop was held up for ${String(Math.round(held / 1000))} s of the last minute`;
    },
    stop: () => {
      cancel();
    },
  };
}
