import { LONGEST_PAUSE_MS } from "./retry-after.ts";

/** One limit of a tenant, as far as we may use it. Rates are what we allow ourselves, the people's share taken off. */
export interface BucketLimit {
  readonly ratePerSecond: number;
  /** Requests the vendor lets through at once. */
  readonly burst: number;
  /** The period over which the vendor counts, in milliseconds. */
  readonly windowMs: number;
}

/** Times are milliseconds of the monotonic clock. */
export interface BucketState {
  readonly tokens: number;
  readonly at: number;
  /** When requests were sent, within the last window. */
  readonly sent: readonly number[];
  /** No request is sent before this time: the vendor refused one. */
  readonly closedUntil: number;
  /** Refusals in a row, those while it was closed counted as one. */
  readonly refusals: number;
  /** What the vendor said is left of its window, and until when; ours and others' use of it counts alike. */
  readonly left: { readonly count: number; readonly until: number } | undefined;
}

/**
 * What may be saved up. A vendor that refills at the top of each second may be up to a second behind a continuous
 * refill, and one that counts by the minute also lets no more than the burst through in one second: so that much of the
 * burst is left unused. At least one request can always be made.
 */
const capacityOf = ({ ratePerSecond, burst }: BucketLimit): number => Math.max(1, burst - ratePerSecond);

/** Floating point: 100 / 3 * 3 may come out just under 100. */
const EPSILON = 1e-6;

/** How many requests one window of unknown phase may see. */
const windowCapacityOf = (limit: BucketLimit): number =>
  Math.max(
    1,
    Math.floor(
      (limit.ratePerSecond * limit.windowMs) / 1000 + (limit.windowMs > 1000 ? 0 : capacityOf(limit)) + EPSILON,
    ),
  );

/** A full bucket. */
export function freshBucket(limit: BucketLimit, now: number): BucketState {
  return { tokens: capacityOf(limit), at: now, sent: [], closedUntil: 0, refusals: 0, left: undefined };
}

function refilled(limit: BucketLimit, state: BucketState, now: number): BucketState {
  const gained = (Math.max(0, now - state.at) / 1000) * limit.ratePerSecond;
  const sent = withinWindow(state.sent, now - limit.windowMs);
  const left = state.left === undefined || state.left.until <= now ? undefined : state.left;
  return {
    ...state,
    left,
    tokens: Math.min(capacityOf(limit), state.tokens + gained),
    at: Math.max(now, state.at),
    sent,
  };
}

/** They are in the order of time, and mostly none has left the window since the request before. */
function withinWindow(sent: readonly number[], since: number): readonly number[] {
  const [oldest] = sent;
  return oldest === undefined || oldest > since ? sent : sent.filter((at) => at > since);
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
  /** Milliseconds until the limit ends, when the answer says so. */
  readonly resetInMs?: number;
  /** Requests per window, as the vendor names its limit. */
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
  if (feedback.status === 429) return closed(current, feedback.resetInMs, now);
  const { status, remaining, resetInMs } = feedback;
  const answered = { ...current, refusals: status === 0 ? current.refusals : 0 };
  if (remaining === undefined) return answered;
  const tokens = Math.min(current.tokens, remaining);
  // A shorter window is over before it matters, and its reset comes in whole seconds.
  if (resetInMs === undefined || resetInMs <= 0 || limit.windowMs < 60_000) return { ...answered, tokens };
  // Requests on their way may not be counted in the answer.
  const next = { count: remaining - inFlight, until: now + resetInMs };
  const known = current.left;
  const isSameWindow = known !== undefined && Math.abs(known.until - next.until) <= RESET_TOLERANCE_MS;
  const left = isSameWindow ? { ...next, count: Math.min(next.count, known.count) } : next;
  return { ...answered, tokens, left };
}

/** Pauses after refusals that do not say for how long: it may be the limit of a second or that of a minute. */
const FIRST_PAUSE_MS = 2000;
const LONGEST_GUESS_MS = 60_000;

function closed(current: BucketState, resetInMs: number | undefined, now: number): BucketState {
  const refusals = current.closedUntil > now ? current.refusals : current.refusals + 1;
  const guess = Math.min(LONGEST_GUESS_MS, FIRST_PAUSE_MS * 2 ** Math.min(30, refusals - 1));
  const pause = Math.min(LONGEST_PAUSE_MS, Math.max(1000, resetInMs ?? guess));
  return { ...current, tokens: 0, refusals, closedUntil: Math.max(now + pause, current.closedUntil) };
}

/** Resets come in whole seconds, by a clock that is read once for every answer. */
const RESET_TOLERANCE_MS = 2000;

/**
 * The limit in force once the vendor named it: never above it, and just that, the people's share taken off, where
 * nobody configured one. A limit of 0 means that too many ran at once.
 */
export function withAdvertisedLimit(
  configured: BucketLimit,
  advertised: number | undefined,
  means: "upperBound" | "sustainedRate" | undefined,
  sharePercent: number,
): BucketLimit {
  if (advertised === undefined || advertised <= 0 || means === undefined) return configured;
  const perSecond = (advertised * 1000) / configured.windowMs;
  const ratePerSecond =
    means === "upperBound" ? Math.min(configured.ratePerSecond, perSecond) : (perSecond * sharePercent) / 100;
  const isSame = ratePerSecond === configured.ratePerSecond;
  const burst = Math.max(2, Math.ceil((ratePerSecond * configured.windowMs) / 10_000));
  return isSame ? configured : { ...configured, ratePerSecond, burst };
}
