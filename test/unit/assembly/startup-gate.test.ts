import { expect, it } from "vitest";
import { createCaches } from "../../../src/assembly/caches.ts";
import { queueLaneOf } from "../../../src/assembly/lanes.ts";
import { createStartupGate } from "../../../src/assembly/startup-gate.ts";
import { startController } from "../../../src/controller/controller.ts";
import type { ObjectKey } from "../../../src/controller/object-key.ts";
import { createWorkQueue } from "../../../src/controller/work-queue.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

const PROVIDER: ObjectKey = { kind: "IdentityProvider", namespace: "team", name: "own" };
const HANGING: ObjectKey = { kind: "IdentityProvider", namespace: "team", name: "hanging" };
const client = (name: string): ObjectKey => ({ kind: "M2MClient", namespace: "team", name });

/** Two providers of one namespace; each has a client that came before it. */
function start() {
  const clock = createFakeClock();
  const caches = createCaches("system", { error: () => undefined });
  for (const name of ["own", "hanging"])
    caches.m2mClients.put({
      ...{ apiVersion: "m2m-operator.io/v1alpha1", kind: "M2MClient" },
      metadata: { name: `of-${name}`, namespace: "team", uid: name, resourceVersion: "1" },
      spec: { providerRef: { kind: "IdentityProvider", name } },
    } as never);
  const queue = createWorkQueue(clock, { laneOf: (key) => queueLaneOf(caches, key) });
  const gate = createStartupGate({
    providers: [PROVIDER, HANGING],
    clock,
    onChange: () => {
      queue.reconsider();
    },
  });
  for (const name of ["of-own", "of-hanging"]) queue.add(client(name), "resync");
  for (const provider of [PROVIDER, HANGING]) queue.add(provider, "resync");
  const began: string[] = [];
  const ending = new Map<string, () => void>();
  const controller = startController({
    ...{ queue, clock, nextTurn: () => Promise.resolve(), concurrency: 8, deadlineMs: 600_000 },
    mayStart: (item) => gate.mayStart(item),
    reconcileKey: async ({ name }) => {
      began.push(name);
      await new Promise<void>((resolve) => ending.set(name, resolve));
      return { kind: "done" };
    },
    onActive: (key, change) => {
      if (change === -1) gate.ended(key);
    },
  });
  const settled = async (): Promise<readonly string[]> => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    return began;
  };
  return { clock, queue, gate, ending, controller, settled };
}

it("a resource has its first pass after that over its provider object, also in one namespace with it", async () => {
  const { ending, settled } = start();
  expect(await settled()).toEqual(["own", "hanging"]);
  ending.get("own")?.();
  expect(await settled()).toEqual(["own", "hanging", "of-own"]);
});

it("a provider that does not answer holds its resources back for two minutes", async () => {
  const { clock, settled } = start();
  await settled();
  await clock.advance(119_999);
  expect(await settled()).not.toContain("of-hanging");
  await clock.advance(1);
  expect(await settled()).toContain("of-hanging");
});

it("what is more urgent than the resync waits for no provider", async () => {
  const { queue, settled } = start();
  await settled();
  queue.add(client("of-hanging"), "userChange");
  expect(await settled()).toContain("of-hanging");
});

it("an open gate holds nothing back", async () => {
  const { gate, queue, settled } = start();
  await settled();
  gate.open();
  queue.reconsider();
  expect(await settled()).toEqual(["own", "hanging", "of-own", "of-hanging"]);
});
