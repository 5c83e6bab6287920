import { describe, expect, it } from "vitest";
import { startController } from "../../../src/controller/controller.ts";
import type { ObjectKey } from "../../../src/controller/object-key.ts";
import type { ReconcileResult } from "../../../src/controller/result.ts";
import { createWorkQueue } from "../../../src/controller/work-queue.ts";
import { createGovernor } from "../../../src/tenant/governor.ts";
import { currentScope } from "../../../src/work/scope.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";

const DONE: ReconcileResult = { kind: "done" };
const key = (namespace: string, name: string): ObjectKey => ({ kind: "M2MClient", namespace, name });

/** One tenant of all namespaces, which takes ten requests a second; every pass makes six of them, one after the other. */
function simulate(concurrency = 8) {
  const clock = createFakeClock();
  const governor = createGovernor(clock, [{ name: "all", ratePerSecond: 10, burst: 10, windowMs: 1000 }], 100);
  const queue = createWorkQueue(clock, { laneOf: () => "tenant" });
  const ended: string[] = [];
  const requests: string[] = [];
  const controller = startController({
    ...{ queue, clock, nextTurn: () => Promise.resolve(), concurrency, deadlineMs: 600_000 },
    reconcileKey: async ({ namespace, name }) => {
      for (let request = 0; request < 6; request++) {
        const scope = currentScope();
        if (scope === undefined) throw new Error("no pass");
        await governor.admit({ ...scope, buckets: ["all"] });
        requests.push(namespace);
        await new Promise<void>((resolve) => clock.after(50, resolve));
        governor.settle(["all"], { status: 200 });
      }
      ended.push(`${namespace}/${name}`);
      return DONE;
    },
  });
  return { clock, controller, queue, ended, requests };
}

describe.each(["compromised", "userChange"] as const)("500 objects of one namespace that are %s", (workClass) => {
  it("let every edit of another namespace through in two seconds, and are all worked on", async () => {
    const { clock, queue, ended, requests } = simulate();
    for (let i = 0; i < 500; i++) queue.add(key("loud", String(i)), workClass);
    await clock.advance(5000);
    for (let edit = 0; edit < 10; edit++) {
      const before = requests.length;
      queue.add(key("quiet", String(edit)), "userChange");
      await clock.advance(2000);
      expect(ended).toContain(`quiet/${String(edit)}`);
      // One of the other's for each of its own, and those that were under way.
      const last = before + requests.slice(before).lastIndexOf("quiet");
      expect(requests.slice(before, last).filter((namespace) => namespace === "loud").length).toBeLessThan(20);
    }
    await clock.advance(400_000);
    expect(ended).toHaveLength(510);
  });

  it("leave others who have less urgent work one turn in nine", async () => {
    const { clock, queue, requests } = simulate();
    for (let i = 0; i < 500; i++) queue.add(key("loud", String(i)), workClass);
    for (let i = 0; i < 50; i++) queue.add(key("quiet", String(i)), "creation");
    await clock.advance(60_000);
    const share = requests.filter((namespace) => namespace === "quiet").length / requests.length;
    expect(share).toBeGreaterThan(0.08);
  });

  it("of fifty namespaces hold up nobody's first edit behind more than one of each", async () => {
    const { clock, queue, ended } = simulate();
    for (let i = 0; i < 500; i++) queue.add(key(`loud-${String(i % 50)}`, String(i)), workClass);
    await clock.advance(60_000);
    queue.add(key("quiet", "edit"), "userChange");
    // Six requests, each after one of every other namespace at most.
    await clock.advance(32_000);
    expect(ended).toContain("quiet/edit");
  });
});

it("work that waits for a tenant's limit is given up at once when the process is to end", async () => {
  const clock = createFakeClock();
  const governor = createGovernor(clock, [{ name: "all", ratePerSecond: 10, burst: 10, windowMs: 1000 }], 100);
  const queue = createWorkQueue(clock);
  const refused: unknown[] = [];
  const controller = startController({
    ...{ queue, clock, nextTurn: () => Promise.resolve(), concurrency: 8, deadlineMs: 600_000 },
    reconcileKey: async () => {
      for (let request = 0; request < 3; request++) {
        const scope = currentScope();
        if (scope === undefined) throw new Error("no pass");
        await governor.admit({ ...scope, buckets: ["all"] }).catch((error: unknown) => {
          refused.push(error);
          throw error;
        });
        governor.settle(["all"], { status: 429, resetInMs: 86_400_000 });
      }
      return DONE;
    },
  });
  for (let i = 0; i < 5; i++) queue.add(key("a", String(i)), "userChange");
  await clock.advance(10_000);
  expect(refused).toEqual([]);
  let isDrained = false;
  void controller.drain(30_000).then(() => (isDrained = true));
  await clock.advance(0);
  expect(isDrained).toBe(true);
  expect(refused).toHaveLength(5);
  expect(refused[0]).toMatchObject({ reason: "rate_limited", sent: false });
});
