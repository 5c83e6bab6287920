/**
 * Keeps objects that wake each other, or themselves, from going round without end: each key may have a burst of passes,
 * and after that one per second.
 */
export interface Pace {
  /** A pass over the key begins. */
  begin(key: string, now: number): void;
  /** For how many milliseconds the next pass has to wait. */
  holdMs(key: string, now: number): number;
  forget(key: string): void;
}

/** So many passes may follow each other freely: more than any object needs for its whole life at one go. */
const BURST = 60;
/** One more is allowed after each of these, in milliseconds. */
const REFILL_MS = 1000;

interface Allowance {
  /** Passes that may follow at once; a fraction of the next one with it. */
  readonly left: number;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
}

export function createPace(): Pace {
  const allowances = new Map<string, Allowance>();
  const leftOf = (key: string, now: number): number => {
    const { left, at } = allowances.get(key) ?? { left: BURST, at: now };
    return Math.min(BURST, left + (now - at) / REFILL_MS);
  };
  return {
    begin: (key, now) => {
      allowances.set(key, { left: Math.max(0, leftOf(key, now) - 1), at: now });
    },
    holdMs: (key, now) => Math.max(0, Math.ceil((1 - leftOf(key, now)) * REFILL_MS)),
    forget: (key) => {
      allowances.delete(key);
    },
  };
}
