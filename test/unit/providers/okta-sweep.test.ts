import { describe, expect, it } from "vitest";
import type { Ref } from "../../../src/ports/provider.ts";
import { createSecretSchedule } from "../../../src/providers/okta/secret-schedule.ts";
import { createSweep, type SweepTarget } from "../../../src/providers/okta/sweep.ts";
import { createFakeClock, type FakeClock } from "../../fakes/fake-clock.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Objects whose reading takes a while; when each was tried is written down. */
function tenantOf(clock: FakeClock, keys: readonly string[], takesMs: number) {
  const readAt = new Map<string, Date>();
  const tries: (readonly [key: string, atMs: number])[] = [];
  const startedAt = clock.now().getTime();
  /** How many tries fail. */
  const failing = new Map<string, number>();
  const present = new Set(keys);
  const targets = (): readonly SweepTarget[] =>
    [...present].map((key) => ({
      key,
      readAt: readAt.get(key),
      read: () =>
        new Promise((resolve, reject) => {
          const at = clock.now();
          tries.push([key, at.getTime() - startedAt]);
          clock.after(takesMs, () => {
            const left = failing.get(key) ?? 0;
            failing.set(key, left - 1);
            if (left > 0) reject(new Error(`${key} is refused`));
            else {
              readAt.set(key, at);
              resolve(2);
            }
          });
        }),
    }));
  const triesOf = (wanted: string): readonly number[] => tries.filter(([key]) => key === wanted).map(([, at]) => at);
  return { targets, tries, triesOf, readAt, failing, present };
}

function sweepOf(clock: FakeClock, tenant: ReturnType<typeof tenantOf>, perSecond = 1_000_000) {
  const ended: number[] = [];
  const failures: string[] = [];
  const sweep = createSweep({
    clock,
    allowedPerSecond: () => perSecond,
    targets: tenant.targets,
    onEnd: () => ended.push(clock.now().getTime()),
    onFailure: (key) => failures.push(key),
  });
  return { sweep, ended, failures };
}

describe("the sweep", () => {
  it("reads one object after the other and rests after each for as long as it took", async () => {
    const clock = createFakeClock();
    const tenant = tenantOf(clock, ["a", "b", "c"], 100);
    const { sweep, ended } = sweepOf(clock, tenant);
    sweep.start(clock.now());
    await clock.advance(2000);
    expect(tenant.tries).toEqual([
      ["a", 0],
      ["b", 200],
      ["c", 400],
    ]);
    expect(ended).toHaveLength(1);
  });

  it("leaves half of the rate that is allowed to others, however quick the answers are", async () => {
    const clock = createFakeClock();
    const keys = Array.from({ length: 100 }, (_, index) => String(index));
    const tenant = tenantOf(clock, keys, 10);
    // Two requests a reading, ten a second allowed.
    sweepOf(clock, tenant, 10).sweep.start(clock.now());
    await clock.advance(10_000);
    expect(tenant.tries.length * 2).toBeLessThanOrEqual(0.5 * 10 * 10 + 2);
    expect(tenant.tries.length * 2).toBeGreaterThan(0.45 * 10 * 10);
  });

  it("begins with what was read longest ago, and reads nothing twice", async () => {
    const clock = createFakeClock();
    const tenant = tenantOf(clock, ["a", "b", "c"], 10);
    const start = clock.now().getTime();
    tenant.readAt.set("a", new Date(start - 1000));
    tenant.readAt.set("b", new Date(start - 2000));
    tenant.readAt.set("c", new Date(start));
    const { sweep } = sweepOf(clock, tenant);
    sweep.start(clock.now());
    sweep.start(clock.now());
    await clock.advance(1000);
    expect(tenant.tries.map(([key]) => key)).toEqual(["b", "a"]);
    sweep.start(new Date(start));
    await clock.advance(1000);
    expect(tenant.tries).toHaveLength(2);
  });

  it("tries again after a pause what could not be read, and then has no failure", async () => {
    const clock = createFakeClock();
    const tenant = tenantOf(clock, ["a"], 10);
    tenant.failing.set("a", 1);
    const { sweep } = sweepOf(clock, tenant);
    sweep.start(clock.now());
    await clock.advance(9000);
    expect(tenant.tries).toHaveLength(1);
    expect(sweep.failureOf("a")).toMatchObject({ message: "a is refused" });
    await clock.advance(2000);
    expect(tenant.tries).toHaveLength(2);
    expect(sweep.failed()).toEqual([]);
  });

  it("reads everything else when two objects can never be read, names them, and ends all the same", async () => {
    const clock = createFakeClock();
    const tenant = tenantOf(clock, ["forbidden", "b", "c", "d", "refused"], 10);
    tenant.failing.set("forbidden", Number.POSITIVE_INFINITY).set("refused", Number.POSITIVE_INFINITY);
    const { sweep, ended, failures } = sweepOf(clock, tenant);
    sweep.start(clock.now());
    await clock.advance(1000);
    expect([...tenant.readAt.keys()]).toEqual(["b", "c", "d"]);
    expect(ended).toHaveLength(1);
    expect(sweep.failed()).toEqual(["forbidden", "refused"]);
    expect(failures).toEqual(["forbidden", "refused"]);
  });

  it("tries what can never be read less and less often, and never instead of another", async () => {
    const clock = createFakeClock();
    const tenant = tenantOf(clock, ["forbidden", "b", "c"], 10);
    tenant.failing.set("forbidden", Number.POSITIVE_INFINITY);
    const { sweep, failures } = sweepOf(clock, tenant);
    for (let minute = 0; minute < 120; minute++) {
      sweep.start(clock.now());
      await clock.advance(MINUTE_MS);
    }
    expect(tenant.triesOf("b")).toHaveLength(120);
    expect(tenant.triesOf("c")).toHaveLength(120);
    const tries = tenant.triesOf("forbidden");
    expect(tries.length).toBeGreaterThan(10);
    expect(tries.length).toBeLessThan(25);
    expect((tries.at(-1) ?? 0) - (tries.at(-2) ?? 0)).toBeGreaterThanOrEqual(10 * MINUTE_MS);
    expect(failures).toEqual(["forbidden"]);
  });

  it("does not let what waits for another try hold up what is due now", async () => {
    const clock = createFakeClock();
    const tenant = tenantOf(clock, ["forbidden", "b"], 10);
    tenant.failing.set("forbidden", Number.POSITIVE_INFINITY);
    const { sweep } = sweepOf(clock, tenant);
    sweep.start(clock.now());
    await clock.advance(5 * MINUTE_MS);
    const before = tenant.triesOf("b").length;
    sweep.start(clock.now());
    await clock.advance(100);
    expect(tenant.triesOf("b")).toHaveLength(before + 1);
  });

  it("forgets the failures of what is gone", async () => {
    const clock = createFakeClock();
    const tenant = tenantOf(clock, ["keep"], 10);
    const { sweep } = sweepOf(clock, tenant);
    for (let index = 0; index < 100; index++) {
      const key = `gone ${String(index)}`;
      tenant.present.add(key);
      tenant.failing.set(key, Number.POSITIVE_INFINITY);
      sweep.start(clock.now());
      await clock.advance(1000);
      tenant.present.delete(key);
    }
    sweep.start(clock.now());
    await clock.advance(1000);
    expect(sweep.failed()).toEqual([]);
  });

  it("reads nothing more once it was stopped", async () => {
    const clock = createFakeClock();
    const tenant = tenantOf(clock, ["a", "b"], 10);
    const { sweep, ended } = sweepOf(clock, tenant);
    sweep.start(clock.now());
    sweep.stop();
    await clock.advance(HOUR_MS);
    expect(tenant.tries).toHaveLength(1);
    expect(ended).toEqual([]);
  });
});

describe("secrets", () => {
  it("are due once a day, and after a start within the first one", async () => {
    const clock = createFakeClock();
    const schedule = createSecretSchedule(clock);
    const client = "app" as Ref;
    let due = 0;
    for (let hour = 0; hour <= 24 && due === 0; hour++) {
      if (schedule.isDue(client, undefined)) due = hour + 1;
      await clock.advance(HOUR_MS);
    }
    expect(due).toBeGreaterThan(0);
    const readAt = clock.now();
    await clock.advance(24 * HOUR_MS - 1);
    expect(schedule.isDue(client, readAt)).toBe(false);
    await clock.advance(1);
    expect(schedule.isDue(client, readAt)).toBe(true);
  });

  it("of clients that were read, or are gone, need no place in the schedule", () => {
    const schedule = createSecretSchedule(createFakeClock());
    const clients = Array.from({ length: 100 }, (_, index) => `app${String(index)}` as Ref);
    for (const client of clients) schedule.isDue(client, undefined);
    expect(schedule.size()).toBe(100);
    for (const client of clients.slice(0, 10)) schedule.isDue(client, new Date(0));
    expect(schedule.size()).toBe(90);
    schedule.keep(new Set(clients.slice(0, 20)));
    expect(schedule.size()).toBe(10);
  });
});
