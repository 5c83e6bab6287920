import type { GrantOrganizations, ObservedGrant } from "../../ports/provider.ts";

/** What the grant at the tenant has of organizations beyond consent. */
export interface BeyondConsent {
  /** It is for every organization. */
  readonly any: boolean;
  /** Ids of organizations that are linked. */
  readonly ids: readonly string[];
}

/** What a ScopeGrant asks for in vain. */
interface RefusedOrganizations {
  readonly missing: readonly string[];
  /** Every organization, by a namespace that may not have every one. */
  readonly isAnyRefused?: boolean;
}

/** Why this resource does not have all that it asks for; `undefined` when it does. */
export function organizationsMessage({ missing, isAnyRefused }: RefusedOrganizations): string | undefined {
  const sentences = [
    ...(missing.length === 0 ? [] : [noOrganization(missing, "spec.organizations.names")]),
    ...(isAnyRefused === true
      ? [
          'The provider does not let this namespace use every organization (spec.organizations.any): that needs "*" in its spec.allow[].organizations. Name those that are allowed in spec.organizations.names.',
        ]
      : []),
  ];
  return sentences.length === 0 ? undefined : sentences.join(" ");
}

/** One answer for "not there" and "not allowed", so that a refusal never tells which. */
export function noOrganization(names: readonly string[], field: string): string {
  const named = names.map((name) => `"${name}"`).join(", ");
  return `The tenant has no organization ${named} (${field}), or the provider does not let this namespace use it (spec.allow[].organizations).`;
}

/** What is left without what consent does not allow; nothing is added by that. `undefined`: all of it may stay. */
export function withoutOrganizations(
  { usage, ids: linked = [] }: ObservedGrant["organizations"],
  { any, ids }: BeyondConsent,
): GrantOrganizations | undefined {
  if (!any && ids.length === 0) return undefined;
  return {
    usage,
    ...(any ? { any: false } : {}),
    ...(ids.length === 0 ? {} : { ids: linked.filter((id) => !ids.includes(id)) }),
  };
}
