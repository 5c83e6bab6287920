import { describe, expect, it } from "vitest";
import type { WorkClass } from "../../../src/work/order.ts";
import { createGovernor, type Governor } from "../../../src/tenant/governor.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

const ONE_A_SECOND = [{ name: "all", ratePerSecond: 1, burst: 1, windowMs: 1000 }];

/** Everybody asks at once; the order in which they are let through is what is looked at. */
function crowd(governor: Governor, asked: readonly (readonly [string, WorkClass, string])[]): string[] {
  const order: string[] = [];
  for (const [name, workClass, namespace] of asked) {
    const signal = new AbortController().signal;
    void governor.admit({ buckets: ["all"], workClass, namespace, signal }).then(() => {
      order.push(name);
      governor.settle(["all"], { status: 200 });
    });
  }
  return order;
}

describe("the governor", () => {
  it("lets through by urgency, whoever came first", async () => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, ONE_A_SECOND, 100);
    const order = crowd(governor, [
      ["first", "resync", "a"],
      ["drift", "drift", "a"],
      ["user", "userChange", "a"],
      ["leak", "compromised", "a"],
      ["deletion", "deletion", "a"],
    ]);
    await clock.advance(10_000);
    expect(order).toEqual(["first", "leak", "user", "deletion", "drift"]);
  });

  it("serves namespaces in turn, however much one of them wants", async () => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, ONE_A_SECOND, 100);
    const order = crowd(governor, [
      ["a1", "userChange", "a"],
      ["a2", "userChange", "a"],
      ["a3", "userChange", "a"],
      ["b1", "userChange", "b"],
    ]);
    await clock.advance(10_000);
    expect(order).toEqual(["a1", "b1", "a2", "a3"]);
  });

  it("lets no namespace starve behind the changes of another", async () => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, ONE_A_SECOND, 100);
    const order = crowd(governor, [
      ["taken", "userChange", "a"],
      ["patient", "resync", "b"],
    ]);
    await clock.advance(0);
    for (let i = 0; i < 600; i++) {
      crowd(governor, [["x", "userChange", "a"]]);
      await clock.advance(1000);
    }
    expect(order).toContain("patient");
  });

  it("sends nothing while a bucket is closed by a 429, and then goes on by itself", async () => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, ONE_A_SECOND, 100);
    const [first] = [new AbortController().signal];
    await governor.admit({ buckets: ["all"], workClass: "drift", namespace: "a", signal: first });
    governor.settle(["all"], { status: 429, resetInMs: 5000 });
    const order = crowd(governor, [["waits", "userChange", "a"]]);
    await clock.advance(4900);
    expect(order).toEqual([]);
    await clock.advance(200);
    expect(order).toEqual(["waits"]);
    expect(governor.stats().throttled).toBe(1);
  });

  it("work that was given up leaves the line", async () => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, ONE_A_SECOND, 100);
    crowd(governor, [["taken", "userChange", "a"]]);
    const abort = new AbortController();
    const waiting = governor.admit({ buckets: ["all"], workClass: "drift", namespace: "a", signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ reason: "rate_limited", sent: false, retryAfterMs: 1000 });
    expect(Object.values(governor.stats().waiting).every((count) => count === 0)).toBe(true);
  });

  it("leaves people their share", async () => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, [{ name: "all", ratePerSecond: 10, burst: 10, windowMs: 1000 }], 50);
    const order = crowd(
      governor,
      Array.from({ length: 200 }, (_, i) => [String(i), "drift", "a"] as const),
    );
    await clock.advance(20_000);
    expect(order.length).toBeLessThanOrEqual(5 * 20 + 10);
    expect(order.length).toBeGreaterThanOrEqual(95);
  });

  it.each([-3_600_000, 3_600_000])("does not care when the time of day is set by %i ms", async (stepMs) => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, ONE_A_SECOND, 100);
    const order = crowd(governor, [
      ["first", "drift", "a"],
      ["second", "drift", "a"],
      ["third", "drift", "a"],
    ]);
    await clock.advance(0);
    clock.step(stepMs);
    await clock.advance(1000);
    expect(order).toEqual(["first", "second"]);
    await clock.advance(1100);
    expect(order).toEqual(["first", "second", "third"]);
  });

  it("serves the older of two passes first, whichever asked first", async () => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, ONE_A_SECOND, 100);
    crowd(governor, [["taken", "drift", "a"]]);
    const order: number[] = [];
    for (const since of [5, 1, 3])
      void governor
        .admit({ buckets: ["all"], workClass: "drift", namespace: "a", signal: new AbortController().signal, since })
        .then(() => {
          order.push(since);
          governor.settle(["all"], { status: 200 });
        });
    await clock.advance(5000);
    expect(order).toEqual([1, 3, 5]);
  });

  it("lets a request of who is leaving go at once, or not at all", async () => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, ONE_A_SECOND, 100);
    const leaving = new AbortController();
    const request = { buckets: ["all"], workClass: "drift", namespace: "a", leaving: leaving.signal } as const;
    const admit = () => governor.admit({ ...request, signal: new AbortController().signal });
    leaving.abort();
    await admit();
    await expect(admit()).rejects.toMatchObject({ reason: "rate_limited", sent: false, retryAfterMs: 1000 });
    expect(governor.stats().waiting["drift"]).toBe(0);
  });

  it("is closed for fifteen minutes at most, also after it was configured anew", async () => {
    const clock = createFakeClock();
    const governor = createGovernor(clock, ONE_A_SECOND, 100);
    crowd(governor, [["taken", "drift", "a"]]);
    await clock.advance(0);
    await governor.admit({ buckets: [], workClass: "drift", namespace: "a", signal: new AbortController().signal });
    expect(governor.settle(["all"], { status: 429, resetInMs: 86_400_000 })).toBe(900_000);
    governor.configure(ONE_A_SECOND, 50);
    const order = crowd(governor, [["waits", "drift", "a"]]);
    await clock.advance(899_000);
    expect(order).toEqual([]);
    await clock.advance(1000);
    expect(order).toEqual(["waits"]);
  });
});
