import { nearestName } from "../../ports/nearest-name.ts";
import type { ScopeGrant } from "../scope-grant/schema.ts";

/** What an API's owner allows a namespace. */
export interface AllowedScopes {
  /** Scopes that the API declares and the namespace may request. */
  readonly scopes: ReadonlySet<string>;
  /** All scopes that the API declares, whether the namespace may request them or not. */
  readonly declared: ReadonlySet<string>;
  /** The namespace may request every scope that the API has, including none where it has none. */
  readonly isWhole: boolean;
}

/** Scopes that this resource adds to the grant of the pair, and requested scopes that it does not get. */
export interface ScopesView {
  /** Requested by this resource, known to the API and consented to; sorted. */
  readonly granted: readonly string[];
  /** Requested, and not among the API's scopes; sorted. */
  readonly unknown: readonly string[];
  /** Requested, declared by the API, and not allowed to the namespace; sorted. Absent: none. */
  readonly refused?: readonly string[];
  /** For an unknown scope, the one that was probably meant, among those that the namespace may request. Absent: none. */
  readonly nearest?: Readonly<Record<string, string>>;
  /** It requests all scopes of an API that has none: the grant consists of the audience alone. */
  readonly isAudienceOnly?: true;
}

/** `allowed`: what the API has and its owner allows; `undefined` while that is not known. */
export function scopesAskedFor({ spec }: ScopeGrant, allowed: AllowedScopes | undefined): ScopesView {
  if (allowed === undefined) return { granted: [], unknown: [] };
  const { scopes, declared, isWhole } = allowed;
  if (spec.allScopes === true)
    return {
      granted: [...scopes].sort(),
      unknown: [],
      ...(isWhole && scopes.size === 0 ? { isAudienceOnly: true as const } : {}),
    };
  const asked = [...new Set(spec.scopes ?? [])].sort();
  const unknown = asked.filter((scope) => !declared.has(scope));
  const nearest = nearestOf(unknown, [...scopes]);
  const refused = asked.filter((scope) => declared.has(scope) && !scopes.has(scope));
  return {
    granted: asked.filter((scope) => scopes.has(scope)),
    unknown,
    ...(nearest === undefined ? {} : { nearest }),
    ...(refused.length === 0 ? {} : { refused }),
  };
}

/** Of so many scopes no more than so many are compared. */
const MAX_COMPARED = 20;

function nearestOf(unknown: readonly string[], known: readonly string[]): ScopesView["nearest"] {
  const pairs = unknown.slice(0, MAX_COMPARED).flatMap((scope): readonly [string, string][] => {
    const nearest = nearestName(scope, known);
    return nearest === undefined ? [] : [[scope, nearest]];
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

/** Whether anything of what it requests is left. */
export const isLeft = ({ granted, isAudienceOnly }: ScopesView): boolean =>
  granted.length > 0 || isAudienceOnly === true;
