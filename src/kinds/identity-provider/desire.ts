import type { ProviderResource } from "./schema.ts";
import type { TenantSettings } from "../../ports/provider-factory.ts";
import { ANNOTATIONS } from "../schema/annotations.ts";
import { driftIntervalMsOf } from "../access/freshness.ts";
import { CLUSTER_KIND } from "../relations/provider-ref.ts";
import type { Desired } from "./plan.ts";
import { PROVIDER_VARIANTS } from "./schema.ts";

export function desire(resource: ProviderResource): Desired {
  return {
    isAbsent: resource.metadata.deletionTimestamp !== undefined,
    isPaused: resource.metadata.annotations?.[ANNOTATIONS.paused] === "true",
    driftIntervalMs: driftIntervalMsOf(resource.spec),
  };
}

/** The one variant that the spec sets; the API server has refused a spec with none or two. */
export function settingsOf(resource: ProviderResource): TenantSettings {
  const { spec } = resource;
  const vendor = PROVIDER_VARIANTS.find((name) => spec[name] !== undefined) ?? "unknown";
  const variant = vendor === "unknown" ? {} : (spec[vendor] ?? {});
  return {
    vendor,
    variant,
    caBundle: spec.caBundle,
    rateLimit: spec.rateLimit,
    isReadOnly: spec.managementPolicy === "ObserveOnly",
    ...(usesServiceAccount(resource) ? { usesServiceAccount: true } : {}),
  };
}

/**
 * The operator authenticates with its own service account, which is the platform team's: a provider object of a namespace
 * never decides about it, whatever admission let through.
 */
export function usesServiceAccount({ kind, spec }: Pick<ProviderResource, "kind" | "spec">): boolean {
  return spec.credentialsSecretRef === undefined && kind === CLUSTER_KIND;
}
