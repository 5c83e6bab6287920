/** Pauses that grow, as client-go's reflector has them. */
export interface Backoff {
  /**
   * The next pause in milliseconds. `lastedMs` is how long the attempt lasted: after a long one the pauses begin again.
   * `atLeastMs` is what the server requested.
   */
  next(lastedMs: number, atLeastMs?: number): number;
}

const FIRST_PAUSE_MS = 800;
const LONGEST_PAUSE_MS = 30_000;
/** What stands between us and the API server may request anything. */
const LONGEST_ASKED_MS = 120_000;
const HEALTHY_MS = 120_000;

/** `random` is from 0 inclusive to 1 exclusive; a pause is spread by half of it to either side. */
export function createBackoff(random: () => number): Backoff {
  let pauseMs = FIRST_PAUSE_MS;
  return {
    next: (lastedMs, atLeastMs = 0) => {
      if (lastedMs > HEALTHY_MS) pauseMs = FIRST_PAUSE_MS;
      const spread = pauseMs * (0.5 + random());
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
      return Math.max(spread, Math.min(atLeastMs, LONGEST_ASKED_MS));
    },
  };
}
