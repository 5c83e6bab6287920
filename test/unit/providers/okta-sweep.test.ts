import { describe, expect, it } from "vitest";
import type { Ref } from "../../../src/ports/provider.ts";
import { createSecretSchedule, createSweep, type SweepTarget } from "../../../src/providers/okta/sweep.ts";
import { createFakeClock, type FakeClock } from "../../fakes/fake-clock.ts";

const HOUR_MS = 3_600_000;

/** Objects whose look takes a while; when each was looked at is written down. */
function tenantOf(clock: FakeClock, keys: readonly string[], takesMs: number, fails: readonly string[] = []) {
  const lookedAt = new Map<string, Date>();
  const looks: (readonly [key: string, atMs: number])[] = [];
  const startedAt = clock.now().getTime();
  const left = new Set(fails);
  const targets = (): readonly SweepTarget[] =>
    keys.map((key) => ({
      key,
      lookedAt: lookedAt.get(key),
      look: () =>
        new Promise((resolve, reject) => {
          const at = clock.now();
          looks.push([key, at.getTime() - startedAt]);
          clock.after(takesMs, () => {
            if (left.delete(key)) reject(new Error("no answer"));
            else {
              lookedAt.set(key, at);
              resolve(2);
            }
          });
        }),
    }));
  return { targets, looks, lookedAt };
}

describe("the sweep", () => {
  it("looks at one object after the other and rests after each for as long as it took", async () => {
    const clock = createFakeClock();
    const { targets, looks } = tenantOf(clock, ["a", "b", "c"], 100);
    const ended: number[] = [];
    createSweep(
      clock,
      () => 1_000_000,
      targets,
      () => ended.push(clock.now().getTime()),
    ).start(clock.now());
    await clock.advance(2000);
    expect(looks).toEqual([
      ["a", 0],
      ["b", 200],
      ["c", 400],
    ]);
    expect(ended).toHaveLength(1);
  });

  it("leaves half of the rate that is allowed to others, however quick the answers are", async () => {
    const clock = createFakeClock();
    const keys = Array.from({ length: 100 }, (_, index) => String(index));
    const { targets, looks } = tenantOf(clock, keys, 10);
    // Two requests a look, ten a second allowed.
    createSweep(
      clock,
      () => 10,
      targets,
      () => undefined,
    ).start(clock.now());
    await clock.advance(10_000);
    expect(looks.length * 2).toBeLessThanOrEqual(0.5 * 10 * 10 + 2);
    expect(looks.length * 2).toBeGreaterThan(0.45 * 10 * 10);
  });

  it("begins with what was looked at longest ago, and looks at nothing twice", async () => {
    const clock = createFakeClock();
    const { targets, looks, lookedAt } = tenantOf(clock, ["a", "b", "c"], 10);
    const start = clock.now().getTime();
    lookedAt.set("a", new Date(start - 1000));
    lookedAt.set("b", new Date(start - 2000));
    lookedAt.set("c", new Date(start));
    const sweep = createSweep(
      clock,
      () => 1_000_000,
      targets,
      () => undefined,
    );
    sweep.start(clock.now());
    sweep.start(clock.now());
    await clock.advance(1000);
    expect(looks.map(([key]) => key)).toEqual(["b", "a"]);
    sweep.start(new Date(start));
    await clock.advance(1000);
    expect(looks).toHaveLength(2);
  });

  it("tries again after a pause what could not be looked at", async () => {
    const clock = createFakeClock();
    const { targets, looks } = tenantOf(clock, ["a"], 10, ["a"]);
    createSweep(
      clock,
      () => 1_000_000,
      targets,
      () => undefined,
    ).start(clock.now());
    await clock.advance(9000);
    expect(looks).toHaveLength(1);
    await clock.advance(2000);
    expect(looks).toHaveLength(2);
  });

  it("looks at nothing more once it was stopped", async () => {
    const clock = createFakeClock();
    const { targets, looks } = tenantOf(clock, ["a", "b"], 10);
    const sweep = createSweep(
      clock,
      () => 1_000_000,
      targets,
      () => undefined,
    );
    sweep.start(clock.now());
    sweep.stop();
    await clock.advance(1000);
    expect(looks).toHaveLength(1);
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
});
