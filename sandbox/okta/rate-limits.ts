import { createLimiter, type Limiter, type Refill, type Verdict } from "../limits.ts";
import { managementError, type OktaError } from "./errors.ts";
import { type Bucket, OKTA_PLANS, type OktaPlan } from "./plans.ts";

type Headers = Readonly<Record<string, string>>;

export interface RateLimits {
  /** Requests of the Management API at a time. */
  readonly maxConcurrent: number;
  /** Counts one request of that API token or app: the headers of its answer. Throws the refusal. */
  count(bucket: Bucket, principal: string | undefined, nowMs: number): Headers;
}

/** Okta: what one API token or app may use of each limit of the Management API, by default. */
const SHARE_PERCENT = 50;
const WINDOW_MS = 60_000;

export function createRateLimits(plan: OktaPlan, refill: Refill, sharePercent = SHARE_PERCENT): RateLimits {
  const spec = OKTA_PLANS[plan];
  if (spec === undefined) return { maxConcurrent: Number.POSITIVE_INFINITY, count: () => ({}) };
  const limiters = new Map<string, Limiter>();
  const limiterOf = (key: string, rate: number): Limiter => {
    const limiter = limiters.get(key) ?? limiterFor(rate, refill);
    limiters.set(key, limiter);
    return limiter;
  };
  return {
    maxConcurrent: spec.concurrent,
    count: (bucket, principal, nowMs) => {
      const rate = spec.perMinute[bucket];
      const verdicts: Verdict[] = [];
      if (principal !== undefined) {
        const share = Math.max(1, Math.floor((rate * sharePercent) / 100));
        verdicts.push(allowed(limiterOf(`${bucket} ${principal}`, share).take(nowMs)));
      }
      verdicts.push(allowed(limiterOf(bucket, rate).take(nowMs)));
      // That the tighter of the two is shown is not documented.
      return headersOf(verdicts.reduce((tightest, other) => (other.remaining < tightest.remaining ? other : tightest)));
    },
  };
}

const limiterFor = (rate: number, refill: Refill): Limiter =>
  refill === "window" ? countedByWindow(rate) : createLimiter({ rate, per: "minute", burst: rate }, refill);

/** So many within a minute that starts with the first request. */
function countedByWindow(rate: number): Limiter {
  let window = { startedAt: Number.NEGATIVE_INFINITY, count: 0 };
  return {
    take: (nowMs) => {
      if (nowMs - window.startedAt >= WINDOW_MS) window = { startedAt: nowMs, count: 0 };
      const isAllowed = window.count < rate;
      if (isAllowed) window.count += 1;
      const resetAt = Math.ceil((window.startedAt + WINDOW_MS) / 1000);
      return { isAllowed, limit: rate, remaining: rate - window.count, resetAt };
    },
  };
}

function allowed(verdict: Verdict): Verdict {
  if (!verdict.isAllowed) throw tooMany(verdict);
  return verdict;
}

type Numbers = Omit<Verdict, "isAllowed">;

/** Okta: the reset is in seconds since the epoch. */
const headersOf = ({ limit, remaining, resetAt }: Numbers): Headers => ({
  "x-rate-limit-limit": String(limit),
  "x-rate-limit-remaining": String(Math.max(0, remaining)),
  "x-rate-limit-reset": String(resetAt),
});

const tooMany = (numbers: Numbers): OktaError =>
  managementError(429, "E0000047", "API call exceeded rate limit due to too many requests.", [], headersOf(numbers));

/** Too many at the same time: all numbers are nought, the reset is an estimate. */
export const tooManyAtOnce = (nowMs: number): OktaError =>
  tooMany({ limit: 0, remaining: 0, resetAt: Math.ceil(nowMs / 1000) + 1 });
