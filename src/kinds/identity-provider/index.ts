import type { ProviderResource } from "./schema.ts";
import type { Kind } from "../../controller/reconcile.ts";
import type { KindContext } from "../kind-context.ts";

import { apply } from "./apply.ts";
import { EFFECTS } from "./effects.ts";
import { desire } from "./desire.ts";
import { observe } from "./observe.ts";
import { type Action, type Desired, type Observed, plan } from "./plan.ts";
import { report } from "./report.ts";

type ProviderKind = Kind<ProviderResource, Desired, Observed, Action>;

export function clusterIdentityProviderKind(context: KindContext): ProviderKind {
  return kindOf(context, (name) => context.resources.clusterIdentityProviders.get("", name));
}

export function identityProviderKind(context: KindContext): ProviderKind {
  return kindOf(context, (name, namespace) => context.resources.identityProviders.get(namespace, name));
}

function kindOf(
  context: KindContext,
  get: (name: string, namespace: string) => ProviderResource | undefined,
): ProviderKind {
  return {
    effects: EFFECTS,
    get: ({ namespace, name }) => get(name, namespace),
    desire,
    observe: (resource, desired) => observe(context, resource, desired),
    plan,
    apply: (resource, _desired, _observed, action) => apply(context, resource, action),
    report: (resource, seen, result) => report(context, resource, seen, result),
  };
}
