import { expect, it } from "vitest";
import { createShards } from "../../../src/assembly/shards.ts";
import { type Controller, startController } from "../../../src/controller/controller.ts";
import type { ObjectKey } from "../../../src/controller/object-key.ts";
import { createWorkQueue } from "../../../src/controller/work-queue.ts";
import { eventually } from "../../integration/cluster.ts";
import type { Clock } from "../../../src/ports/clock.ts";

const clock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  after: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  random: () => 0,
};
const key = (name: string): ObjectKey => ({ kind: "M2MClient", namespace: "n", name });

/** Objects by name, with their shard; what was worked on is noted as `shard name`. */
function worldOf(objects: Map<string, number>) {
  const worked: string[] = [];
  const left: number[] = [];
  const blocked = new Map<string, Promise<unknown>>();
  const shardOf = ({ name }: ObjectKey): number => objects.get(name) ?? 0;
  const shards = createShards({
    count: 3,
    shardOf,
    newQueue: () => createWorkQueue(clock),
    startWorkers: (shard, queue): Controller =>
      startController({
        ...{ queue, clock, concurrency: 4, deadlineMs: 60_000, nextTurn: () => Promise.resolve() },
        reconcileKey: async ({ name }) => {
          worked.push(`${String(shard)} ${name}`);
          await blocked.get(name);
          return { kind: "done" };
        },
      }),
    objectsOf: (shard) =>
      [...objects]
        .filter(([, own]) => own === shard)
        .map(([name]) => ({ key: key(name), workClass: "resync" as const })),
    leave: (shard) => left.push(shard),
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  const all = (wanted: readonly string[]) =>
    eventually(
      () => worked,
      (seen) => wanted.every((one) => seen.includes(one)),
      wanted.join(),
    );
  return { shards, worked, left, blocked, all };
}

it("only keys of shards that are begun are worked on", async () => {
  const { shards, worked, all } = worldOf(
    new Map([
      ["one", 1],
      ["two", 2],
    ]),
  );
  for (const name of ["one", "two"]) shards.enqueue(key(name), "userChange");
  expect(shards.depth("userChange")).toBe(0);
  const work = shards.begin(1);
  await all(["1 one"]);
  expect([worked, shards.isWorkedOn(1), shards.isWorkedOn(2)]).toEqual([["1 one"], true, false]);
  await work.end(1000);
});

it("a shard that is left forgets, takes no keys, and begins with all of them", async () => {
  const { shards, worked, left, all } = worldOf(
    new Map([
      ["one", 1],
      ["more", 1],
    ]),
  );
  const work = shards.begin(1);
  shards.enqueue(key("one"), "userChange");
  await all(["1 one"]);
  expect(await work.end(1000)).toBe("ended");
  expect([left, shards.isWorkedOn(1)]).toEqual([[1], false]);
  worked.length = 0;
  shards.enqueue(key("one"), "userChange");
  const again = shards.begin(1);
  await all(["1 one", "1 more"]);
  await again.end(1000);
});

it("what does not end in time is aborted, and that is told", async () => {
  const { shards, all, blocked } = worldOf(new Map([["one", 1]]));
  const blocking = Promise.withResolvers<undefined>();
  blocked.set("one", blocking.promise);
  const work = shards.begin(1);
  shards.enqueue(key("one"), "userChange");
  await all(["1 one"]);
  setTimeout(blocking.resolve, 200, undefined);
  expect(await work.end(50)).toBe("aborted");
});
