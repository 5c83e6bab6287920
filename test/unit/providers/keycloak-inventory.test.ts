import { expect, it } from "vitest";
import { createReadableRealm } from "./keycloak-realm.ts";

const MARK = "m2m1.instance.made.11111111-1111-1111-1111-111111111111.0123456789abcdef.00112233445566ff";
const AUDIENCE = "https://orders.example.com";

const SERVICE = { serviceAccountsEnabled: true, standardFlowEnabled: false, clientAuthenticatorType: "client-secret" };
const ORDERS = { id: "orders", clientId: AUDIENCE, name: "Orders", bearerOnly: true };

const mapper = (name: string, audience: string) => ({
  ...{ id: `${name}-mapper`, name, protocolMapper: "oidc-audience-mapper" },
  config: { "included.custom.audience": audience, "access.token.claim": "true" },
});
const scope = (name: string, ...mappers: readonly object[]) => ({
  ...{ id: name, name, attributes: { "include.in.token.scope": "true" } },
  protocolMappers: [mapper("audience", AUDIENCE), ...mappers],
});
const SCOPES = [scope("orders:read"), scope("orders:write"), { id: "roles", name: "roles", attributes: {} }];

async function inventoryOf(...clients: readonly object[]) {
  const provider = await createReadableRealm([ORDERS, ...clients], SCOPES);
  return provider.inventory();
}

const job = (more: object = {}) => ({
  ...{ id: "job", clientId: "import-job", name: "Import job", ...SERVICE },
  ...{ fullScopeAllowed: true, notBefore: 0, secret: "not-a-real-secret" },
  ...{ defaultClientScopes: ["basic", "profile"], optionalClientScopes: ["orders:read"] },
  ...more,
});

it("what somebody created by hand is an API, a client and a grant that say all there is", async () => {
  const inventory = await inventoryOf(job({ attributes: { "access.token.lifespan": "900" } }));
  expect(inventory.apis).toEqual([
    expect.objectContaining({
      audience: AUDIENCE,
      scopes: [{ name: "orders:read" }, { name: "orders:write" }],
      beyond: [],
    }),
  ]);
  expect(inventory.clients).toEqual([
    expect.objectContaining({ clientId: "import-job", beyond: [], refusal: undefined }),
  ]);
  expect(inventory.grants).toEqual([
    expect.objectContaining({
      ...{ client: "job", api: "orders", scopes: ["orders:read"], lifetimeSeconds: 900 },
      ...{ beyond: [], refusal: undefined },
    }),
  ]);
  expect(JSON.stringify(inventory)).not.toContain("not-a-real-secret");
});

it.each([
  ["attributes.dpop.bound.access.tokens", { attributes: { "dpop.bound.access.tokens": "true" } }],
  ["attributes.access.token.signed.response.alg", { attributes: { "access.token.signed.response.alg": "ES256" } }],
  ["notBefore", { notBefore: 1 }],
  ["authorizationServicesEnabled", { authorizationServicesEnabled: true }],
  [
    "protocol mappers (team)",
    { protocolMappers: [{ id: "m", name: "team", protocolMapper: "oidc-hardcoded-claim-mapper" }] },
  ],
  ["client scopes of no API (roles)", { defaultClientScopes: ["basic", "roles"] }],
])("a client says %s, for which no field exists", async (beyond, setting) => {
  const { clients } = await inventoryOf(job(setting));
  expect(clients.map((client) => client.beyond)).toEqual([[beyond]]);
});

it.each([
  [{ "access.token.signed.response.alg": "RS256" }],
  [{ "dpop.bound.access.tokens": "false" }],
  [{ "post.logout.redirect.uris": "+", "backchannel.logout.url": "https://job.example.com" }],
  [{ m2m_operator: MARK, "m2m.metadata.team": "a", "m2m_operator.grant.orders": "granted" }],
])("attributes %j of a client are no news", async (attributes) => {
  const { clients } = await inventoryOf(job({ attributes }));
  expect(clients.map(({ beyond }) => beyond)).toEqual([[]]);
});

it("a scope in every token and a mapper beside the audience are said", async () => {
  const client = job({ defaultClientScopes: ["orders:write"] });
  const provider = await createReadableRealm(
    [ORDERS, client],
    [scope("orders:read", mapper("second", "https://other.example.com")), scope("orders:write")],
  );
  const { apis, grants } = await provider.inventory();
  expect(apis.map(({ beyond }) => beyond)).toEqual([["further mappers of scope orders:read (second)"]]);
  expect(grants.map(({ scopes, beyond }) => ({ scopes, beyond }))).toEqual([
    {
      scopes: ["orders:read", "orders:write"],
      beyond: ["default client scopes (orders:write), so that every token of the client has them"],
    },
  ]);
});

it("clients that people log in through are counted, and what no resource can adopt says why", async () => {
  const { clients, grants, loginClients } = await inventoryOf(
    { id: "web", clientId: "web", standardFlowEnabled: true, optionalClientScopes: ["orders:read"] },
    { id: "console", clientId: "account-console", publicClient: true, standardFlowEnabled: true },
    { ...job(), id: "own", clientId: "operator" },
    { ...job(), id: "mtls", clientId: "mtls", clientAuthenticatorType: "client-x509" },
  );
  expect(loginClients).toBe(1);
  expect(clients.map(({ clientId, refusal }) => [clientId, refusal])).toEqual([
    ["operator", "the operator itself uses it"],
    ["mtls", 'its authentication method "client-x509" is not supported'],
  ]);
  expect(grants.map(({ client }) => client)).toEqual(["own", "mtls"]);
});

it("lists APIs and clients of everybody, and names as callers those that get a token", async () => {
  const provider = await createReadableRealm(
    [
      ORDERS,
      job(),
      { id: "web", clientId: "web", standardFlowEnabled: true, optionalClientScopes: ["orders:read"] },
      {
        ...job(),
        id: "empty",
        clientId: "empty",
        optionalClientScopes: [],
        attributes: { "m2m_operator.grant.orders": "granted" },
      },
    ],
    SCOPES,
  );
  expect((await provider.apis.list()).map(({ audience }) => audience)).toEqual([AUDIENCE]);
  expect((await provider.clients.list()).map(({ clientId }) => clientId)).toEqual(["import-job", "web", "empty"]);
  expect(await provider.grants.callers?.({ ref: undefined, audience: AUDIENCE })).toEqual([
    { client: "job", scopes: ["orders:read"], allScopes: false },
  ]);
  expect(await provider.grants.ofApi({ ref: undefined, audience: AUDIENCE })).toHaveLength(3);
});
