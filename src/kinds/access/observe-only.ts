import type { Effects, Plan } from "../../controller/reconcile.ts";
import { observeOnlyHalt, type ProviderAccess } from "./provider-access.ts";

/** The provider object only observes: nothing is written to the tenant and nothing is published. */
export function isObserveOnly(access: ProviderAccess): boolean {
  if (access.state === "refused") return access.onlyObserves === true;
  return access.state === "ready" && access.facts.managementPolicy === "ObserveOnly";
}

/**
 * What remains of a plan when nothing may be done: a report of what would be done at the tenant. A deletion only removes
 * the finalizer.
 */
export function observedOnly<
  Action extends { readonly type: string },
  Observed extends { readonly hasFinalizer: boolean },
>(
  isAbsent: boolean,
  observed: Observed,
  effects: Effects<Action>,
  plan: (observed: Observed) => Plan<Action>,
): Plan<Action> {
  if (isAbsent) return { actions: observed.hasFinalizer ? [{ type: "removeFinalizer" } as Action] : [] };
  // A finalizer is for what was made; here nothing is.
  const step = plan({ ...observed, hasFinalizer: true });
  if (step.actions.length === 0) return step;
  const atTenant = step.actions.filter(({ type }) => effects[type as Action["type"]].touches === "tenant");
  if (atTenant.length === 0) return { actions: [] };
  const halt = observeOnlyHalt(
    `The provider only observes (spec.managementPolicy: ObserveOnly). It would: ${atTenant.map(described).join(", ")}.`,
  );
  return halt === undefined ? { actions: [] } : { actions: [], halt };
}

function described(action: { readonly type: string; readonly change?: object }): string {
  const words = action.type.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  const fields = Object.keys(action.change ?? {});
  return fields.length === 0 ? words : `${words} (${fields.join(", ")})`;
}
