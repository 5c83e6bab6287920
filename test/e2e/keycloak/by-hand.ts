import type { Realm } from "../../../keycloak/realm.ts";

const PROTOCOL = "openid-connect";

/** An API with one scope, and a client that may request it, as an administrator creates them in the realm. */
export async function createByHand(
  realm: Realm,
  api: { readonly audience: string; readonly name: string; readonly scope: string },
  client: { readonly clientId: string; readonly name: string; readonly secret: string },
): Promise<void> {
  const config = { "included.custom.audience": api.audience, "access.token.claim": "true" };
  await realm.admin("POST", "/clients", { clientId: api.audience, name: api.name, bearerOnly: true });
  await realm.admin("POST", "/client-scopes", {
    ...{ name: api.scope, protocol: PROTOCOL, attributes: { "include.in.token.scope": "true" } },
    protocolMappers: [{ name: "audience", protocol: PROTOCOL, protocolMapper: "oidc-audience-mapper", config }],
  });
  await realm.admin("POST", "/clients", {
    ...{ ...client, serviceAccountsEnabled: true, standardFlowEnabled: false, fullScopeAllowed: false },
    ...{ defaultClientScopes: ["basic"], optionalClientScopes: [api.scope] },
  });
}
