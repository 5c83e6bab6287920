import type { Kind } from "../../controller/reconcile.ts";
import type { KindContext } from "../kind-context.ts";
import { apply } from "./apply.ts";
import { EFFECTS } from "./effects.ts";
import { desire } from "./desire.ts";
import { type ClientObserved, observe } from "./observe.ts";
import type { Action, Desired } from "./model.ts";
import { plan } from "./plan.ts";
import { report } from "./report.ts";
import type { M2MClient } from "./schema.ts";

export function m2mClientKind(context: KindContext): Kind<M2MClient, Desired, ClientObserved, Action> {
  return {
    effects: EFFECTS,
    get: ({ namespace, name }) => context.resources.m2mClients.get(namespace, name),
    desire: (resource) => desire(resource, context.settings.instanceId, (text) => context.sha256(text), context.now()),
    observe: (resource, desired) => observe(context, resource, desired),
    plan,
    apply: (resource, desired, observed, action) => apply(context, resource, desired, observed, action),
    report: (resource, seen, result) => report(context, resource, seen, result),
  };
}
