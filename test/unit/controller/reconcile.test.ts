import { describe, expect, it } from "vitest";
import { type Kind, type Plan, reconcile } from "../../../src/controller/reconcile.ts";
import type { ReconcileResult } from "../../../src/controller/result.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { ProviderError } from "../../../src/ports/provider-error.ts";

type Action = { readonly type: "raise" | "a" | "b" | "publish" | "remove"; readonly to?: number };
interface World {
  resource: string | undefined;
  value: number;
  readonly reports: { result: ReconcileResult; seen: number | undefined }[];
}

/** A kind whose goal is that a number is 3; each action raises it by one. */
function counting(
  world: World,
  apply: (action: Action) => void = () => (world.value += 1),
): Kind<string, number, number, Action> {
  return {
    effects: {
      ...{ raise: { touches: "cluster" }, a: { touches: "cluster" }, b: { touches: "cluster" } },
      ...{ publish: { touches: "cluster" }, remove: { touches: "cluster" } },
    },
    get: () => world.resource,
    desire: () => 3,
    observe: () => Promise.resolve(world.value),
    plan: (desired, observed): Plan<Action> => ({
      actions: observed < desired ? [{ type: "raise", to: observed + 1 }] : [],
    }),
    apply: (_resource, _desired, _observed, action) => {
      apply(action);
      return Promise.resolve();
    },
    report: (_resource, { observed }, result) => {
      world.reports.push({ result, seen: observed });
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
  const result = await reconcile(counting(world), key, clock, { onAction: ({ type }) => actions.push(type) });
  expect(result).toEqual({ kind: "done" });
  expect(actions).toEqual(["raise", "raise", "raise"]);
  expect(world.reports).toEqual([{ result: { kind: "done" }, seen: 3 }]);
});

it("a step that fails ends the pass, and what was seen before is reported with the failure", async () => {
  const world = fresh(1);
  const kind = counting(world, () => {
    throw new ProviderError("unavailable", "away");
  });
  expect(await reconcile(kind, key, clock)).toMatchObject({ kind: "backoff", reason: "ProviderUnavailable" });
  expect(world.reports).toMatchObject([{ seen: 1 }]);
});

it("a plan that never comes to rest is let go for a while", async () => {
  const world = fresh(-100);
  expect(await reconcile(counting(world), key, clock)).toMatchObject({ kind: "wait", reason: "Progressing" });
});

it("an object that is gone needs nothing, and one that goes during the pass is not reported", async () => {
  const gone = fresh();
  gone.resource = undefined;
  expect(await reconcile(counting(gone), key, clock)).toEqual({ kind: "gone" });
  const going = fresh();
  const taking = counting(going, () => (going.resource = undefined));
  expect(await reconcile(taking, key, clock)).toEqual({ kind: "gone" });
  const failing = fresh();
  const takingAndFailing = counting(failing, () => {
    failing.resource = undefined;
    throw new ProviderError("unavailable", "away");
  });
  expect(await reconcile(takingAndFailing, key, clock)).toEqual({ kind: "gone" });
  expect([...gone.reports, ...going.reports, ...failing.reports]).toEqual([]);
});

const conflict = new KubeError(409, "Conflict", "");
const missing = new KubeError(404, "NotFound", "");

const NOW = new Date("2026-01-01T00:00:00Z");

describe("an answer that what was read is out of date", () => {
  const losing = (world: World, error: Error) =>
    counting(world, () => {
      throw error;
    });

  it.each([conflict, missing])("is no news twice, and reported from the third time in a row on: %s", async (error) => {
    for (const lostRaces of [0, 1]) {
      const world = fresh();
      expect(await reconcile(losing(world, error), key, clock, { history: { lostRaces } })).toEqual({
        kind: "readAgain",
        error,
      });
      expect(world.reports).toEqual([]);
    }
    for (const lostRaces of [2, 3, 100]) {
      const world = fresh();
      const result = await reconcile(losing(world, error), key, clock, { history: { lostRaces } });
      expect(result).toMatchObject({ kind: "backoff", reason: "ProgressingWithRetry", isLostRace: true, error });
      expect(world.reports).toMatchObject([{ result }]);
      expect("message" in result && result.message).toContain(`${String(lostRaces + 1)} times in a row`);
    }
  });

  it("to the report itself is retried with growing pauses too", async () => {
    const kind = { ...counting(fresh(3)), report: () => Promise.reject(conflict) };
    expect(await reconcile(kind, key, clock, { history: { lostRaces: 1 } })).toMatchObject({ kind: "readAgain" });
    expect(await reconcile(kind, key, clock, { history: { lostRaces: 2 } })).toMatchObject({
      kind: "backoff",
      isLostRace: true,
    });
  });
});

describe("a round that plans the same as the one before", () => {
  /** Plans these in turn; the last one for ever. */
  const planning = (world: World, plans: readonly Plan<Action>[], applied: Action[]) => {
    let round = 0;
    return {
      ...counting(world, () => undefined),
      plan: () => plans[Math.min(round++, plans.length - 1)] as Plan<Action>,
      apply: (_resource: string, _desired: number, _observed: number, action: Action) => {
        applied.push(action);
        return Promise.resolve();
      },
    };
  };
  const named = (...types: Action["type"][]): Plan<Action> => ({ actions: types.map((type) => ({ type })) });

  it.each<[string, readonly Plan<Action>[], number]>([
    ["one action", [named("publish")], 1],
    ["several actions", [named("a", "b")], 2],
    ["after others", [named("a"), named("b")], 2],
    ["an equal action with equal data", [{ actions: [{ type: "a", ref: { id: "1" } } as Action] }], 1],
  ])("has changed nothing: %s", async (_what, plans, count) => {
    const [world, applied] = [fresh(), [] as Action[]];
    const result = await reconcile(planning(world, plans, applied), key, clock);
    const last = plans
      .at(-1)
      ?.actions.map(({ type }) => type)
      .join(", ");
    expect(result).toMatchObject({ kind: "backoff", reason: "NoProgress" });
    expect("message" in result && result.message).toContain(last);
    expect(applied).toHaveLength(count);
    expect(world.reports).toMatchObject([{ result: { reason: "NoProgress" } }]);
  });

  it("is found also where steps undo each other by turns", async () => {
    const world = fresh();
    const round = [named("a"), named("b")];
    const plans = Array.from({ length: 4 }, () => round).flat();
    const result = await reconcile(planning(world, plans, []), key, clock);
    expect(result).toMatchObject({ kind: "backoff", reason: "NoProgress" });
  });

  it.each<[string, readonly Plan<Action>[]]>([
    [
      "the same type about something else",
      ["1", "2", "3"].map((ref) => ({ actions: [{ type: "remove", ref } as Action] })),
    ],
    ["in another order", [named("a", "b"), named("b", "a")]],
    ["alternately", [named("a"), named("b"), named("a")]],
  ])("is another one: %s", async (_what, plans) => {
    const result = await reconcile(planning(fresh(), [...plans, named()], []), key, clock);
    expect(result).toEqual({ kind: "done" });
  });
});

describe("a wait for what is under way", () => {
  const halt = { kind: "wait", reason: "Waiting", message: "", liftedBy: ["others"], isUnderWay: true } as const;
  const waiting = (world: World) => ({ ...counting(world), plan: (): Plan<Action> => ({ actions: [], halt }) });

  it("is told to nobody for ten seconds, and looked at again then", async () => {
    const world = fresh();
    expect(await reconcile(waiting(world), key, clock)).toMatchObject({ kind: "wait", retryAfterMs: 10_000 });
    const history = { underWayForMs: 4000 };
    expect(await reconcile(waiting(world), key, clock, { history })).toMatchObject({ retryAfterMs: 6000 });
    expect(world.reports).toEqual([]);
  });

  it("is told when it takes longer", async () => {
    const world = fresh();
    await reconcile(waiting(world), key, clock, { history: { underWayForMs: 10_000 } });
    expect(world.reports).toMatchObject([{ result: { kind: "wait", reason: "Waiting" } }]);
  });
});

describe("a wait for what only a person can provide", () => {
  const halt = { kind: "wait", reason: "Missing", message: "", liftedBy: ["others"], isUnmet: true } as const;
  const waiting = (world: World) => ({ ...counting(world), plan: (): Plan<Action> => ({ actions: [], halt }) });

  it("is told at once as a wait, and looked at again when it has lasted", async () => {
    const world = fresh();
    expect(await reconcile(waiting(world), key, clock)).toMatchObject({ kind: "wait", retryAfterMs: 30_000 });
    const history = { unmetForMs: 10_000 };
    expect(await reconcile(waiting(world), key, clock, { history })).toMatchObject({ retryAfterMs: 20_000 });
    expect(world.reports).toMatchObject([{ result: { kind: "wait" } }, { result: { kind: "wait" } }]);
  });

  it("is stalled once it has lasted, and comes back only when a watch sees it lifted", async () => {
    const world = fresh();
    const result = await reconcile(waiting(world), key, clock, { history: { unmetForMs: 30_000 } });
    expect(result).toEqual({ kind: "stalled", reason: "Missing", message: "", isUnmet: true });
    expect(world.reports).toMatchObject([{ result: { kind: "stalled", reason: "Missing" } }]);
  });
});

it.each([
  ["a time of its own", { until: new Date(NOW.getTime() + 90_000) }, 60_000, "rotationDue"],
  ["an earlier time of its own", { until: new Date(NOW.getTime() + 10_000) }, 10_000, undefined],
  ["a watch", { liftedBy: ["others"] }, 60_000, "rotationDue"],
])(
  "a halt that %s lifts is reconciled again when another step is due",
  async (_what, lift, retryAfterMs, workClass) => {
    const world = fresh();
    const halt = { kind: "stalled", reason: "Missing", message: "", ...lift } as const;
    const recheckAt = new Date(NOW.getTime() + 60_000);
    const kind = {
      ...counting(world),
      plan: (): Plan<Action> => ({ actions: [], halt, recheckAt, recheckAs: "rotationDue" }),
    };
    const result = await reconcile(kind, key, { now: () => NOW });
    expect(result).toMatchObject({ kind: "stalled", reason: "Missing", retryAfterMs });
    expect("workClass" in result ? result.workClass : undefined).toBe(workClass);
  },
);
