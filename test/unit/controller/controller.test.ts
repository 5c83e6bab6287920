import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { startController } from "../../../src/controller/controller.ts";
import type { ObjectKey } from "../../../src/controller/object-key.ts";
import { type ReconcileResult, resultOf } from "../../../src/controller/result.ts";
import { createWorkQueue, type WorkQueue } from "../../../src/controller/work-queue.ts";
import { ProviderError } from "../../../src/ports/provider-error.ts";
import { createGovernor, type Governor } from "../../../src/tenant/governor.ts";
import { currentScope } from "../../../src/work/scope.ts";
import type { WorkClass } from "../../../src/work/order.ts";
import { createFakeClock, type FakeClock } from "../../fakes/fake-clock.ts";

const DONE: ReconcileResult = { kind: "done" };
const key = (namespace: string, name: string): ObjectKey => ({ kind: "Kind", namespace, name });

interface World {
  readonly clock: FakeClock;
  readonly queue: WorkQueue;
  /** In the order in which passes began and ended. */
  readonly began: string[];
  readonly ended: string[];
}

/** Objects of the namespace `a` belong to tenant `a`, and so on. */
function start(
  reconcile: (key: ObjectKey) => Promise<ReconcileResult>,
  options: { concurrency?: number; deadlineMs?: number; nextTurn?: () => Promise<void> } = {},
) {
  const clock = createFakeClock();
  const queue = createWorkQueue(clock, { laneOf: ({ namespace }) => namespace });
  const world: World = { clock, queue, began: [], ended: [] };
  const panics: unknown[] = [];
  const controller = startController({
    ...{ queue, clock, nextTurn: () => Promise.resolve(), concurrency: 64, deadlineMs: 600_000, ...options },
    reconcileKey: async (item) => {
      world.began.push(item.name);
      const result = await reconcile(item);
      world.ended.push(item.name);
      return result;
    },
    onPanic: (_key, error) => panics.push(error),
  });
  return { ...world, controller, panics };
}

const add = (queue: WorkQueue, namespace: string, count: number, workClass: WorkClass, prefix = namespace): void => {
  for (let i = 0; i < count; i++) queue.add(key(namespace, `${prefix}${String(i)}`), workClass);
};

const MANAGEMENT = "management";

/** One request of the pass that runs; the tenant answers after a tenth of a second. */
async function request(clock: FakeClock, governor: Governor): Promise<void> {
  const scope = currentScope();
  if (scope === undefined) throw new Error("no pass");
  await governor.admit({ ...scope, buckets: [MANAGEMENT] });
  await new Promise<void>((resolve) => clock.after(100, resolve));
  governor.settle([MANAGEMENT], { status: 200 });
}

const governorOf = (clock: FakeClock, ratePerSecond: number): Governor =>
  createGovernor(clock, [{ name: MANAGEMENT, ratePerSecond, burst: 2, windowMs: 1000 }], 100);

async function close(governor: Governor, resetInMs: number): Promise<void> {
  const signal = new AbortController().signal;
  await governor.admit({ buckets: [MANAGEMENT], workClass: "drift", namespace: "", signal });
  governor.settle([MANAGEMENT], { status: 429, resetInMs });
}

describe("a tenant that is closed for a minute", () => {
  it("holds up nobody else, and each of its objects is worked on once when it opens", async () => {
    const { clock, queue, began, ended } = start((item) =>
      item.namespace === "b" ? Promise.resolve(DONE) : request(clock, governor).then(() => DONE),
    );
    const governor = governorOf(clock, 10);
    await close(governor, 60_000);
    add(queue, "a", 200, "creation");
    await clock.advance(50);
    add(queue, "b", 1, "userChange");
    await clock.advance(0);
    expect(ended).toEqual(["b0"]);
    await clock.advance(59_000);
    expect(ended).toEqual(["b0"]);
    await clock.advance(22_000);
    expect(ended).toHaveLength(201);
    expect(began).toHaveLength(201);
    // In the order in which they came.
    expect(ended.slice(1)).toEqual(Array.from({ length: 200 }, (_, i) => `a${String(i)}`));
  });

  it("holds up nobody else either when all its objects wait for one listing", async () => {
    let listing: Promise<void> | undefined;
    const { clock, queue, ended } = start(({ namespace }) =>
      namespace === "b" ? Promise.resolve(DONE) : (listing ??= request(clock, governor)).then(() => DONE),
    );
    const governor = governorOf(clock, 10);
    await close(governor, 60_000);
    add(queue, "a", 200, "userChange");
    await clock.advance(1000);
    add(queue, "b", 1, "drift");
    await clock.advance(0);
    expect(ended).toEqual(["b0"]);
    await clock.advance(60_000);
    for (let turn = 0; turn < 100; turn++) await clock.advance(1);
    expect(ended).toHaveLength(201);
  });

  it("is one of many such, and still an edit elsewhere waits for a second at most", async () => {
    const { clock, queue, ended } = start((item) =>
      item.namespace === "b" ? Promise.resolve(DONE) : request(clock, governor).then(() => DONE),
    );
    const governor = governorOf(clock, 10);
    await close(governor, 600_000);
    for (let tenant = 0; tenant < 20; tenant++) add(queue, `closed-${String(tenant)}`, 50, "creation");
    await clock.advance(1000);
    for (let edit = 0; edit < 10; edit++) {
      add(queue, "b", 1, "userChange", `edit-${String(edit)}-`);
      await clock.advance(1000);
      expect(ended).toHaveLength(edit + 1);
    }
  });

  it("keeps few passes in memory, whatever waits", async () => {
    const { clock, queue, began } = start(() => request(clock, governor).then(() => DONE));
    const governor = governorOf(clock, 10);
    await close(governor, 600_000);
    add(queue, "a", 10_000, "drift");
    await clock.advance(60_000);
    expect(began.length).toBeLessThanOrEqual(64);
  });
});

describe("a tenant that is slow", () => {
  it("is used to the full while work waits", async () => {
    const { clock, queue, ended } = start(() =>
      request(clock, governor)
        .then(() => request(clock, governor))
        .then(() => DONE),
    );
    const governor = governorOf(clock, 1.6);
    add(queue, "a", 100, "creation");
    await clock.advance(115_000);
    const { sent } = governor.stats();
    expect(sent / (115 * 1.6)).toBeGreaterThanOrEqual(0.95);
    await clock.advance(15_000);
    expect(ended).toHaveLength(100);
  });

  it("lets an edit of its own overtake everything that waits", async () => {
    const { clock, queue, ended } = start(() => request(clock, governor).then(() => DONE));
    const governor = governorOf(clock, 1.6);
    add(queue, "a", 500, "creation");
    await clock.advance(30_000);
    const before = ended.length;
    queue.add(key("a", "edit"), "userChange");
    await clock.advance(1500);
    expect(ended.slice(before, before + 3)).toContain("edit");
  });

  it("finishes what it has begun before it begins more", async () => {
    const { clock, queue, ended } = start(() =>
      request(clock, governor)
        .then(() => request(clock, governor))
        .then(() => DONE),
    );
    const governor = governorOf(clock, 1);
    add(queue, "a", 50, "creation");
    await clock.advance(22_000);
    expect(ended.length).toBeGreaterThanOrEqual(9);
  });
});

describe("a pass that is still waiting at its deadline", () => {
  it("comes back when the limit ends, in its place, and is no failure", async () => {
    const { clock, queue, began, ended } = start(
      () =>
        request(clock, governor).then(
          () => DONE,
          (error: unknown) => resultOf(new ProviderError("rate_limited", "full", { retryAfterMs: retryAfter(error) })),
        ),
      { deadlineMs: 30_000 },
    );
    const governor = governorOf(clock, 10);
    await close(governor, 60_000);
    add(queue, "a", 3, "creation");
    await clock.advance(31_000);
    expect(ended).toEqual(["a0", "a1", "a2"]);
    queue.add(key("a", "later"), "creation");
    await clock.advance(32_000);
    expect(began.slice(3)).toEqual(["later", "a0", "a1", "a2"]);
    expect(ended.slice(3)).toEqual(["a0", "a1", "a2", "later"]);
  });
});

const retryAfter = (error: unknown): number => (error as { readonly retryAfterMs: number }).retryAfterMs;

describe("what comes of a pass decides when the next one is", () => {
  const wait = { kind: "wait", reason: "ApiNotReady", message: "" } as const;
  const backoff: ReconcileResult = { kind: "backoff", reason: "ProviderUnavailable", message: "", error: undefined };
  /** Milliseconds between the beginnings of the passes. */
  const pausesAfter = async (results: readonly ReconcileResult[], workClass: WorkClass = "drift") => {
    const times: number[] = [];
    const { clock, queue } = start(() => {
      times.push(clock.monotonicMs());
      return Promise.resolve(results[times.length - 1] ?? DONE);
    });
    queue.add(key("a", "a"), workClass);
    await clock.advance(3_600_000);
    return times.slice(1).map((time, i) => time - (times[i] as number));
  };

  it.each<[string, readonly ReconcileResult[], readonly number[]]>([
    ["done: none", [DONE], []],
    ["paused: none", [{ kind: "paused" }], []],
    ["a wait for a watch: none", [wait], []],
    ["a wait with a time: then", [{ ...wait, retryAfterMs: 5000 }], [5000]],
    ["stalled: when it says", [{ kind: "stalled", reason: "Conflict", message: "", retryAfterMs: 7000 }], [7000]],
    ["a time to look again: then", [{ kind: "requeueAfter", ms: 9000 }], [9000]],
    ["failures: after growing pauses, half of the longest here", [backoff, backoff, backoff], [500, 1000, 2000]],
    [
      "a success between failures: from the beginning",
      [backoff, backoff, { ...wait, retryAfterMs: 1 }, backoff],
      [500, 1000, 1, 500],
    ],
    [
      "lost races: at once",
      [
        { kind: "readAgain", error: undefined },
        { kind: "readAgain", error: undefined },
      ],
      [50, 50],
    ],
  ])("%s", async (_what, results, expected) => {
    expect(await pausesAfter(results)).toEqual(expected);
  });

  it("what failed once gives way to what people just changed, except a leak", async () => {
    const { clock, queue } = start(
      ({ name }) => {
        if (name === "edit" || name === "leak") return Promise.resolve(backoff);
        return new Promise(() => undefined);
      },
      { concurrency: 1 },
    );
    queue.add(key("a", "edit"), "userChange");
    await clock.advance(0);
    queue.add(key("a", "leak"), "compromised");
    await clock.advance(0);
    queue.add(key("a", "blocks"), "userChange");
    await clock.advance(900);
    expect([queue.depth("drift"), queue.depth("compromised"), queue.depth("userChange")]).toEqual([1, 1, 0]);
  });

  it("a pass that throws is told as a defect and tried again", async () => {
    const { clock, queue, began, panics } = start(() => Promise.reject(new Error("defect")));
    queue.add(key("a", "a"), "drift");
    await clock.advance(600);
    expect(began).toEqual(["a", "a"]);
    expect(panics).toHaveLength(2);
  });
});

describe("draining", () => {
  it("waits for what was begun, and begins nothing more", async () => {
    let finish = (): void => undefined;
    const { clock, queue, controller, began, ended } = start(
      () =>
        new Promise(
          (resolve) =>
            (finish = () => {
              resolve(DONE);
            }),
        ),
      { concurrency: 1 },
    );
    add(queue, "a", 2, "drift");
    await clock.advance(0);
    let isDrained = false;
    const drained = controller.drain(30_000).then(() => (isDrained = true));
    await clock.advance(29_000);
    expect({ isDrained, began, ended }).toEqual({ isDrained: false, began: ["a0"], ended: [] });
    finish();
    await drained;
    expect(began).toEqual(["a0"]);
  });

  it("gives up the requests of what is not finished in time", async () => {
    const { clock, queue, controller, ended } = start(
      () =>
        new Promise((resolve) => {
          currentScope()?.signal.addEventListener("abort", () => {
            resolve(DONE);
          });
        }),
    );
    add(queue, "a", 1, "drift");
    await clock.advance(0);
    const drained = controller.drain(30_000);
    await clock.advance(29_999);
    expect(ended).toEqual([]);
    await clock.advance(1);
    await drained;
    expect(ended).toEqual(["a0"]);
  });

  it("also when all workers are busy and another key waits for one", async () => {
    const { clock, queue, controller, began } = start(
      () =>
        new Promise((resolve) =>
          clock.after(500, () => {
            resolve(DONE);
          }),
        ),
      { concurrency: 2 },
    );
    add(queue, "a", 5, "userChange");
    await clock.advance(0);
    const drained = controller.drain(30_000);
    await clock.advance(1000);
    await drained;
    expect(began).toHaveLength(2);
  });
});

it("a thousand objects that need nothing from outside do not hold up the process", async () => {
  const { queue, ended, controller } = start(() => Promise.resolve(DONE), { nextTurn: () => nextTurn() });
  add(queue, "a", 1000, "drift");
  const before = await new Promise<number>((resolve) =>
    setImmediate(() =>
      setImmediate(() => {
        resolve(ended.length);
      }),
    ),
  );
  expect(before).toBeLessThan(10);
  await controller.drain(0);
});
