import { listed } from "../../ports/listed.ts";
import type { Halt, Plan } from "../../controller/reconcile.ts";
import { ANNOTATIONS } from "../schema/annotations.ts";
import { observeOnlyHalt, type ProviderAccess } from "./provider-access.ts";

/** Nothing is written to the tenant and nothing is published: the provider object or the resource itself says so. */
export function isObserveOnly(access: ProviderAccess): boolean {
  if (access.state === "refused") return access.onlyObserves === true;
  return access.state === "ready" && access.facts.managementPolicy === "ObserveOnly";
}

/** The resource requests it by its annotation. What the owners of others take away from it is taken away all the same. */
export const isOwnWish = (access: ProviderAccess): boolean =>
  access.state === "ready" && access.facts.isObservedByAnnotation === true;

/** How a kind tells what a plan would do. */
export interface Preview<Action, Observed> {
  /** What an action would do at the tenant, after "would"; `undefined`: nothing there. */
  readonly describe: (action: Action, observed: Observed) => string | undefined;
  /** The world after an action, as far as further steps at the tenant depend on it; `undefined`: there are none. */
  readonly after: (action: Action, observed: Observed) => Observed | undefined;
}

/** So many steps in a row at most, as in one pass. */
const MAX_STEPS = 8;

/**
 * What remains of a plan when nothing may be done: a report of what would be done at the tenant, step after step. A
 * deletion only removes the finalizer.
 */
export function observedOnly<
  Action extends { readonly type: string },
  Observed extends { readonly hasFinalizer: boolean; readonly provider: ProviderAccess },
>(
  isAbsent: boolean,
  observed: Observed,
  preview: Preview<Action, Observed>,
  plan: (observed: Observed) => Plan<Action>,
): Plan<Action> {
  if (isAbsent) return { actions: observed.hasFinalizer ? [{ type: "removeFinalizer" } as Action] : [] };
  // A finalizer is for what was made; here nothing is.
  const world = { ...observed, hasFinalizer: true };
  const first = plan(world);
  if (first.actions.length === 0) return first;
  const { texts, end } = stepsAhead(world, first, preview, plan);
  const halt = texts.length === 0 ? undefined : observeOnlyHalt(messageOf(texts, end, observed.provider));
  return halt === undefined ? { actions: [] } : { actions: [], halt };
}

/** What the steps would do, and what would stop the operator after them. */
interface StepsAhead {
  readonly texts: readonly string[];
  readonly end: Halt | undefined;
}

function stepsAhead<Action, Observed>(
  observed: Observed,
  first: Plan<Action>,
  { describe, after }: Preview<Action, Observed>,
  plan: (observed: Observed) => Plan<Action>,
): StepsAhead {
  const texts: string[] = [];
  let world: Observed | undefined = observed;
  let step = first;
  for (let count = 0; count < MAX_STEPS && step.actions.length > 0; count++) {
    for (const action of step.actions) {
      if (world === undefined) return { texts, end: undefined };
      const text = describe(action, world);
      if (text !== undefined) texts.push(text);
      world = after(action, world);
    }
    if (world === undefined) return { texts, end: undefined };
    step = plan(world);
  }
  return { texts, end: step.halt };
}

const MAX_TEXTS = 20;

function messageOf(texts: readonly string[], end: Halt | undefined, access: ProviderAccess): string {
  const remedy = isOwnWish(access)
    ? `remove the annotation ${ANNOTATIONS.observeOnly}`
    : "set spec.managementPolicy of the provider to Full";
  const stop = end?.kind === "stalled" ? ` Then it would stop with ${end.reason}: ${end.message}` : "";
  return `Preview: would ${listed(texts, MAX_TEXTS, "; ")}.${stop} To let the operator do this, ${remedy}.`;
}
