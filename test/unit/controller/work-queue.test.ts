import { describe, expect, it } from "vitest";
import type { ObjectKey } from "../../../src/controller/object-key.ts";
import { WORK_CLASSES, type WorkClass } from "../../../src/work/order.ts";
import { createWorkQueue, type WorkItem, type WorkQueue } from "../../../src/controller/work-queue.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

const key = (name: string, namespace = "ns"): ObjectKey => ({ kind: "Kind", namespace, name });

async function drainedOrder(queue: WorkQueue, count: number): Promise<readonly string[]> {
  const order: string[] = [];
  for (let i = 0; i < count; i++) {
    const item = (await queue.next()) as WorkItem;
    order.push(item.key.name);
    queue.done(item);
  }
  return order;
}

const total = (queue: WorkQueue): number => WORK_CLASSES.reduce((sum, name) => sum + queue.depth(name), 0);

describe("the work queue", () => {
  it("holds a key once, in its most urgent class", async () => {
    const queue = createWorkQueue(createFakeClock());
    for (const workClass of ["resync", "drift", "userChange", "drift"] as WorkClass[]) queue.add(key("a"), workClass);
    expect(queue.depth("userChange")).toBe(1);
    expect(queue.depth("resync") + queue.depth("drift")).toBe(0);
    expect(await drainedOrder(queue, 1)).toEqual(["a"]);
    expect(total(queue)).toBe(0);
  });

  it("never works a key twice at once, and once more after when it was added meanwhile", async () => {
    const queue = createWorkQueue(createFakeClock());
    queue.add(key("a"), "drift");
    const first = (await queue.next()) as WorkItem;
    queue.add(key("a"), "userChange");
    queue.add(key("a"), "drift");
    let second: WorkItem | undefined;
    const waiting = queue.next().then((item) => (second = item));
    await Promise.resolve();
    expect(second).toBeUndefined();
    queue.done(first);
    await waiting;
    expect(second).toMatchObject({ key: key("a"), workClass: "userChange" });
  });

  it("serves the urgent first, and namespaces in turn within a class", async () => {
    const queue = createWorkQueue(createFakeClock());
    queue.add(key("r"), "resync");
    for (const name of ["a1", "a2", "a3"]) queue.add(key(name, "a"), "userChange");
    queue.add(key("b1", "b"), "userChange");
    queue.add(key("c"), "compromised");
    expect(await drainedOrder(queue, 6)).toEqual(["c", "a1", "b1", "a2", "a3", "r"]);
  });

  it("lifts what waits long enough above other work, and never above a change", async () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    queue.add(key("first"), "resync");
    queue.done((await queue.next()) as WorkItem);
    queue.add(key("old", "b"), "resync");
    await clock.advance(60_000);
    queue.add(key("drift", "a"), "drift");
    queue.add(key("edit", "a"), "userChange");
    expect(await drainedOrder(queue, 3)).toEqual(["edit", "old", "drift"]);
  });

  it("counts ages from when workers began, since before that nobody was passed over", async () => {
    const clock = createFakeClock();
    const waits: number[] = [];
    const queue = createWorkQueue(clock, { onStart: (ms) => waits.push(ms) });
    queue.add(key("old", "b"), "resync");
    await clock.advance(3_600_000);
    queue.add(key("drift", "a"), "drift");
    expect(await drainedOrder(queue, 2)).toEqual(["drift", "old"]);
    expect(waits).toEqual([0, 0]);
  });

  it("gives a key that comes back its place, however much came meanwhile", async () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    for (const name of ["a", "b"]) queue.add(key(name), "creation");
    const items = [(await queue.next()) as WorkItem, (await queue.next()) as WorkItem];
    await clock.advance(10);
    queue.add(key("later"), "creation");
    for (const item of items.reverse()) {
      queue.addAfter(item.key, item.workClass, 60_000, item.since);
      queue.done(item);
    }
    await clock.advance(60_000);
    expect(await drainedOrder(queue, 3)).toEqual(["a", "b", "later"]);
  });

  it("hands out only what may start, and looks again when that changed", async () => {
    const queue = createWorkQueue(createFakeClock(), { laneOf: ({ namespace }) => namespace });
    const closed = new Set(["a"]);
    queue.add(key("one", "a"), "compromised");
    queue.add(key("two", "b"), "resync");
    const mayStart = ({ lane }: WorkItem): boolean => !closed.has(lane);
    expect((await queue.next(mayStart))?.key.name).toBe("two");
    const waiting = queue.next(mayStart);
    closed.clear();
    queue.reconsider();
    expect((await waiting)?.key.name).toBe("one");
  });

  it("a pause that a newer pass made pointless brings nothing; one that holds news back does", async () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    queue.addAfter(key("a"), "drift", 1000);
    queue.hold(key("b"), "drift", 1000);
    queue.cancelAfter(key("a"));
    queue.cancelAfter(key("b"));
    await clock.advance(2000);
    expect(await drainedOrder(queue, 1)).toEqual(["b"]);
    expect(total(queue)).toBe(0);
  });

  it("adds after a pause, and the earliest of several pauses counts", async () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    queue.addAfter(key("a"), "drift", 5000);
    queue.addAfter(key("a"), "drift", 1000);
    queue.addAfter(key("a"), "compromised", 9000);
    await clock.advance(999);
    expect(total(queue)).toBe(0);
    await clock.advance(1);
    expect(queue.depth("compromised")).toBe(1);
    expect(await drainedOrder(queue, 1)).toEqual(["a"]);
    await clock.advance(10_000);
    expect(total(queue)).toBe(0);
  });

  it.each<[WorkClass, boolean]>([
    ["drift", true],
    ["creation", true],
    ["userChange", false],
    ["compromised", false],
  ])("slows down what wakes itself without end as %s: %s", async (workClass, isSlow) => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    const starts: number[] = [];
    const work = async (): Promise<void> => {
      for (;;) {
        const item = await queue.next();
        if (item === undefined) return;
        starts.push(clock.monotonicMs());
        await new Promise<void>((resolve) => clock.after(10, resolve));
        // What it wrote, or what another object made of that, brings it back.
        queue.add(item.key, workClass);
        queue.done(item);
      }
    };
    const working = work();
    queue.add(key("a"), workClass);
    await clock.advance(isSlow ? 120_000 : 3000);
    expect(starts.length < 200).toBe(isSlow);
    if (isSlow) {
      expect(starts.filter((at) => at < 600)).toHaveLength(60);
      const [previous = 0, last = 0] = starts.slice(-2);
      expect(last - previous).toBe(1000);
    }
    queue.shutDown();
    await clock.advance(10);
    await working;
  });

  it("lets an object through at once that was quiet for a while", async () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    for (let pass = 0; pass < 200; pass++) {
      queue.add(key("a"), "drift");
      const next = queue.next();
      queue.done((await next) as WorkItem);
      await clock.advance(11_000);
    }
    expect(clock.monotonicMs()).toBe(200 * 11_000);
  });

  it("hands nothing out once it is shut down", async () => {
    const queue = createWorkQueue(createFakeClock());
    const waiting = queue.next();
    queue.shutDown();
    expect(await waiting).toBeUndefined();
    queue.add(key("a"), "drift");
    expect(await queue.next()).toBeUndefined();
  });
});
