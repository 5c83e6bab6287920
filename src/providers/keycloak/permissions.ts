import { z } from "zod";
import { readClaims } from "../../oauth/claims.ts";

/** Role of `realm-management` that the operator's service account needs. `manage-clients` includes reading. */
export const neededRole = (isReadOnly: boolean): string => (isReadOnly ? "view-clients" : "manage-clients");

/** Roles that Keycloak puts into others. */
const INCLUDED = ["view-clients", "query-clients"];

/** Roles of the realm `master` that administrate other realms. */
const OF_SERVER = ["admin", "create-realm"];

const rolesSchema = z.object({ roles: z.array(z.string()).default([]) });
const claimsSchema = z.object({
  resource_access: z.record(z.string(), rolesSchema),
  realm_access: rolesSchema.optional(),
});

/**
 * Administrator's roles in the operator's own access token that no feature of the operator needs, sorted. `undefined` where
 * the token does not show roles: it does not without the client scope `roles`.
 */
export function excessRoles(accessToken: string, realm: string, isReadOnly: boolean): readonly string[] | undefined {
  const claims = readClaims(accessToken, claimsSchema);
  if (claims === undefined) return undefined;
  const { resource_access: byClient, realm_access: ofRealm } = claims;
  const usable = new Set([neededRole(isReadOnly), ...INCLUDED]);
  const own = realm === MASTER ? `${MASTER}-realm` : "realm-management";
  const excess = (byClient[own]?.roles ?? []).filter((role) => !usable.has(role));
  return [...excess, ...(realm === MASTER ? serverRoles(byClient, ofRealm?.roles ?? []) : [])].sort();
}

const MASTER = "master";

/** In the realm `master` there is a client for every realm, with the roles on it. */
function serverRoles(
  byClient: Readonly<Record<string, { readonly roles: readonly string[] }>>,
  ofRealm: readonly string[],
): readonly string[] {
  const others = Object.entries(byClient).filter(([name]) => name.endsWith("-realm") && name !== `${MASTER}-realm`);
  return [
    ...ofRealm.filter((role) => OF_SERVER.includes(role)),
    ...others.flatMap(([client, { roles }]) => roles.map((role) => `${client} ${role}`)),
  ];
}
