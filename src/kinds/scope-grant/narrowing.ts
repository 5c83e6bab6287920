import type { ObservedGrant } from "../../ports/provider.ts";
import { withoutOrganizations } from "../access/refused-organizations.ts";
import type { Action, Observed, PairView } from "./model.ts";

/**
 * Whatever grant is seen on an adopted client was neither made nor adopted by this resource yet. The action that does either writes down
 * which: until then it is somebody else's.
 */
export const isUndecided = ({ isClientAdopted, isNew }: Pick<Observed, "isClientAdopted" | "isNew">): boolean =>
  isClientAdopted && isNew;

/** The grant at the tenant, where it is this resource's to take from. */
function reducible(observed: Observed): ObservedGrant | undefined {
  const grant = observed.remote.kind === "read" ? observed.remote.grant : undefined;
  return grant?.isSystem === true || isUndecided(observed) ? undefined : grant;
}

/** Takes scopes off a grant that consent no longer allows. */
export function narrowingOf(observed: Observed): Action | undefined {
  const { pair, heldRevocation } = observed;
  const grant = reducible(observed);
  if (pair?.allowed === undefined || grant === undefined || heldRevocation !== undefined) return undefined;
  const scopes = stillAllowed(observed, pair.allowed, grant);
  if (scopes === undefined) return undefined;
  if (scopes.length === 0 && !pair.allowed.isWhole)
    return { type: "removeGrant", ref: grant.ref, why: "ConsentWithdrawn" };
  const isSame = !grant.allScopes && scopes.length === grant.scopes.length;
  return isSame ? undefined : { type: "updateGrant", ref: grant.ref, change: { scopes } };
}

/** Takes organizations off a grant that consent does not allow. Nothing is added by that. */
export function organizationsWithdrawn(observed: Observed): Action | undefined {
  const { beyondConsent } = observed;
  const grant = reducible(observed);
  if (beyondConsent === undefined || grant === undefined) return undefined;
  const organizations = withoutOrganizations(grant.organizations, beyondConsent);
  return organizations === undefined ? undefined : { type: "updateGrant", ref: grant.ref, change: { organizations } };
}

/**
 * What the grant may keep; `undefined`: all of it. Of an adopted client's grant, what no resource ever requested is not
 * this resource's to take.
 */
function stillAllowed(
  { isClientAdopted, owned }: Observed,
  allowed: NonNullable<PairView["allowed"]>,
  grant: ObservedGrant,
): readonly string[] | undefined {
  if (grant.allScopes) return allowed.isWhole || isClientAdopted ? undefined : allowed.scopes;
  return grant.scopes.filter((scope) => allowed.scopes.includes(scope) || (isClientAdopted && !owned.includes(scope)));
}
