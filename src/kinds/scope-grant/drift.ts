import type { GrantChange } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import { everybodysGrants } from "../relations/dependents.ts";
import { durationText } from "../schema/duration.ts";
import { isSameSet } from "../../ports/same-set.ts";
import type { GrantObserved } from "./observe.ts";
import type { ScopeGrant, ScopeGrantStatus } from "./schema.ts";

/**
 * Which fields of the grant somebody changed at the tenant. A grant also follows other ScopeGrants, its API and consent: a
 * field counts when all of them want what status has told already.
 */
export function driftedFields(
  context: Pick<KindContext, "resources">,
  { metadata, status }: ScopeGrant,
  observed: GrantObserved,
  change: GrantChange,
): readonly string[] {
  const token = status?.token;
  if (token === undefined || metadata.deletionTimestamp !== undefined) return [];
  const isDrifted = {
    scopes: change.scopes !== undefined && areScopesDrifted(context, observed, change.scopes, token),
    tokenLifetime: change.lifetimeSeconds !== undefined && token.lifetime === durationText(change.lifetimeSeconds),
    organizations: change.organizations !== undefined && isSameBinding(observed, token),
  };
  return Object.entries(isDrifted).flatMap(([field, isIt]) => (isIt ? [field] : []));
}

type Token = NonNullable<ScopeGrantStatus["token"]>;

function areScopesDrifted(
  context: Pick<KindContext, "resources">,
  { own, togetherGranted, peers, remote }: GrantObserved,
  wanted: readonly string[],
  token: Token,
): boolean {
  const grant = remote.kind === "read" ? remote.grant : undefined;
  if (grant === undefined) return false;
  const { scopes, allScopes } = grant;
  const requested = [...own.granted, ...togetherGranted];
  if (!isSameSet(token.scopes, requested)) return false;
  if (allScopes) return true;
  // What the API gives to all its clients comes and goes with another ScopeGrant.
  const { namespace, name = "" } = peers.api?.metadata ?? {};
  const everybodys = everybodysGrants(context.resources, namespace, name).flatMap(
    ({ status }) => status?.grantedScopes ?? [],
  );
  const missing = wanted.filter((scope) => !scopes.includes(scope) && requested.includes(scope));
  const known = new Set([...wanted, ...requested, ...everybodys]);
  const added = scopes.filter((scope) => !known.has(scope));
  return missing.length > 0 || added.length > 0;
}

function isSameBinding({ pair }: GrantObserved, { organizations = [], organizationUsage }: Token): boolean {
  const { ids = organizations, usage } = pair?.organizations ?? {};
  return isSameSet(ids, organizations) && (usage === "Deny" ? undefined : usage) === organizationUsage;
}
