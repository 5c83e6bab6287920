import { createWaitingLine, WORK_CLASSES, type WorkClass } from "../work/order.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import { type LimitBucket, TransportError } from "../ports/http-transport.ts";
import {
  type BucketLimit,
  type BucketState,
  corrected,
  delayOf,
  type Feedback,
  freshBucket,
  taken,
  withAdvertisedLimit,
} from "./token-bucket.ts";

/** Decides when each request to one tenant may go. Shared by everything that talks to that tenant. */
export interface Governor {
  /**
   * Resolves when the request may be sent, in the order of urgency and fairness. When it is aborted meanwhile, rejects with
   * a `TransportError` `rate_limited` that says how long the limit holds.
   */
  admit(request: Admission): Promise<void>;
  /**
   * Hands back the place and tells what the vendor answered; the most specific bucket learns from it. Returns for how many
   * milliseconds that bucket is closed now.
   */
  settle(buckets: readonly string[], feedback: Feedback): number;
  /** Replaces limits; what was used so far stays counted. */
  configure(limits: readonly LimitBucket[], sharePercent: number): void;
  stats(): GovernorStats;
}

export interface Admission {
  /** Names of the buckets it counts against, the most specific last. */
  readonly buckets: readonly string[];
  readonly workClass: WorkClass;
  readonly namespace: string;
  readonly signal: AbortSignal;
  /** Once it is aborted the request goes at once or is given up as if `signal` were aborted. Default: it waits. */
  readonly leaving?: AbortSignal;
  /** Since when the work waits that this request is part of, in milliseconds of the monotonic clock. Default: now. */
  readonly since?: number;
}

export interface GovernorStats {
  readonly throttled: number;
  readonly sent: number;
  readonly waiting: Readonly<Record<string, number>>;
  readonly buckets: readonly { readonly name: string; readonly ratePerSecond: number; readonly tokens: number }[];
}

interface Waiter extends Admission {
  readonly since: number;
  readonly lane: string;
  readonly resolve: () => void;
}

const MAX_IN_FLIGHT = 32;

interface Bucket {
  /** What we may use as far as nobody said otherwise. */
  readonly configured: BucketLimit;
  readonly limitHeaderMeans: LimitBucket["limitHeaderMeans"];
  readonly share: number;
  limit: BucketLimit;
  /** Requests per window, as the vendor names its limit. */
  advertised: number | undefined;
  state: BucketState;
  inFlight: number;
}

function learn(bucket: Bucket, feedback: Feedback, now: number): void {
  const { configured, limitHeaderMeans, share } = bucket;
  if (feedback.limit !== undefined && feedback.limit > 0 && feedback.limit !== bucket.advertised) {
    bucket.advertised = feedback.limit;
    bucket.limit = withAdvertisedLimit(configured, bucket.advertised, limitHeaderMeans, share);
  }
  bucket.state = corrected(bucket.limit, bucket.state, feedback, now, bucket.inFlight);
}

export function createGovernor(clock: Clock, limits: readonly LimitBucket[], sharePercent: number): Governor {
  const line = createWaitingLine<Waiter>();
  const buckets = new Map<string, Bucket>();
  let timer: Cancel | undefined;
  let inFlight = 0;
  let throttled = 0;
  let sent = 0;
  const now = (): number => clock.monotonicMs();

  const configure: Governor["configure"] = (next, share) => {
    for (const { name, ratePerSecond, burst, windowMs, limitHeaderMeans } of next) {
      const configured = { ratePerSecond: (ratePerSecond * share) / 100, burst, windowMs };
      const { state = freshBucket(configured, now()), inFlight: running = 0, advertised } = buckets.get(name) ?? {};
      const limit = withAdvertisedLimit(configured, advertised, limitHeaderMeans, share);
      buckets.set(name, { configured, limit, state, limitHeaderMeans, share, advertised, inFlight: running });
    }
  };
  const delay = (names: readonly string[]): number =>
    Math.max(
      0,
      ...names.map((name) => {
        const bucket = buckets.get(name);
        return bucket === undefined ? 0 : delayOf(bucket.limit, bucket.state, now());
      }),
    );
  const send = (waiter: Waiter): void => {
    for (const name of waiter.buckets) {
      const bucket = buckets.get(name);
      if (bucket === undefined) continue;
      bucket.state = taken(bucket.limit, bucket.state, now());
      bucket.inFlight += 1;
    }
    inFlight += 1;
    sent += 1;
    waiter.resolve();
  };
  const pump = (): void => {
    timer?.();
    timer = undefined;
    let shortest = Number.POSITIVE_INFINITY;
    const isFree = (waiter: Waiter): boolean => {
      const ms = delay(waiter.buckets);
      if (ms > 0) shortest = Math.min(shortest, ms);
      return ms === 0;
    };
    while (inFlight < MAX_IN_FLIGHT) {
      const waiter = line.take(now(), isFree);
      if (waiter === undefined) break;
      send(waiter);
    }
    if (line.size() > 0 && Number.isFinite(shortest)) timer = clock.after(Math.ceil(shortest), pump);
  };

  configure(limits, sharePercent);
  return {
    configure,
    admit: (admission) =>
      new Promise((resolve, reject) => {
        const { signal, leaving } = admission;
        const unlisten = (): void => {
          signal.removeEventListener("abort", abort);
          leaving?.removeEventListener("abort", abort);
        };
        const abort = (): void => {
          unlisten();
          line.remove(waiter);
          const message = "the operator stopped the work while it waited for the tenant's rate limit";
          const retryAfterMs = Math.max(1000, delay(admission.buckets));
          reject(new TransportError("rate_limited", message, { sent: false, retryAfterMs }));
        };
        let isSent = false;
        const waiter: Waiter = {
          ...admission,
          since: admission.since ?? now(),
          lane: admission.buckets.join(" "),
          resolve: () => {
            isSent = true;
            unlisten();
            resolve();
          },
        };
        if (signal.aborted) {
          abort();
          return;
        }
        signal.addEventListener("abort", abort);
        leaving?.addEventListener("abort", abort);
        line.add(waiter);
        pump();
        if (leaving?.aborted === true && !isSent) abort();
      }),
    settle: (names, feedback) => {
      inFlight -= 1;
      if (feedback.status === 429) throttled += 1;
      for (const name of names) {
        const bucket = buckets.get(name);
        if (bucket !== undefined) bucket.inFlight -= 1;
      }
      const specific = buckets.get(names.at(-1) ?? "");
      if (specific !== undefined) learn(specific, feedback, now());
      pump();
      return Math.max(0, (specific?.state.closedUntil ?? 0) - now());
    },
    stats: () => ({
      throttled,
      sent,
      waiting: Object.fromEntries(WORK_CLASSES.map((workClass) => [workClass, line.countOf(workClass)])),
      buckets: [...buckets].map(([name, { limit, state }]) => ({
        name,
        ratePerSecond: limit.ratePerSecond,
        tokens: state.tokens,
      })),
    }),
  };
}
