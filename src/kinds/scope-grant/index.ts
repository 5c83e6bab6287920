import type { Kind } from "../../controller/reconcile.ts";
import type { KindContext } from "../kind-context.ts";
import { apply } from "./apply.ts";
import { desire } from "./desire.ts";
import { observe } from "./observe.ts";
import type { Action, Desired, Observed } from "./model.ts";
import { plan } from "./plan.ts";
import { report } from "./report.ts";
import type { ScopeGrant } from "./schema.ts";

export function scopeGrantKind(context: KindContext): Kind<ScopeGrant, Desired, Observed, Action> {
  return {
    get: ({ namespace, name }) => context.resources.scopeGrants.get(namespace, name),
    desire,
    observe: (resource, desired) => observe(context, resource, desired),
    plan,
    apply: (resource, _desired, action) => apply(context, resource, action),
    report: (resource, seen, result) => report(context, resource, seen, result),
  };
}
