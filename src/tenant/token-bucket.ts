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
}

/**
 * What may be saved up. A vendor that refills at the top of each second may be up to a second behind a continuous
 * refill, and one that counts by the minute also lets no more than the burst through in one second: so that much of the
 * burst is left unused. At least one request can always be made.
 */
const capacityOf = ({ ratePerSecond, burst }: BucketLimit): number => Math.max(1, burst - ratePerSecond);

/** How many requests one window of unknown phase may see. */
const windowCapacityOf = (limit: BucketLimit): number =>
  Math.max(
    1,
    Math.floor((limit.ratePerSecond * limit.windowMs) / 1000 + (limit.windowMs > 1000 ? 0 : capacityOf(limit))),
  );

/** A full bucket. */
export function freshBucket(limit: BucketLimit, now: number): BucketState {
  return { tokens: capacityOf(limit), at: now, sent: [], closedUntil: 0 };
}

function refilled(limit: BucketLimit, state: BucketState, now: number): BucketState {
  const gained = (Math.max(0, now - state.at) / 1000) * limit.ratePerSecond;
  const sent = state.sent.filter((at) => at > now - limit.windowMs);
  return { ...state, tokens: Math.min(capacityOf(limit), state.tokens + gained), at: Math.max(now, state.at), sent };
}

/** Milliseconds until a request may go; 0 when it may go now. */
export function delayOf(limit: BucketLimit, state: BucketState, now: number): number {
  const current = refilled(limit, state, now);
  const untilOpen = Math.max(0, current.closedUntil - now);
  const untilToken = current.tokens >= 1 ? 0 : Math.ceil(((1 - current.tokens) / limit.ratePerSecond) * 1000);
  const excess = current.sent.length - windowCapacityOf(limit);
  const oldest = current.sent[excess];
  const untilWindow = excess < 0 || oldest === undefined ? 0 : oldest + limit.windowMs + 1 - now;
  return Math.max(untilOpen, untilToken, untilWindow);
}

/** Counts one request that is being sent. */
export function taken(limit: BucketLimit, state: BucketState, now: number): BucketState {
  const current = refilled(limit, state, now);
  return { ...current, tokens: current.tokens - 1, sent: [...current.sent, now] };
}

/** What the vendor's answer says about the bucket. */
export interface Feedback {
  readonly status: number;
  /** Requests left, when the answer says so. A limit of 0 means that too many ran at once. */
  readonly remaining?: number;
  readonly resetAt?: number;
}

/** Others use the tenant too: never more than is left. A 429 closes the bucket until the reset. */
export function corrected(limit: BucketLimit, state: BucketState, feedback: Feedback, now: number): BucketState {
  const current = refilled(limit, state, now);
  if (feedback.status === 429) {
    const resetAt = feedback.resetAt ?? now + limit.windowMs;
    return { ...current, tokens: 0, closedUntil: Math.max(resetAt, now + 1000, current.closedUntil) };
  }
  return feedback.remaining === undefined
    ? current
    : { ...current, tokens: Math.min(current.tokens, feedback.remaining) };
}
