import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import type { Plan } from "../../src/controller/reconcile.ts";

/** What no action may do: in words, and how it is seen in the world that the action was planned from. */
export type Law<World, Action> = readonly [breach: string, isBroken: (world: World, action: Action) => boolean];

/** A kind's plan, and a model of what its actions do. */
interface Rounds<World, Action> {
  readonly planOf: (world: World) => Plan<Action>;
  /** The world as an action leaves it. */
  readonly after: (world: World, action: Action) => World;
  readonly laws: readonly Law<World, Action>[];
  readonly now: Date;
  /** Rounds after which a plan fights somebody or itself. */
  readonly most: number;
}

/** An action of this type; of a kind's actions, some share their shape. */
export type Of<Action extends { readonly type: string }, Type extends Action["type"]> = Action extends unknown
  ? Type extends Action["type"]
    ? Action
    : never
  : never;

/** What each action of a kind does. */
export type Doing<World, Action extends { readonly type: string }, Result = World> = {
  readonly [Type in Action["type"]]: (world: World, action: Of<Action, Type>) => Result;
};

/** What this action does. */
export function done<World, Action extends { readonly type: string }, Result>(
  doing: Doing<World, Action, Result>,
  world: World,
  action: Action,
): Result {
  const effect = doing[action.type as Action["type"]] as (world: World, action: Action) => Result;
  return effect(world, action);
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
  const { planOf, after, laws, now, most } = rounds;
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
    for (const action of actions) expectLawful(world, action, laws);
    world = actions.reduce(after, world);
    before = actions;
  }
}

function expectLawful<World, Action>(world: World, action: Action, laws: readonly Law<World, Action>[]): void {
  const { type } = action as { readonly type: string };
  const broken = laws.filter(([, isBroken]) => isBroken(world, action)).map(([breach]) => breach);
  expect(broken, type).toEqual([]);
}

function expectLifted<Action>({ halt, recheckAt }: Plan<Action>, now: Date): void {
  if (recheckAt !== undefined) expect(recheckAt > now, "a time to come back that is over").toBe(true);
  if (halt === undefined || halt.kind === "paused") return;
  expect(halt.message, "a halt that says nothing").not.toBe("");
  if ("until" in halt) expect(halt.until > now, `${halt.reason} until a time that is over`).toBe(true);
  else expect(halt.liftedBy, `nothing lifts ${halt.reason}`).not.toEqual([]);
}
