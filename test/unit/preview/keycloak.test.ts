import { expect, it } from "vitest";
import type { Mark } from "../../../src/ports/mark.ts";
import type { Provider, Ref } from "../../../src/ports/provider.ts";
import { simulateTenant } from "../../../src/preview/tenant/tenant.ts";
import { createReadableRealm } from "../providers/keycloak-realm.ts";

const MARK: Mark = {
  ...{ instance: "preview", object: "0123456789abcdef", uid: "11111111-1111-1111-1111-111111111111" },
  ...{ origin: "made", nonce: "00112233445566ff" },
};
const AUDIENCE = "https://orders.example.com";
const ORDERS = { ref: "orders" as Ref, audience: AUDIENCE };

const scope = (name: string) => ({
  ...{ id: name, name },
  attributes: { "include.in.token.scope": "true", "m2m_operator.api": AUDIENCE },
  protocolMappers: [
    {
      ...{ id: `${name}-mapper`, name: "m2m-audience", protocolMapper: "oidc-audience-mapper" },
      config: { "included.custom.audience": AUDIENCE, "access.token.claim": "true" },
    },
  ],
});

const JOB = {
  ...{ id: "job", clientId: "job", serviceAccountsEnabled: true, optionalClientScopes: ["orders:read"] },
  attributes: {
    "m2m_operator.grant.orders": "600",
    "access.token.lifespan": "600",
    "access.token.signed.response.alg": "RS256",
  },
};

async function preview(): Promise<Provider> {
  const realm = await createReadableRealm(
    [{ id: "orders", clientId: AUDIENCE, bearerOnly: true }, JOB],
    [scope("orders:read"), scope("orders:write")],
  );
  await realm.refresh(new Date());
  return simulateTenant(realm, {
    fingerprint: (value) => value,
    now: () => new Date(),
    key: () => Promise.reject(new Error("a token is requested")),
    recordedIssuer: () => undefined,
  }).provider;
}

const spec = (audience: string, ...names: readonly string[]) => ({
  ...{ audience, displayName: "API", tokens: {} },
  scopes: names.map((name) => ({ name })),
});

it("a scope name that another API of the realm has is disputed in a preview as well", async () => {
  const { apis } = await preview();
  const wanted = { code: "disputed", message: expect.stringContaining(AUDIENCE) as string };
  await expect(apis.create(spec("https://other.example.com", "orders:read"), MARK)).rejects.toMatchObject(wanted);
  const { ref } = await apis.create(spec("https://other.example.com", "other:read"), MARK);
  await expect(apis.update(ref, { scopes: [{ name: "orders:write" }] })).rejects.toMatchObject(wanted);
  await apis.update(ORDERS.ref, { scopes: [{ name: "orders:read" }] });
  expect(await apis.update(ref, { scopes: [{ name: "orders:write" }] })).toMatchObject({
    scopes: [{ name: "orders:write" }],
  });
});

it("a grant without its last scope stays, with its lifetime", async () => {
  const { apis, grants } = await preview();
  const before = { scopes: ["orders:read"], lifetimeSeconds: 600, isImpaired: false };
  expect(await grants.find("job" as Ref, ORDERS, false)).toMatchObject(before);
  await apis.update(ORDERS.ref, { scopes: [{ name: "orders:write" }] });
  expect(await grants.find("job" as Ref, ORDERS, false)).toMatchObject({ ...before, scopes: [] });
});

it("APIs of one client that disagree on the signing algorithm are disputed in a preview as well", async () => {
  const { apis, grants } = await preview();
  const audience = "https://other.example.com";
  const signedBy = (signingAlgorithm: string) => ({ ...spec(audience, "other:read"), tokens: { signingAlgorithm } });
  const { ref } = await apis.create(signedBy("ES256"), MARK);
  const wanted = { client: "job" as Ref, api: { ref, audience }, scopes: ["other:read"] };
  const disputed = { code: "disputed", message: expect.stringContaining("RS256 and profile Keycloak") as string };
  await expect(grants.create(wanted)).rejects.toMatchObject(disputed);
  await apis.update(ref, { tokens: { signingAlgorithm: "RS256" } });
  expect(await grants.create(wanted)).toMatchObject({ scopes: ["other:read"] });
  await expect(apis.update(ref, { tokens: { signingAlgorithm: "ES256" } })).rejects.toMatchObject(disputed);
});
