import type { Plan } from "../../controller/reconcile.ts";
import type { ProviderAccess } from "./provider-access.ts";

/** The provider object only observes: nothing is written to the tenant and nothing is published. */
export function isObserveOnly(access: ProviderAccess): boolean {
  return access.state === "ready" && access.facts.managementPolicy === "ObserveOnly";
}

/**
 * What remains of a plan when nothing may be done: a look that tells what would be done. A deletion only lets go of
 * the resource.
 */
export function observedOnly<
  Action extends { readonly type: string },
  Observed extends { readonly hasFinalizer: boolean },
>(isAbsent: boolean, observed: Observed, plan: (observed: Observed) => Plan<Action>): Plan<Action> {
  if (isAbsent) return { actions: observed.hasFinalizer ? [{ type: "removeFinalizer" } as Action] : [] };
  // A finalizer is for what was made; here nothing is.
  const step = plan({ ...observed, hasFinalizer: true });
  if (step.actions.length === 0) return step;
  const remote = step.actions.filter(({ type }) => !LOCAL.test(type));
  if (remote.length === 0) return { actions: [] };
  const message = `The provider only observes (spec.managementPolicy: ObserveOnly). It would: ${remote.map(described).join(", ")}.`;
  return { actions: [], halt: { kind: "wait", reason: "ObserveOnly", message } };
}

/** Actions that concern Kubernetes alone. */
const LOCAL = /^(publish|removeFormer|verify|storeCredential|prepareKey|claimState|addFinalizer)/;

function described(action: { readonly type: string; readonly change?: object }): string {
  const words = action.type.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  const fields = Object.keys(action.change ?? {});
  return fields.length === 0 ? words : `${words} (${fields.join(", ")})`;
}
