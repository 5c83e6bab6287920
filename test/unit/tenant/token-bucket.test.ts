import { describe, expect, it } from "vitest";
import { createLimiter, type LimitSpec, PLANS, type Refill } from "../../../sandbox/limits.ts";
import { limitsOf } from "../../../src/providers/auth0/limits.ts";
import { type BucketLimit, corrected, delayOf, freshBucket, taken } from "../../../src/tenant/token-bucket.ts";

const MINUTES = 5;

/** The operator's settings for the plan, and what the vendor does. */
const CASES: readonly { readonly name: string; readonly spec: LimitSpec; readonly perMinute: number }[] = [
  { name: "professional", spec: PLANS.professional.management, perMinute: 150 },
  { name: "enterprise-non-production", spec: PLANS["enterprise-non-production"].management, perMinute: 120 },
  { name: "enterprise-production", spec: PLANS["enterprise-production"].management, perMinute: 960 },
  { name: "free", spec: PLANS.free.management, perMinute: 120 },
];

function bucketOf(perMinute: number, burst: number, share: number): BucketLimit {
  const [management] = limitsOf({ requestsPerMinute: perMinute, burst });
  if (management === undefined) throw new Error("no limit");
  return { ...management, ratePerSecond: (management.ratePerSecond * share) / 100 };
}

/** Work always waits: a request goes whenever the bucket lets it. What the vendor says to each is counted. */
function run(
  limit: BucketLimit,
  spec: LimitSpec,
  refill: Refill,
  phase: number,
): { readonly sent: number; readonly refused: number } {
  const limiter = createLimiter(spec, refill);
  const start = 1_800_000_000_000 + phase;
  let state = freshBucket(limit, start);
  let [now, sent, refused] = [start, 0, 0];
  while (now < start + MINUTES * 60_000) {
    const wait = delayOf(limit, state, now);
    if (wait > 0) {
      now += wait;
      continue;
    }
    state = taken(limit, state, now);
    sent += 1;
    if (!limiter.take(now).isAllowed) refused += 1;
  }
  return { sent, refused };
}

describe.each(CASES)("under the limits of $name", ({ spec, perMinute }) => {
  describe.each(["window", "continuous"] as const)("refilled by %s", (refill) => {
    it.each([0, 137, 500, 999, 17_017, 30_500, 59_999])(
      "nothing is refused and nearly the whole rate is used, from phase %i ms on",
      (phase) => {
        for (const share of [100, 80]) {
          const { sent, refused } = run(bucketOf(perMinute, spec.burst, share), spec, refill, phase);
          expect(refused).toBe(0);
          expect(sent).toBeGreaterThanOrEqual(0.95 * MINUTES * perMinute * (share / 100));
        }
      },
    );
  });
});

const LIMIT: BucketLimit = { ratePerSecond: 2, burst: 10, windowMs: 1000 };

describe("a bucket", () => {
  it("gives no more than the vendor says is left", () => {
    let state = freshBucket(LIMIT, 0);
    state = corrected(LIMIT, state, { status: 200, remaining: 1 }, 0);
    expect(delayOf(LIMIT, state, 0)).toBe(0);
    state = taken(LIMIT, state, 0);
    expect(delayOf(LIMIT, state, 0)).toBe(500);
  });

  it("stays closed after a 429 until the reset, and not a millisecond longer", () => {
    const state = corrected(LIMIT, freshBucket(LIMIT, 0), { status: 429, resetInMs: 5000 }, 0);
    expect(delayOf(LIMIT, state, 4999)).toBe(1);
    expect(delayOf(LIMIT, state, 5000)).toBe(0);
  });

  it("a reset in the past still means a pause", () => {
    const state = corrected(LIMIT, freshBucket(LIMIT, 10_000), { status: 429, resetInMs: 0 }, 10_000);
    expect(delayOf(LIMIT, state, 10_000)).toBe(1000);
  });

  it("closes for seconds first when a 429 does not say for how long, and then for longer", () => {
    const pauses: number[] = [];
    let [now, state] = [0, freshBucket(LIMIT, 0)];
    for (let i = 0; i < 8; i++) {
      state = corrected(LIMIT, state, { status: 429 }, now);
      // Those that were on their way when it closed say nothing new.
      state = corrected(LIMIT, state, { status: 429 }, now + 1);
      pauses.push(state.closedUntil - now);
      now = state.closedUntil;
    }
    expect(pauses.map((pause) => Math.round(pause / 1000))).toEqual([2, 4, 8, 16, 32, 60, 60, 60]);
    state = corrected(LIMIT, state, { status: 200 }, now);
    state = corrected(LIMIT, state, { status: 429 }, now);
    expect(state.closedUntil - now).toBe(2000);
  });
});

describe("listing the clients of an Auth0 tenant", () => {
  const ofClients = (perMinute: number) => {
    const limits = limitsOf({ requestsPerMinute: perMinute, burst: 50 });
    return limits.find(({ name }) => name === "list-clients");
  };

  it("has a lower limit up to the rate of the self-service plans", () => {
    expect(PLANS.professional.listClients).toMatchObject({ rate: 100, per: "minute" });
    expect(ofClients(150)).toMatchObject({ ratePerSecond: 100 / 60, burst: 5 });
    expect(ofClients(120)).toMatchObject({ ratePerSecond: 100 / 60, burst: 5 });
  });

  it("has the limit of all requests above it", () => {
    expect(PLANS["enterprise-production"].listClients).toBeUndefined();
    expect(ofClients(960)).toMatchObject({ ratePerSecond: 16, burst: 50 });
  });
});
