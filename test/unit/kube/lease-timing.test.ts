import { expect, it } from "vitest";
import { checkTiming, LEASE_TIMING, mayTake, observe } from "../../../src/kube/lease-timing.ts";

const spec = (holderIdentity: string, renewTime: string) => ({ holderIdentity, renewTime, leaseDurationSeconds: 15 });

it("by default a holder stops seconds before others may take the lease, and tries more than once before", () => {
  const { durationMs, renewDeadlineMs, retryMs } = LEASE_TIMING;
  expect(durationMs - renewDeadlineMs).toBeGreaterThanOrEqual(5000);
  expect(renewDeadlineMs / retryMs).toBeGreaterThanOrEqual(3);
  expect(() => {
    checkTiming(LEASE_TIMING);
  }).not.toThrow();
});

it.each([
  { durationMs: 10_000, renewDeadlineMs: 10_000, retryMs: 2000 },
  { durationMs: 15_000, renewDeadlineMs: 2000, retryMs: 2000 },
  { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 0 },
])("refuses times under which two could hold it, or none: %o", (timing) => {
  expect(() => {
    checkTiming(timing);
  }).toThrow();
});

it("only our own clock counts, from when the record was first seen", () => {
  const seen = observe(undefined, spec("other", "1999-01-01T00:00:00.000000Z"), 1000, 15_000);
  expect(mayTake(seen, "me", 16_000)).toBe(false);
  expect(mayTake(seen, "me", 16_001)).toBe(true);
});

it("a renewal begins the wait anew, and the same record does not", () => {
  const first = observe(undefined, spec("other", "a"), 0, 15_000);
  const same = observe(first, spec("other", "a"), 14_000, 15_000);
  const renewed = observe(same, spec("other", "b"), 14_500, 15_000);
  expect(mayTake(same, "me", 15_001)).toBe(true);
  expect(mayTake(renewed, "me", 15_001)).toBe(false);
  expect(mayTake(renewed, "me", 29_501)).toBe(true);
});

it("a lease that was given away, was never held or is ours is free at once", () => {
  expect(mayTake(observe(undefined, spec("", "a"), 0, 15_000), "me", 0)).toBe(true);
  expect(mayTake(observe(undefined, undefined, 0, 15_000), "me", 0)).toBe(true);
  expect(mayTake(observe(undefined, {}, 0, 15_000), "me", 0)).toBe(true);
  expect(mayTake(observe(undefined, spec("me", "a"), 0, 15_000), "me", 0)).toBe(true);
});

it("a Lease that was deleted under its holder is not free before the holder's time is over", () => {
  const held = observe(undefined, spec("other", "a"), 0, 15_000);
  const deleted = observe(held, undefined, 5000, 15_000);
  expect(mayTake(deleted, "me", 5000)).toBe(false);
  expect(mayTake(deleted, "me", 15_001)).toBe(true);
});

it("the duration is the holder's own; without one it is ours", () => {
  expect(mayTake(observe(undefined, { holderIdentity: "other" }, 0, 3000), "me", 3001)).toBe(true);
  const long = { holderIdentity: "other", leaseDurationSeconds: 60 };
  expect(mayTake(observe(undefined, long, 0, 3000), "me", 59_000)).toBe(false);
});
