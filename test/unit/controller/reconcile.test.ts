import { expect, it } from "vitest";
import { type Kind, type Plan, reconcile } from "../../../src/controller/reconcile.ts";
import type { ReconcileResult } from "../../../src/controller/result.ts";
import { ProviderError } from "../../../src/ports/provider-error.ts";

type Action = { readonly type: "raise" };
interface World {
  resource: string | undefined;
  value: number;
  readonly reports: { result: ReconcileResult; isConverged: boolean; seen: number | undefined }[];
}

/** A kind whose goal is that a number is 3; each action raises it by one. */
function counting(
  world: World,
  apply: (action: Action) => void = () => (world.value += 1),
): Kind<string, number, number, Action> {
  return {
    effects: { raise: { touches: "cluster" } },
    get: () => world.resource,
    desire: () => 3,
    observe: () => Promise.resolve(world.value),
    plan: (desired, observed): Plan<Action> => ({ actions: observed < desired ? [{ type: "raise" }] : [] }),
    apply: (_resource, _desired, _observed, action) => {
      apply(action);
      return Promise.resolve();
    },
    report: (_resource, { observed, isConverged }, result) => {
      world.reports.push({ result, isConverged, seen: observed });
      return Promise.resolve();
    },
  };
}

const key = { kind: "Kind", namespace: "ns", name: "name" };
const clock = { now: () => new Date(0) };
const fresh = (value = 0): World => ({ resource: "there", value, reports: [] });

it("looks again after each step, and is done when the plan asks for nothing", async () => {
  const world = fresh();
  const actions: string[] = [];
  const result = await reconcile(counting(world), key, clock, ({ type }) => actions.push(type));
  expect(result).toEqual({ kind: "done" });
  expect(actions).toEqual(["raise", "raise", "raise"]);
  expect(world.reports).toEqual([{ result: { kind: "done" }, isConverged: true, seen: 3 }]);
});

it("a step that fails ends the pass, and what was seen before is reported with the failure", async () => {
  const world = fresh(1);
  const kind = counting(world, () => {
    throw new ProviderError("unavailable", "away");
  });
  expect(await reconcile(kind, key, clock)).toMatchObject({ kind: "backoff", reason: "ProviderUnavailable" });
  expect(world.reports).toMatchObject([{ isConverged: false, seen: 1 }]);
});

it("a plan that never comes to rest is let go for a while", async () => {
  const world = fresh();
  const result = await reconcile(
    counting(world, () => undefined),
    key,
    clock,
  );
  expect(result).toMatchObject({ kind: "wait", reason: "Progressing" });
});

it("an object that is gone needs nothing, and one that goes during the pass is not reported", async () => {
  const gone = fresh();
  gone.resource = undefined;
  expect(await reconcile(counting(gone), key, clock)).toEqual({ kind: "done" });
  const going = fresh();
  await reconcile(
    counting(going, () => (going.resource = undefined)),
    key,
    clock,
  );
  expect([...gone.reports, ...going.reports]).toEqual([]);
});
