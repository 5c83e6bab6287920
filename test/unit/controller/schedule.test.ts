import { describe, expect, it } from "vitest";
import type { ReconcileResult } from "../../../src/controller/result.ts";
import { createSchedule } from "../../../src/controller/schedule.ts";
import { createWorkQueue, type WorkItem } from "../../../src/controller/work-queue.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

const key = { kind: "Kind", namespace: "ns", name: "name" };
const again: ReconcileResult = { kind: "readAgain", error: undefined };
const stale: ReconcileResult = {
  ...{ kind: "backoff", reason: "ProgressingWithRetry", message: "", error: undefined, isLostRace: true },
};

/** Milliseconds until the key is back, after each of these results. */
async function pausesOf(results: readonly ReconcileResult[], random: number) {
  const clock = createFakeClock(0, () => random);
  const queue = createWorkQueue(clock);
  const counts: number[] = [];
  const schedule = createSchedule(queue, clock, (_key, count) => counts.push(count));
  queue.add(key, "userChange");
  let item = (await queue.next()) as WorkItem;
  const pauses: number[] = [];
  for (const result of results) {
    const from = clock.monotonicMs();
    schedule.next(item, result);
    queue.done(item);
    const next = queue.next();
    await clock.advance(0);
    let came: WorkItem | undefined;
    void next.then((taken) => (came = taken));
    for (let step = 0; came === undefined && step < 4000; step++) await clock.advance(50);
    if (came === undefined) throw new Error("the key never came back");
    item = came;
    pauses.push(clock.monotonicMs() - from);
  }
  return { pauses, counts, workClass: item.workClass, ...schedule.historyOf(key) };
}

const unfinished: ReconcileResult = {
  ...{ kind: "wait", reason: "Progressing", message: "", retryAfterMs: 1000, isUnfinished: true },
};
const stuck: ReconcileResult = { kind: "backoff", reason: "NoProgress", message: "", error: undefined };

describe("a plan that does not come to an end", () => {
  it.each([
    ["since its steps changed nothing", stuck],
    ["since more steps remain after every pass", unfinished],
  ])("is tried again with growing pauses, %s", async (_why, result) => {
    const { pauses } = await pausesOf([result, result, result, result], 1);
    expect(pauses).toEqual([1000, 2000, 4000, 8000]);
  });

  it.each([stuck, unfinished])(
    "is not brought back earlier by what it caused, only by people: $kind",
    async (result) => {
      const clock = createFakeClock(0, () => 1);
      const queue = createWorkQueue(clock);
      const schedule = createSchedule(queue, clock);
      queue.add(key, "userChange");
      const item = (await queue.next()) as WorkItem;
      // While it works, and after.
      queue.add(key, "creation");
      schedule.next(item, result);
      queue.done(item);
      queue.add(key, "drift");
      let came: WorkItem | undefined;
      void queue.next().then((taken) => (came = taken));
      await clock.advance(999);
      expect(came).toBeUndefined();
      queue.add(key, "userChange");
      await clock.advance(0);
      expect(came).toMatchObject({ workClass: "userChange" });
    },
  );
});

describe("an object that changed since it was read", () => {
  it("is looked at again at once, as urgent as it was, and from the third time in a row with growing pauses", async () => {
    const early = await pausesOf([again, again], 1);
    expect(early).toMatchObject({ pauses: [50, 50], counts: [1, 2], workClass: "userChange", lostRaces: 2 });
    const late = await pausesOf([again, again, stale, stale, stale], 1);
    expect(late.pauses).toEqual([50, 50, 1000, 2000, 4000]);
    expect(late.counts).toEqual([1, 2, 3, 4, 5]);
  });

  it.each<ReconcileResult>([
    { kind: "requeueAfter", ms: 50 },
    { kind: "wait", reason: "ApiNotReady", message: "", retryAfterMs: 50 },
    { kind: "backoff", reason: "ProviderUnavailable", message: "", error: undefined },
  ])("starts anew after any other outcome: $kind", async (other) => {
    const { counts, lostRaces } = await pausesOf([again, again, other, again], 1);
    expect(counts).toEqual([1, 2, 1]);
    expect(lostRaces).toBe(1);
  });
});

describe("an object whose step is refused", () => {
  const refused: ReconcileResult = {
    ...{ kind: "stalled", reason: "InvalidRequest", message: "", retryAfterMs: 5000, refusedBy: new Error("no") },
  };

  it("is tried again after the pause, a little spread", async () => {
    expect((await pausesOf([refused, refused], 0)).pauses).toEqual([5000, 5000]);
    expect((await pausesOf([refused], 1)).pauses).toEqual([5500]);
  });

  it("tells the next pass for how long it has been refused, whatever lost a race meanwhile", async () => {
    expect((await pausesOf([refused, again, refused], 0)).refusedForMs).toBe(10_050);
    expect((await pausesOf([refused, { kind: "requeueAfter", ms: 50 }], 0)).refusedForMs).toBeUndefined();
  });
});

it.each<ReconcileResult>([stuck, unfinished, again, stale])(
  "nothing is kept of an object that is gone, whatever came of its passes before: $kind",
  async (result) => {
    const clock = createFakeClock(0, () => 1);
    const forgotten: string[] = [];
    const queue = createWorkQueue(clock);
    const forget = queue.forget.bind(queue);
    const watched = { ...queue, forget: (gone: typeof key) => (forgotten.push(gone.name), forget(gone)) };
    const schedule = createSchedule(watched, clock);
    queue.add(key, "userChange");
    const item = (await queue.next()) as WorkItem;
    schedule.next(item, result);
    schedule.next(item, { kind: "gone" });
    queue.done(item);
    expect(forgotten).toEqual(["name"]);
    expect(schedule.historyOf(key)).toEqual({ lostRaces: 0, refusedForMs: undefined });
    let came = false;
    void queue.next().then(() => (came = true));
    await clock.advance(10 * 60_000);
    expect(came).toBe(false);
  },
);

it("knows for how long every pass over a key has waited for what is under way", async () => {
  const clock = createFakeClock(0, () => 0);
  const queue = createWorkQueue(clock);
  const schedule = createSchedule(queue, clock);
  queue.add(key, "creation");
  const item = (await queue.next()) as WorkItem;
  const underWay: ReconcileResult = { kind: "wait", reason: "Waiting", message: "", isUnderWay: true };
  const forMs = (): number | undefined => schedule.historyOf(key).underWayForMs;
  expect(forMs()).toBeUndefined();
  schedule.next(item, underWay);
  await clock.advance(3000);
  schedule.next(item, underWay);
  expect(forMs()).toBe(3000);
  schedule.next(item, again);
  expect(forMs()).toBe(3000);
  schedule.next(item, { kind: "done" });
  expect(forMs()).toBeUndefined();
});

it("knows for how long every pass over a key has waited for what only a person can provide", async () => {
  const clock = createFakeClock(0, () => 0);
  const queue = createWorkQueue(clock);
  const schedule = createSchedule(queue, clock);
  queue.add(key, "creation");
  const item = (await queue.next()) as WorkItem;
  const forMs = (): number | undefined => schedule.historyOf(key).unmetForMs;
  schedule.next(item, { kind: "wait", reason: "Missing", message: "", isUnmet: true });
  await clock.advance(30_000);
  schedule.next(item, { kind: "stalled", reason: "Missing", message: "", isUnmet: true });
  expect(forMs()).toBe(30_000);
  schedule.next(item, again);
  expect(forMs()).toBe(30_000);
  schedule.next(item, { kind: "stalled", reason: "Other", message: "" });
  expect(forMs()).toBeUndefined();
});
