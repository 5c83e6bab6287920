/**
 * Keeps objects that wake each other, or themselves, from going round without end: passes over one key that follow each
 * other closely are let through for a while, then with pauses that grow.
 */
export interface Pace {
  /** A pass over the key begins. */
  begin(key: string, now: number): void;
  /** For how many milliseconds the next pass has to wait. */
  holdMs(key: string, now: number): number;
  forget(key: string): void;
}

/** So many passes follow each other freely: more than any object needs for its whole life at one go. */
const FREE = 60;
/** After such a time without a pass the count starts anew. */
const QUIET_MS = 10_000;
const FIRST_MS = 1000;
const LONGEST_MS = 30_000;

interface Beat {
  readonly count: number;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
}

export function createPace(): Pace {
  const beats = new Map<string, Beat>();
  return {
    begin: (key, now) => {
      const beat = beats.get(key);
      const isQuiet = beat === undefined || now - beat.at > pauseAfter(beat.count) + QUIET_MS;
      beats.set(key, { count: isQuiet ? 1 : beat.count + 1, at: now });
    },
    holdMs: (key, now) => {
      const beat = beats.get(key);
      return beat === undefined ? 0 : Math.max(0, beat.at + pauseAfter(beat.count) - now);
    },
    forget: (key) => {
      beats.delete(key);
    },
  };
}

const pauseAfter = (count: number): number =>
  count < FREE ? 0 : Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(30, count - FREE));
