import type { GrantChange, GrantOrganizations, ObservedGrant } from "../../ports/provider.ts";
import { isSameSet } from "../../ports/same-set.ts";
import type { Observed, PairView } from "./model.ts";

/** Only what differs. On an adopted client, scopes that no resource has ever requested stay. */
export function changeOf(
  pair: PairView,
  grant: ObservedGrant,
  { isClientAdopted, owned }: Pick<Observed, "isClientAdopted" | "owned">,
): GrantChange {
  const kept = isClientAdopted ? grant.scopes.filter((scope) => !owned.includes(scope)) : [];
  const scopes = [...new Set([...pair.scopes, ...kept])].sort();
  const isWhole = grant.allScopes && (pair.isAllScopes || isClientAdopted);
  const { organizations, lifetimeSeconds } = pair;
  return {
    ...(grant.isImpaired ? { restore: true as const } : {}),
    ...(lifetimeSeconds === undefined || lifetimeSeconds === grant.lifetimeSeconds ? {} : { lifetimeSeconds }),
    ...(isWhole || (!grant.allScopes && isSameSet(grant.scopes, scopes)) ? {} : { scopes }),
    ...(organizations === undefined || isSameOrganizations(organizations, grant.organizations)
      ? {}
      : { organizations }),
  };
}

/**
 * Only what is less than the grant has: for a resource that is to have nothing of it, while others of the pair keep
 * theirs. What those lack, they add themselves. `undefined`: nothing is left that others request.
 */
export function narrowingTo(
  pair: PairView,
  grant: ObservedGrant,
  adopted: Pick<Observed, "isClientAdopted" | "owned">,
): GrantChange | undefined {
  const { scopes = grant.scopes, organizations } = changeOf(pair, grant, adopted);
  const left = grant.allScopes ? scopes : grant.scopes.filter((scope) => scopes.includes(scope));
  if (left.length === 0 && scopes.length > 0) return undefined;
  const isLess = grant.allScopes ? scopes !== grant.scopes : !isSameSet(left, grant.scopes);
  const narrower = organizations === undefined ? undefined : narrowerOrganizations(organizations, grant.organizations);
  return {
    ...(isLess ? { scopes: left } : {}),
    ...(narrower === undefined ? {} : { organizations: narrower }),
  };
}

function narrowerOrganizations(
  wanted: GrantOrganizations,
  { usage, any, ids = [] }: ObservedGrant["organizations"],
): GrantOrganizations | undefined {
  const left = ids.filter((id) => wanted.ids?.includes(id) !== false);
  const isAnyOver = any && wanted.any === false;
  if (left.length === ids.length && !isAnyOver) return undefined;
  return { usage, ...(isAnyOver ? { any: false } : {}), ...(left.length === ids.length ? {} : { ids: left }) };
}

function isSameOrganizations(wanted: GrantOrganizations, present: ObservedGrant["organizations"]): boolean {
  return (
    wanted.usage === present.usage &&
    (wanted.any ?? present.any) === present.any &&
    (wanted.ids === undefined || isSameSet(wanted.ids, present.ids ?? []))
  );
}
