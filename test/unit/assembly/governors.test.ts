import { describe, expect, it } from "vitest";
import { createGovernors } from "../../../src/assembly/governors.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

const LIMITS = [{ name: "all", ratePerSecond: 1, burst: 1, windowMs: 1000 }];

function setUp() {
  const clock = createFakeClock();
  const gone: string[] = [];
  const governors = createGovernors(clock, (tenant) => gone.push(tenant));
  const take = (credential: string, tenant = "acme") =>
    governors.take({ credential, tenant, limits: LIMITS, share: 100 });
  return { clock, gone, governors, take };
}

describe("the governors of a process", () => {
  it("are one for each credential in use, however many connections share it", () => {
    const { governors, take } = setUp();
    expect(take("a").governor).toBe(take("a").governor);
    take("b");
    expect(governors.list()).toHaveLength(2);
  });

  it("are no more than the credentials in use, however often these are rotated", async () => {
    const { clock, governors, take } = setUp();
    let current = take("credential-0");
    for (let i = 1; i <= 1000; i++) {
      const next = take(`credential-${String(i)}`);
      current.release();
      current = next;
      await clock.advance(60_000);
    }
    expect(governors.list()).toHaveLength(1);
    // Those of the last quarter of an hour may still be told to wait.
    expect(governors.size()).toBeLessThanOrEqual(17);
  });

  it("remember what a tenant said to a connection that is made anew", async () => {
    const { clock, take } = setUp();
    const first = take("a");
    const signal = new AbortController().signal;
    await first.governor.admit({ buckets: ["all"], workClass: "drift", namespace: "", signal });
    first.governor.settle(["all"], { status: 429, resetInMs: 300_000 });
    first.release();
    await clock.advance(1000);
    expect(take("a").governor).toBe(first.governor);
  });

  it("tell when nobody uses a tenant any more, and a release counts once", async () => {
    const { clock, gone, governors, take } = setUp();
    const [one, two] = [take("a"), take("b")];
    one.release();
    one.release();
    await clock.advance(1_000_000);
    governors.list();
    expect(gone).toEqual([]);
    two.release();
    await clock.advance(1_000_000);
    governors.list();
    expect(gone).toEqual(["acme"]);
  });
});
