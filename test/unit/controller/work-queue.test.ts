import { describe, expect, it } from "vitest";
import type { ObjectKey } from "../../../src/controller/object-key.ts";
import type { WorkClass } from "../../../src/work/order.ts";
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

describe("the work queue", () => {
  it("holds a key once, in its most urgent class", async () => {
    const queue = createWorkQueue(createFakeClock());
    for (const workClass of ["resync", "drift", "userChange", "drift"] as WorkClass[]) queue.add(key("a"), workClass);
    expect(queue.depth("userChange")).toBe(1);
    expect(queue.depth("resync") + queue.depth("drift")).toBe(0);
    expect(await drainedOrder(queue, 1)).toEqual(["a"]);
    expect(queue.isIdle()).toBe(true);
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

  it("lifts what waits long enough above a busy class", async () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    queue.add(key("old"), "resync");
    await clock.advance(16 * 30_000);
    queue.add(key("new"), "userChange");
    expect(await drainedOrder(queue, 2)).toEqual(["old", "new"]);
  });

  it("adds after a pause, and the earliest of several pauses counts", async () => {
    const clock = createFakeClock();
    const queue = createWorkQueue(clock);
    queue.addAfter(key("a"), "drift", 5000);
    queue.addAfter(key("a"), "drift", 1000);
    queue.addAfter(key("a"), "drift", 9000);
    await clock.advance(999);
    expect(queue.isIdle()).toBe(true);
    await clock.advance(1);
    expect(await drainedOrder(queue, 1)).toEqual(["a"]);
    await clock.advance(10_000);
    expect(queue.isIdle()).toBe(true);
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
