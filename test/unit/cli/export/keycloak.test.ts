import { expect, it } from "vitest";
import type { Mark } from "../../../../src/ports/mark.ts";
import { api, client, exported, grant, provider, ref } from "./tenant.ts";

const KEYCLOAK = {
  vendor: "keycloak",
  provider: provider({ auth0: undefined, keycloak: { url: "https://sso.example.com", realm: "machines" } }),
};
const orders = api({
  ...{ description: "Orders", tokens: { signingAlgorithm: "RS256", profile: "Keycloak" }, settings: {} },
  scopes: [{ name: "timesheets:read" }],
});
const job = client({ authenticationMethod: "client_secret_basic" });
const grants = (fields: object = {}) => [
  grant({ api: ref("api1"), scopes: ["timesheets:read"], lifetimeSeconds: 900, ...fields }),
];

it("a grant has the lifetime of its client's tokens, and what Keycloak does by default is left out", () => {
  const { of, remarks } = exported({ apis: [orders], clients: [job], grants: grants() }, KEYCLOAK);
  expect(of("OAuthApi")[0]?.spec).toEqual({
    ...{ audience: orders.audience, adopt: true, displayName: "Timesheets", description: "Orders" },
    scopes: [{ name: "timesheets:read" }],
  });
  expect(of("M2MClient")[0]?.spec).toMatchObject({ clientId: "client1", adopt: true });
  expect(of("ScopeGrant")[0]?.spec).toEqual({
    ...{ clientRef: { name: "import-job" }, apiRef: { name: "timesheets" } },
    ...{ scopes: ["timesheets:read"], tokenLifetime: "15m" },
  });
  expect(remarks).toEqual([]);
});

it("an API that the operator created is named by its audience, which no other API has", () => {
  const mark: Mark = {
    ...{ instance: "a", object: "0123456789abcdef", uid: "11111111-1111-1111-1111-111111111111" },
    ...{ origin: "made", nonce: "00112233445566ff" },
  };
  const made = { ...orders, mark };
  const { of } = exported({ apis: [made], clients: [job], grants: grants() }, KEYCLOAK);
  expect(of("OAuthApi")).toEqual([]);
  expect(of("ScopeGrant")[0]?.spec).toMatchObject({ externalAudience: orders.audience, tokenLifetime: "15m" });
});
