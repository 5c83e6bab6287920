import { createRemoteJWKSet, customFetch, jwtVerify } from "jose";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.end();
});

it("three resources, applied in reverse order, become an API, a client, a grant and a Secret that gets a good token", async () => {
  const ns = await world.namespace();
  await world.grant(ns, "uploads", {
    clientRef: { name: "importer" },
    apiRef: { name: "timesheets" },
    scopes: ["read:things"],
  });
  await world.client(ns, "importer", { displayName: "Import Job", secret: { name: "importer-oauth" } });
  await world.api(ns, "timesheets", {
    tokens: { lifetime: "1h", signingAlgorithm: "RS256" },
    configMap: { name: "timesheets-oauth" },
  });
  await world.ready("ScopeGrant", ns, "uploads");
  const client = await world.ready("M2MClient", ns, "importer");
  await world.ready("OAuthApi", ns, "timesheets");
  expect(conditionOf(client, "Issued")?.status).toBe("True");
  await eventually(
    () => world.cluster.get("M2MClient", ns, "importer"),
    (object) => conditionOf(object, "Verified")?.status === "True",
    "Verified",
  );

  const secret = await world.cluster.secret(ns, "importer-oauth");
  expect(Object.keys(secret ?? {}).sort()).toEqual(
    [
      "audience",
      "client_id",
      "client_secret",
      "domain",
      "grants",
      "issuer",
      "jwks_uri",
      "scopes",
      "token_endpoint",
      "token_endpoint_auth_method",
      "well_known_url",
    ].sort(),
  );
  const { token_endpoint = "", jwks_uri = "", ...values } = secret ?? {};
  const dispatcher = new Agent({ connect: { ca: world.sandbox.caPem } });
  const answer = await fetch(token_endpoint, {
    method: "POST",
    dispatcher,
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: values["client_id"] ?? "",
      client_secret: values["client_secret"] ?? "",
      audience: values["audience"] ?? "",
    }),
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const keys = createRemoteJWKSet(new URL(jwks_uri), {
    [customFetch]: ((url: string, init: object) =>
      fetch(url, { ...init, dispatcher })) as unknown as typeof globalThis.fetch,
  });
  const { payload } = await jwtVerify(token, keys, {
    issuer: values["issuer"] ?? "",
    audience: values["audience"] ?? "",
  });
  expect(payload["scope"]).toBe("read:things");
  await dispatcher.close();

  const configMap = await world.cluster.get("ConfigMap", ns, "timesheets-oauth");
  expect(configMap?.data).toMatchObject({ audience: values["audience"], issuer: values["issuer"], jwks_uri });
});

it("an object costs one write at the tenant, and at rest nothing is written anywhere", async () => {
  const ns = await world.namespace();
  await world.client(ns, "quiet");
  await world.api(ns, "quiet");
  await world.grant(ns, "quiet", { clientRef: { name: "quiet" }, apiRef: { name: "quiet" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "quiet");
  await eventually(
    () => world.cluster.get("M2MClient", ns, "quiet"),
    (object) => conditionOf(object, "Verified")?.status === "True",
    "Verified",
  );
  const versions = async (): Promise<unknown> => {
    const kinds = ["M2MClient", "OAuthApi", "ScopeGrant", "Secret", "ConfigMap"];
    const lists = await Promise.all(kinds.map((kind) => world.cluster.list(kind, ns)));
    return lists.flat().map((object) => [object.kind, object.metadata.name, object.metadata.resourceVersion]);
  };
  // What the last writes caused has come back through the watches once nothing changes between two looks.
  let before = await versions();
  await eventually(
    async () => {
      const now = await versions();
      const isSame = JSON.stringify(now) === JSON.stringify(before);
      before = now;
      return isSame;
    },
    (isSame) => isSame,
    "rest",
  );
  world.sandbox.calls.clear();
  await world.cluster.patch("M2MClient", ns, "quiet", {
    metadata: { annotations: { "m2m-operator.io/reconcile-requested-at": "one" } },
  });
  await eventually(
    () => world.cluster.get("M2MClient", ns, "quiet"),
    (object) => object?.status?.["lastHandledReconcileAt"] === "one",
    "the request handled",
  );
  // The person who requests it wants the present state: the tenant is read again, and nothing is written.
  expect(world.sandbox.calls.since(0).map(({ method }) => method)).toEqual(["GET", "GET", "GET"]);
  const after = (await versions()) as [string, string, string][];
  const changed = after.filter((row) => !JSON.stringify(before).includes(JSON.stringify(row)));
  expect(
    changed
      .map(([kind, name]) => `${kind} ${name}`)
      .filter((row) => row !== "undefined quiet" && row !== "M2MClient quiet"),
  ).toEqual([]);
});

it("a restart reads the tenant once and writes nothing anywhere", async () => {
  const ns = await world.namespace();
  await world.client(ns, "steady");
  await world.api(ns, "steady", { configMap: { name: "steady-oauth" } });
  await world.grant(ns, "steady", { clientRef: { name: "steady" }, apiRef: { name: "steady" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "steady");
  await eventually(
    () => world.cluster.get("M2MClient", ns, "steady"),
    (object) => conditionOf(object, "Verified")?.status === "True",
    "Verified",
  );
  await world.stopOperator();
  const versions = async (): Promise<string> => {
    const kinds = ["M2MClient", "OAuthApi", "ScopeGrant", "Secret", "ConfigMap"];
    const lists = await Promise.all(kinds.map((kind) => world.cluster.list(kind, ns)));
    const provider = await world.cluster.get("ClusterIdentityProvider", "", world.provider);
    return JSON.stringify(
      [...lists.flat(), provider].map((object) => [object?.metadata.name, object?.metadata.resourceVersion]),
    );
  };
  const before = await versions();
  world.sandbox.calls.clear();
  await world.startOperator();
  // A new wish is served only after the resync has begun; once it is Ready, what was there has been looked at too.
  await world.client(ns, "later");
  await world.ready("M2MClient", ns, "later");
  await world.cluster.remove("M2MClient", ns, "later");
  await world.gone("M2MClient", ns, "later");
  await eventually(
    () => world.cluster.list("Secret", ns),
    (secrets) => !secrets.some(({ metadata }) => metadata.name.startsWith("later")),
    "the other client's Secrets collected",
  );
  expect(await versions()).toBe(before);
  const calls = world.sandbox.calls.since(0).map(({ method, path }) => `${method} ${path}`);
  const listings = ["GET /api/v2/clients", "GET /api/v2/resource-servers", "GET /api/v2/client-grants"];
  for (const listing of listings) expect(calls.filter((call) => call === listing)).toHaveLength(1);
  expect(calls.filter((call) => !call.startsWith("GET") && call !== "POST /oauth/token")).toHaveLength(2);
});

it("a changed spec changes exactly what differs at the tenant", async () => {
  const ns = await world.namespace();
  await world.api(ns, "evolving", { displayName: "Before" });
  await world.ready("OAuthApi", ns, "evolving");
  world.sandbox.calls.clear();
  await world.api(ns, "evolving", {
    displayName: "After",
    tokens: { lifetime: "30m", profile: "RFC9068", permissions: "Include" },
  });
  await eventually(
    () => [...world.sandbox.tenant.state.resourceServers.values()].find((api) => api["name"] === "After"),
    (api) => api !== undefined,
    "the change at the tenant",
  );
  await world.ready("OAuthApi", ns, "evolving");
  const api = [...world.sandbox.tenant.state.resourceServers.values()].find(
    (candidate) => candidate["name"] === "After",
  );
  expect(api).toMatchObject({
    token_lifetime: 1800,
    token_lifetime_for_web: 1800,
    token_dialect: "rfc9068_profile_authz",
    enforce_policies: true,
  });
  const writes = world.sandbox.calls.since(0).filter((call) => call.method !== "GET");
  expect(writes.map((call) => call.method)).toEqual(["PATCH"]);
});

it("scopes that the API lacks are named and the rest is granted", async () => {
  const ns = await world.namespace();
  await world.api(ns, "partial");
  await world.client(ns, "partial");
  await world.grant(ns, "partial", {
    clientRef: { name: "partial" },
    apiRef: { name: "partial" },
    scopes: ["read:things", "fly:things"],
  });
  const grant = await world.reason("ScopeGrant", ns, "partial", "UnknownScopes");
  expect(conditionOf(grant, "ScopesGranted")).toMatchObject({ status: "False", reason: "UnknownScopes" });
  expect(grant.status).toMatchObject({ grantedScopes: ["read:things"], unknownScopes: ["fly:things"] });
});

it("two grants of one client and API are one grant at the tenant with both scopes, and deleting one takes only its own", async () => {
  const ns = await world.namespace();
  await world.api(ns, "shared");
  await world.client(ns, "shared", { secret: { primaryGrant: "first" } });
  await world.grant(ns, "first", {
    clientRef: { name: "shared" },
    apiRef: { name: "shared" },
    scopes: ["read:things"],
  });
  await world.grant(ns, "second", {
    clientRef: { name: "shared" },
    apiRef: { name: "shared" },
    scopes: ["write:things"],
  });
  await world.ready("ScopeGrant", ns, "first");
  await world.ready("ScopeGrant", ns, "second");
  const audience = `https://${ns}.example.com/shared`;
  const held = () => [...world.sandbox.tenant.state.grants.values()].filter((grant) => grant.audience === audience);
  expect(held().map((grant) => [...(grant.scope ?? [])].sort())).toEqual([["read:things", "write:things"]]);
  await world.cluster.remove("ScopeGrant", ns, "second");
  await world.gone("ScopeGrant", ns, "second");
  expect(held().map((grant) => grant.scope)).toEqual([["read:things"]]);
  await world.cluster.remove("ScopeGrant", ns, "first");
  await world.gone("ScopeGrant", ns, "first");
  expect(held()).toEqual([]);
});
