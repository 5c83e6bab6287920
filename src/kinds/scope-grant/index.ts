import type { Kind } from "../../controller/reconcile.ts";
import type { KindContext } from "../kind-context.ts";
import { apply } from "./apply.ts";
import { EFFECTS } from "./effects.ts";
import { desire } from "./desire.ts";
import { type GrantObserved, observe } from "./observe.ts";
import type { Action, Desired } from "./model.ts";
import { plan } from "./plan.ts";
import { report } from "./report.ts";
import type { ScopeGrant } from "./schema.ts";

export function scopeGrantKind(context: KindContext): Kind<ScopeGrant, Desired, GrantObserved, Action> {
  return {
    effects: EFFECTS,
    get: ({ namespace, name }) => context.resources.scopeGrants.get(namespace, name),
    desire,
    observe: (resource, desired) => observe(context, resource, desired),
    plan,
    apply: (resource, _desired, observed, action) => apply(context, resource, observed, action),
    report: (resource, seen, result) => report(context, resource, seen, result),
  };
}
