import { createWaitingLine, WORK_CLASSES, type WorkClass } from "../work/order.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { LimitBucket } from "../ports/http-transport.ts";
import {
  type BucketLimit,
  type BucketState,
  corrected,
  delayOf,
  type Feedback,
  freshBucket,
  informed,
  taken,
} from "./token-bucket.ts";

/** Decides when each request to one tenant may go. Shared by everything that talks to that tenant. */
export interface Governor {
  /** Resolves when the request may be sent, in the order of urgency and fairness. Rejects when aborted meanwhile. */
  admit(request: Admission): Promise<void>;
  /** Hands back the place and tells what the vendor answered; the most specific bucket learns from it. */
  settle(buckets: readonly string[], feedback: Feedback): void;
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
}

export interface GovernorStats {
  readonly throttled: number;
  readonly sent: number;
  readonly waiting: Readonly<Record<string, number>>;
  readonly buckets: readonly { readonly name: string; readonly ratePerSecond: number; readonly tokens: number }[];
}

interface Waiter extends Admission {
  readonly since: number;
  readonly resolve: () => void;
}

const MAX_IN_FLIGHT = 32;

interface Bucket {
  /** What we may use as far as nobody said otherwise. */
  readonly configured: BucketLimit;
  readonly tells: LimitBucket["tells"];
  readonly share: number;
  limit: BucketLimit;
  /** The vendor's own word for the limit. */
  said: number | undefined;
  state: BucketState;
  inFlight: number;
}

function learn(bucket: Bucket, feedback: Feedback, now: number): void {
  const { configured, tells, share } = bucket;
  if (feedback.limit !== undefined && feedback.limit > 0 && feedback.limit !== bucket.said) {
    bucket.said = feedback.limit;
    bucket.limit = informed(configured, bucket.said, tells, share);
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
  const now = (): number => clock.now().getTime();

  const configure: Governor["configure"] = (next, share) => {
    for (const { name, ratePerSecond, burst, windowMs, tells } of next) {
      const configured = { ratePerSecond: (ratePerSecond * share) / 100, burst, windowMs };
      const { state = freshBucket(configured, now()), inFlight: running = 0, said } = buckets.get(name) ?? {};
      const limit = informed(configured, said, tells, share);
      buckets.set(name, { configured, limit, state, tells, share, said, inFlight: running });
    }
  };
  const delay = (waiter: Admission): number =>
    Math.max(
      0,
      ...waiter.buckets.map((name) => {
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
      const ms = delay(waiter);
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
        const abort = (): void => {
          line.remove(waiter);
          reject(new Error("the work was given up while it waited for the tenant's rate limit"));
        };
        const waiter: Waiter = {
          ...admission,
          since: now(),
          resolve: () => {
            admission.signal.removeEventListener("abort", abort);
            resolve();
          },
        };
        if (admission.signal.aborted) {
          abort();
          return;
        }
        admission.signal.addEventListener("abort", abort, { once: true });
        line.add(waiter);
        pump();
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
