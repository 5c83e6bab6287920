import type { GrantChange, GrantOrganizations, ObservedGrant } from "../../ports/provider.ts";
import type { Observed, PairView } from "./model.ts";

/** Only what differs. On an adopted client, scopes that no resource has ever asked for stay. */
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

function isSameOrganizations(wanted: GrantOrganizations, present: ObservedGrant["organizations"]): boolean {
  return (
    wanted.usage === present.usage &&
    (wanted.any ?? present.any) === present.any &&
    (wanted.ids === undefined || isSameSet(wanted.ids, present.ids ?? []))
  );
}

/** The order of scopes says nothing: providers keep it as sent. */
export function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  const members = new Set(left);
  return members.size === new Set(right).size && right.every((scope) => members.has(scope));
}
