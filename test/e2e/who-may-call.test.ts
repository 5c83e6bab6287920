import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../integration/cluster.ts";
import { columnsOf } from "./columns.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
let owner: string;
let asker: string;
beforeAll(async () => {
  world = await createWorld();
  [owner, asker] = [await world.namespace(), await world.namespace()];
  await world.api(owner, "api", {
    allowedGrants: [{ namespaces: { from: "Names", names: [asker] }, scopes: ["read:things"] }],
    tokens: { lifetime: "90m", signingAlgorithm: "PS256" },
  });
  await world.client(owner, "own");
  await world.client(asker, "job", { rotation: { every: "720h" } });
  await world.grant(owner, "own", { clientRef: { name: "own" }, apiRef: { name: "api" }, allScopes: true });
  const apiRef = { name: "api", namespace: owner };
  await world.grant(asker, "reads", { clientRef: { name: "job" }, apiRef, scopes: ["read:things", "write:things"] });
  await world.ready("ScopeGrant", owner, "own");
  await world.reason("ScopeGrant", asker, "reads", "ScopesNotAllowed");
});
afterAll(() => world.end());

const audience = () => `https://${owner}.example.com/api`;

it("an API lists who may call it, with what, and no longer once a grant is gone", async () => {
  const both = await eventually(
    () => world.cluster.get("OAuthApi", owner, "api"),
    (api) => api?.status?.["grantCount"] === 2,
    "both grants listed",
  );
  const wanted = [
    { namespace: owner, name: "own", client: "own", scopes: ["read:things", "write:things"] },
    { namespace: asker, name: "reads", client: "job", scopes: ["read:things"] },
  ].sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
  expect(both?.status?.["grants"]).toEqual(wanted);
  await world.grant(owner, "passing", { clientRef: { name: "own" }, apiRef: { name: "api" }, scopes: ["read:things"] });
  await eventually(
    () => world.cluster.get("OAuthApi", owner, "api"),
    (api) => api?.status?.["grantCount"] === 3,
    "the third listed",
  );
  await world.cluster.remove("ScopeGrant", owner, "passing");
  await eventually(
    () => world.cluster.get("OAuthApi", owner, "api"),
    (api) => api?.status?.["grantCount"] === 2,
    "the third gone",
  );
});

it("an API lists a client no longer once the client is deleted, and still where the tenant keeps it", async () => {
  const apiRef = { name: "api" };
  const names = async (): Promise<readonly string[]> => {
    const grants = (await world.cluster.get("OAuthApi", owner, "api"))?.status?.["grants"] ?? [];
    return (grants as readonly { readonly name: string }[]).map(({ name }) => name).sort();
  };
  for (const [name, deletionPolicy] of [
    ["deleted", "Delete"],
    ["kept", "Retain"],
  ] as const) {
    await world.client(owner, name, { deletionPolicy });
    await world.grant(owner, name, { clientRef: { name }, apiRef, scopes: ["read:things"] });
    await world.ready("ScopeGrant", owner, name);
  }
  await eventually(names, (seen) => seen.join() === "deleted,kept,own,reads", "all listed");
  for (const name of ["deleted", "kept"]) {
    await world.cluster.remove("M2MClient", owner, name);
    await world.gone("M2MClient", owner, name);
  }
  await eventually(names, (seen) => seen.join() === "kept,own,reads", "the deleted client gone from the list");
  const grant = await world.reason("ScopeGrant", owner, "deleted", "ClientNotReady");
  expect(grant.status).toMatchObject({ granted: "0/1" });
  expect(grant.status?.["token"]).toBeUndefined();
  for (const name of ["deleted", "kept"]) await world.cluster.remove("ScopeGrant", owner, name);
  await eventually(names, (seen) => seen.join() === "own,reads", "as before");
});

it("a client lists its grants, and a grant says what a token holds", async () => {
  const client = await world.ready("M2MClient", asker, "job");
  expect(client.status).toMatchObject({
    ...{ grantCount: 1, rotation: "Idle", provider: `ClusterIdentityProvider/${world.provider}` },
    primaryApi: `${owner}/api`,
    grants: [{ name: "reads", api: `${owner}/api`, scopes: ["read:things"] }],
  });
  const grant = await world.cluster.get("ScopeGrant", asker, "reads");
  expect(grant?.status?.["token"]).toEqual({
    ...{ audience: audience(), issuer: `https://${world.sandbox.auth0.domain}/`, lifetime: "1h30m" },
    ...{ scopes: ["read:things"], signingAlgorithm: "PS256" },
  });
});

it("the columns answer what people ask", async () => {
  expect(await columnsOf(world.cluster, "OAuthApi", owner, "api")).toMatchObject({
    ...{ Ready: "True", Reason: "Ready", Audience: audience(), Grants: 2, Lifetime: "1h30m" },
    Message: "The API at the provider matches the spec.",
  });
  expect(await columnsOf(world.cluster, "M2MClient", asker, "job")).toMatchObject({
    ...{ Ready: "True", Method: "client_secret_post", Grants: 1, Rotation: "Idle", Enabled: true, Verified: "True" },
    Next: expect.stringMatching(/^2\d{3}-\d{2}-\d{2}T/) as string,
    ...{ Provider: `ClusterIdentityProvider/${world.provider}`, Secret: "job" },
    Credential: expect.stringMatching(/^\d+[sm]/) as string,
  });
  expect(await columnsOf(world.cluster, "ScopeGrant", asker, "reads")).toMatchObject({
    ...{ Ready: "False", Reason: "ScopesNotAllowed", Client: "job", Api: `${owner}/api`, Granted: "1/2" },
    Message: expect.stringContaining("does not allow namespace") as string,
  });
  expect(await columnsOf(world.cluster, "ClusterIdentityProvider", "", world.provider)).toMatchObject({
    ...{ Ready: "True", Vendor: "auth0", Tenant: world.sandbox.auth0.domain, Policy: "Full" },
    Read: expect.stringMatching(/^\d+[sm]/) as string,
  });
});
