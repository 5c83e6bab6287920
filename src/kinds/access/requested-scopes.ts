import type { ScopeGrant } from "../scope-grant/schema.ts";

/** What an API's owner allows a namespace. */
export interface AllowedScopes {
  /** Scopes that the API declares and the namespace may request. */
  readonly scopes: ReadonlySet<string>;
  /** The namespace may request every scope that the API has, including none where it has none. */
  readonly isWhole: boolean;
}

/** What this resource adds to the pair's grant, and what it requests in vain. */
export interface ScopesView {
  /** Requested by this resource, known to the API and consented to; sorted. */
  readonly granted: readonly string[];
  /** Requested, and either not among the API's scopes or not allowed; sorted. */
  readonly unknown: readonly string[];
  /** It requests all scopes of an API that has none: the grant consists of the audience alone. */
  readonly isAudienceOnly?: true;
}

/** `allowed`: what the API has and its owner allows; `undefined` while that is not known. */
export function scopesAskedFor({ spec }: ScopeGrant, allowed: AllowedScopes | undefined): ScopesView {
  if (allowed === undefined) return { granted: [], unknown: [] };
  const { scopes, isWhole } = allowed;
  if (spec.allScopes === true)
    return {
      granted: [...scopes].sort(),
      unknown: [],
      ...(isWhole && scopes.size === 0 ? { isAudienceOnly: true as const } : {}),
    };
  const asked = [...new Set(spec.scopes ?? [])].sort();
  return { granted: asked.filter((scope) => scopes.has(scope)), unknown: asked.filter((scope) => !scopes.has(scope)) };
}

/** Whether anything of what it requests is left. */
export const isLeft = ({ granted, isAudienceOnly }: ScopesView): boolean =>
  granted.length > 0 || isAudienceOnly === true;
