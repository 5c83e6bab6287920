type HeaderReader = { get(name: string): string | null };

/** However far ahead a vendor, or a proxy on the way, says that a limit ends: after this it is tried again. */
export const LONGEST_PAUSE_MS = 15 * 60_000;

/** Below it a number is a number of seconds, from it on seconds since the epoch (2001), from `EPOCH_MS` milliseconds. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

/**
 * Milliseconds from the answer until its limit ends, from 0 to fifteen minutes: `Retry-After` (RFC 9110 section 10.2.3),
 * else the reset that Auth0 and Okta tell. `undefined` when it tells neither. A time of day is measured from the answer's
 * own `Date`, since the vendor's clock may differ from ours, else from `now`; without both it tells nothing.
 */
export function pauseIn(headers: HeaderReader | undefined, now?: Date): number | undefined {
  const date = timeOf(headers?.get("date")) ?? now?.getTime();
  for (const name of ["retry-after", "x-ratelimit-reset", "x-rate-limit-reset"]) {
    const pause = pauseOf(headers?.get(name)?.trim() ?? "", date);
    if (pause !== undefined) return Math.min(LONGEST_PAUSE_MS, Math.max(0, pause));
  }
  return undefined;
}

/** For how long to leave the vendor alone after a refusal (HTTP 429), at least a second; `undefined` when it tells nothing. */
export function retryAfterOf(headers: HeaderReader | undefined): number | undefined {
  const pause = pauseIn(headers);
  return pause === undefined ? undefined : Math.max(1000, pause);
}

function pauseOf(text: string, date: number | undefined): number | undefined {
  const number = /^\d+$/.test(text) ? Number(text) : undefined;
  if (number !== undefined && number < EPOCH_SECONDS) return number * 1000;
  const at = number === undefined ? timeOf(text) : number < EPOCH_MS ? number * 1000 : number;
  return at === undefined || date === undefined ? undefined : at - date;
}

/** HTTP-date (RFC 9110 section 5.6.7), which begins with the name of a day. */
function timeOf(text: string | null | undefined): number | undefined {
  const time = /^[A-Z][a-z]+,? /.test(text ?? "") ? Date.parse(text ?? "") : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}
