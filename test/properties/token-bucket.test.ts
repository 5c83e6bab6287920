import fc from "fast-check";
import { expect, it } from "vitest";
import { LONGEST_PAUSE_MS } from "../../src/tenant/retry-after.ts";
import {
  type BucketLimit,
  type BucketState,
  corrected,
  delayOf,
  freshBucket,
  taken,
} from "../../src/tenant/token-bucket.ts";
import { holds } from "./holds.ts";

const limits: fc.Arbitrary<BucketLimit> = fc.record({
  ratePerSecond: fc.double({ min: 0.1, max: 100, noNaN: true }),
  burst: fc.integer({ min: 1, max: 200 }),
  windowMs: fc.constantFrom(1000, 60_000),
});
/** A clock may stand still, leap, and be read in the wrong order. */
const steps = fc.array(
  fc.record({
    advanceMs: fc.oneof(fc.integer({ min: -500, max: 2000 }), fc.integer({ min: 0, max: 300_000 })),
    status: fc.constantFrom(0, 200, 200, 200, 429),
    remaining: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    resetInMs: fc.option(fc.integer({ min: -1000, max: 10_000_000 }), { nil: undefined }),
  }),
  { maxLength: 60 },
);

interface Sending {
  readonly state: BucketState;
  readonly now: number;
}

function advance(limit: BucketLimit, { state, now }: Sending, { advanceMs, ...answer }: Step): Sending {
  const later = now + advanceMs;
  const sent = delayOf(limit, state, later) === 0 ? taken(limit, state, later) : state;
  const { status, remaining, resetInMs } = answer;
  const feedback = {
    status,
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetInMs === undefined ? {} : { resetInMs }),
  };
  return { state: corrected(limit, sent, feedback, later), now: later };
}
type Step = { advanceMs: number; status: number; remaining: number | undefined; resetInMs: number | undefined };

it("whatever the clock and the vendor say, a request waits for a bounded time, and may go then", () => {
  holds(
    fc.property(limits, steps, (limit, all) => {
      let sending: Sending = { state: freshBucket(limit, 0), now: 0 };
      for (const step of all) sending = advance(limit, sending, step);
      const { state, now } = sending;
      const longest = Math.max(LONGEST_PAUSE_MS, 10_000_000) + limit.windowMs + 1000 / limit.ratePerSecond + 1000;
      let waited = 0;
      for (let delay = delayOf(limit, state, now); delay > 0; delay = delayOf(limit, state, now + waited)) {
        expect(Number.isFinite(delay)).toBe(true);
        waited += delay;
        expect(waited).toBeLessThanOrEqual(longest);
      }
    }),
  );
});

it("of a clock that goes forward, no window ever sees more requests than the limit allows", () => {
  holds(
    fc.property(limits, fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 200 }), (limit, pauses) => {
      let [state, now] = [freshBucket(limit, 0), 0];
      const sent: number[] = [];
      for (const pause of pauses) {
        now += pause;
        if (delayOf(limit, state, now) > 0) continue;
        state = taken(limit, state, now);
        sent.push(now);
      }
      const most = Math.max(1, limit.burst - limit.ratePerSecond) + (limit.ratePerSecond * limit.windowMs) / 1000;
      for (const start of sent)
        expect(sent.filter((at) => at >= start && at < start + limit.windowMs).length).toBeLessThanOrEqual(most + 1);
    }),
  );
});

it("after a refusal nothing goes for at least a second, and never longer than the longest pause", () => {
  holds(
    fc.property(
      limits,
      steps,
      fc.option(fc.integer({ min: -5, max: 1e9 }), { nil: undefined }),
      (limit, all, resetInMs) => {
        let sending: Sending = { state: freshBucket(limit, 0), now: 0 };
        for (const step of all) sending = advance(limit, sending, { ...step, status: 200, remaining: undefined });
        const { state, now } = sending;
        const refused = corrected(
          limit,
          state,
          { status: 429, ...(resetInMs === undefined ? {} : { resetInMs }) },
          now,
        );
        expect(delayOf(limit, refused, now)).toBeGreaterThanOrEqual(1000);
        expect(refused.closedUntil - now).toBeLessThanOrEqual(LONGEST_PAUSE_MS);
      },
    ),
  );
});
