const FIRST_MS = 1000;
const LONGEST_MS = 15 * 60_000;

/** The longest pause before the next try after so many in a row: doubles from 1 s to 15 min. */
export const longestBackoffMs = (tries: number): number =>
  Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(30, Math.max(0, tries - 1)));

/**
 * Pause before the next try after so many failures in a row: doubles from 1 s to 15 min, with full jitter (anything
 * from half a second up to that), so that objects that failed together do not come back together.
 */
export function backoffMs(failures: number, random: number): number {
  return Math.max(FIRST_MS / 2, Math.round(longestBackoffMs(failures) * random));
}
