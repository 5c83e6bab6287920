import type { GrantOrganizations, ObservedGrant } from "../../ports/provider.ts";

/** Organizations of the grant at the tenant that consent does not allow. */
export interface BeyondConsent {
  /** It is for every organization. */
  readonly any: boolean;
  /** Ids of organizations that are linked. */
  readonly ids: readonly string[];
}

/** What a ScopeGrant requests and does not get. */
interface RefusedOrganizations {
  readonly missing: readonly string[];
  /** Every organization, by a namespace that may not have every one. */
  readonly isAnyRefused?: boolean;
}

/** Who asked, and the provider object that decides, for messages. */
interface Asked {
  readonly namespace: string;
  readonly object: string;
}

/** Why this resource does not have everything it requests. `undefined` when it does. */
export function organizationsMessage(
  { missing, isAnyRefused }: RefusedOrganizations,
  asked: Asked,
): string | undefined {
  const sentences = [
    ...(missing.length === 0 ? [] : [noOrganization(missing, "spec.organizations.names", asked)]),
    ...(isAnyRefused === true
      ? [
          `${asked.object} does not allow namespace ${asked.namespace} to use every organization. Replace spec.organizations.any by spec.organizations.names, or ask its owner to add "*" to spec.allow[].organizations.`,
        ]
      : []),
  ];
  return sentences.length === 0 ? undefined : sentences.join(" ");
}

/** One answer for "not there" and "not allowed", so that a refusal never tells which. */
export function noOrganization(names: readonly string[], field: string, { namespace, object }: Asked): string {
  const named = names.map((name) => `"${name}"`).join(", ");
  return `The tenant has no organization ${named}, or ${object} does not allow namespace ${namespace} to use it. Correct ${field}, create the organization at the tenant, or ask the owner of ${object} to extend spec.allow[].organizations.`;
}

/** The organizations of the grant without those that consent does not allow. `undefined`: consent allows all of them. */
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
