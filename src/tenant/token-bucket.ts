/** One limit of a tenant, as far as we may use it. Rates are what we allow ourselves, the people's share taken off. */
export interface BucketLimit {
  readonly ratePerSecond: number;
  /** Requests the vendor lets through at once. */
  readonly burst: number;
  /** The period over which the vendor counts, in milliseconds. */
  readonly windowMs: number;
}

/** Times are milliseconds since the epoch. */
export interface BucketState {
  readonly tokens: number;
  readonly at: number;
  /** When requests were sent, within the last window. */
  readonly sent: readonly number[];
  /** Nothing goes before this: the vendor said so. */
  readonly closedUntil: number;
  /** What the vendor said is left of its window, and until when; ours and others' use of it counts alike. */
  readonly left: { readonly count: number; readonly until: number } | undefined;
}

/**
 * What may be saved up. A vendor that refills at the top of each second may be up to a second behind a continuous
 * refill, and one that counts by the minute also lets no more than the burst through in one second: so that much of the
 * burst is left unused. At least one request can always be made.
 */
const capacityOf = ({ ratePerSecond, burst }: BucketLimit): number => Math.max(1, burst - ratePerSecond);

/** A third of a minute's rate times three is a hair less than it. */
const HAIR = 1e-6;

/** How many requests one window of unknown phase may see. */
const windowCapacityOf = (limit: BucketLimit): number =>
  Math.max(
    1,
    Math.floor((limit.ratePerSecond * limit.windowMs) / 1000 + (limit.windowMs > 1000 ? 0 : capacityOf(limit)) + HAIR),
  );

/** A full bucket. */
export function freshBucket(limit: BucketLimit, now: number): BucketState {
  return { tokens: capacityOf(limit), at: now, sent: [], closedUntil: 0, left: undefined };
}

function refilled(limit: BucketLimit, state: BucketState, now: number): BucketState {
  const gained = (Math.max(0, now - state.at) / 1000) * limit.ratePerSecond;
  const sent = state.sent.filter((at) => at > now - limit.windowMs);
  const left = state.left === undefined || state.left.until <= now ? undefined : state.left;
  return {
    ...state,
    left,
    tokens: Math.min(capacityOf(limit), state.tokens + gained),
    at: Math.max(now, state.at),
    sent,
  };
}

/** Milliseconds until a request may go; 0 when it may go now. */
export function delayOf(limit: BucketLimit, state: BucketState, now: number): number {
  const current = refilled(limit, state, now);
  const untilOpen = Math.max(0, current.closedUntil - now);
  const untilToken = current.tokens >= 1 ? 0 : Math.ceil(((1 - current.tokens) / limit.ratePerSecond) * 1000);
  const excess = current.sent.length - windowCapacityOf(limit);
  const oldest = current.sent[excess];
  const untilWindow = excess < 0 || oldest === undefined ? 0 : oldest + limit.windowMs + 1 - now;
  const { left } = current;
  const untilReset = left === undefined || left.count >= 1 ? 0 : Math.max(0, left.until - now);
  return Math.max(untilOpen, untilToken, untilWindow, untilReset);
}

/** Counts one request that is being sent. */
export function taken(limit: BucketLimit, state: BucketState, now: number): BucketState {
  const current = refilled(limit, state, now);
  const { left } = current;
  return {
    ...current,
    tokens: current.tokens - 1,
    sent: [...current.sent, now],
    left: left === undefined ? undefined : { ...left, count: left.count - 1 },
  };
}

/** What the vendor's answer says about the bucket. */
export interface Feedback {
  readonly status: number;
  /** Requests left, when the answer says so. A limit of 0 means that too many ran at once. */
  readonly remaining?: number;
  readonly resetAt?: number;
  /** What the vendor calls the limit. */
  readonly limit?: number;
}

/** Others use the tenant too: never more than is left. A 429 closes the bucket until the reset. */
export function corrected(
  limit: BucketLimit,
  state: BucketState,
  feedback: Feedback,
  now: number,
  inFlight = 0,
): BucketState {
  const current = refilled(limit, state, now);
  if (feedback.status === 429) {
    const resetAt = feedback.resetAt ?? now + limit.windowMs;
    return { ...current, tokens: 0, closedUntil: Math.max(resetAt, now + 1000, current.closedUntil) };
  }
  const { remaining, resetAt } = feedback;
  if (remaining === undefined) return current;
  const tokens = Math.min(current.tokens, remaining);
  // A shorter window is over before it matters, and its reset is told in whole seconds.
  if (resetAt === undefined || resetAt <= now || limit.windowMs < 60_000) return { ...current, tokens };
  // Requests on their way may not be counted in the answer.
  const said = { count: remaining - inFlight, until: resetAt };
  const known = current.left;
  const isSameWindow = known !== undefined && Math.abs(known.until - resetAt) <= RESET_TOLERANCE_MS;
  const left = isSameWindow ? { ...said, count: Math.min(said.count, known.count) } : said;
  return { ...current, tokens, left };
}

/** Resets are told in whole seconds, by a clock that is read once for every answer. */
const RESET_TOLERANCE_MS = 2000;

/**
 * The limit in force once the vendor said what it is: never above it, and just that, the people's share taken off, where
 * nobody configured one. A limit of 0 means that too many ran at once.
 */
export function informed(
  configured: BucketLimit,
  said: number | undefined,
  tells: "cap" | "rate" | undefined,
  sharePercent: number,
): BucketLimit {
  if (said === undefined || said <= 0 || tells === undefined) return configured;
  const perSecond = (said * 1000) / configured.windowMs;
  const ratePerSecond =
    tells === "cap" ? Math.min(configured.ratePerSecond, perSecond) : (perSecond * sharePercent) / 100;
  const isSame = ratePerSecond === configured.ratePerSecond;
  const burst = Math.max(2, Math.ceil((ratePerSecond * configured.windowMs) / 10_000));
  return isSame ? configured : { ...configured, ratePerSecond, burst };
}
