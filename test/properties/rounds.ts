import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { Plan } from "../../src/controller/reconcile.ts";

/** A kind's plan, and a model of what its actions do. */
interface Rounds<World, Action> {
  readonly planOf: (world: World) => Plan<Action>;
  /** The world as an action leaves it. */
  readonly after: (world: World, action: Action) => World;
  /** Asserts that the action may be done in the world that it was planned from. */
  readonly expectAllowed: (world: World, action: Action) => void;
  readonly now: Date;
  /** Rounds after which a plan fights somebody or itself. */
  readonly most: number;
}

export interface Ended<World, Action> {
  readonly world: World;
  /** The plan that asks for nothing. */
  readonly plan: Plan<Action>;
}

/**
 * Carries a plan out until it asks for nothing, and asserts what holds for every kind: it ends, its actions bring it on,
 * and what halts it is lifted by a watch or by a time ahead.
 */
export function carriedOut<World, Action>(start: World, rounds: Rounds<World, Action>): Ended<World, Action> {
  const { planOf, after, expectAllowed, now, most } = rounds;
  let world = start;
  let before: readonly Action[] = [];
  const trail: string[] = [];
  for (let count = 0; ; count++) {
    const plan = planOf(world);
    expectLifted(plan, now);
    const { actions } = plan;
    if (actions.length === 0) return { world, plan };
    const types = actions.map((action) => (action as { readonly type: string }).type).join(", ");
    trail.push(types);
    expect(count, `a plan that does not end: ${trail.join("; ")}`).toBeLessThan(most);
    expect(isDeepStrictEqual(actions, before), `a plan that its actions did not change: ${types}`).toBe(false);
    for (const action of actions) expectAllowed(world, action);
    world = actions.reduce(after, world);
    before = actions;
  }
}

function expectLifted<Action>({ halt, recheckAt }: Plan<Action>, now: Date): void {
  if (recheckAt !== undefined) expect(recheckAt > now, "a time to come back that is over").toBe(true);
  if (halt === undefined || halt.kind === "paused") return;
  expect(halt.message, "a halt that says nothing").not.toBe("");
  if ("until" in halt) expect(halt.until > now, `${halt.reason} until a time that is over`).toBe(true);
  else expect(halt.liftedBy, `nothing lifts ${halt.reason}`).not.toEqual([]);
}
