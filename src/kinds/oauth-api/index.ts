import type { Kind } from "../../controller/reconcile.ts";
import type { KindContext } from "../kind-context.ts";
import { apply } from "./apply.ts";
import { EFFECTS } from "./effects.ts";
import { desire } from "./desire.ts";
import { type ApiObserved, observe } from "./observe.ts";
import type { Action, Desired } from "./model.ts";
import { plan } from "./plan.ts";
import { report } from "./report.ts";
import type { OAuthApi } from "./schema.ts";

export function oAuthApiKind(context: KindContext): Kind<OAuthApi, Desired, ApiObserved, Action> {
  return {
    effects: EFFECTS,
    get: ({ namespace, name }) => context.resources.oAuthApis.get(namespace, name),
    desire: (resource) => desire(resource, context.settings.instanceId, (text) => context.sha256(text)),
    observe: (resource, desired) => observe(context, resource, desired),
    plan,
    apply: (resource, desired, observed, action) => apply(context, resource, desired, observed, action),
    report: (resource, seen, result) => report(context, resource, seen, result),
  };
}
