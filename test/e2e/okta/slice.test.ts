import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import type { World } from "../world.ts";
import { createOktaWorld, type OrgView } from "./org.ts";
import { askToken, verified } from "./token.ts";

let world: World;
let view: OrgView;
beforeAll(async () => {
  ({ world, view } = await createOktaWorld());
});
afterAll(async () => {
  await world.end();
});

const credentialVerified = (ns: string, name: string) =>
  eventually(
    () => world.cluster.get("M2MClient", ns, name),
    (object) => conditionOf(object, "Verified")?.status === "True",
    "Verified",
  );

it("the same three resources, in reverse order, become a server, an app, a policy with one rule and a good token", async () => {
  const ns = await world.namespace();
  const audience = `https://${ns}.example.com/timesheets`;
  await world.grant(ns, "uploads", {
    clientRef: { name: "importer" },
    apiRef: { name: "timesheets" },
    scopes: ["read:things"],
  });
  await world.client(ns, "importer", { displayName: "Import Job", secret: { name: "importer-oauth" } });
  await world.api(ns, "timesheets", {
    description: "Hours worked",
    tokens: { lifetime: "2h" },
    configMap: { name: "timesheets-oauth" },
  });
  await world.ready("ScopeGrant", ns, "uploads");
  await world.ready("OAuthApi", ns, "timesheets");
  const client = await world.ready("M2MClient", ns, "importer");
  expect(conditionOf(client, "Issued")?.status).toBe("True");
  await credentialVerified(ns, "importer");

  const clientId = client.status?.["clientId"];
  expect(view.app(clientId)).toMatchObject({
    label: "Import Job",
    status: "ACTIVE",
    authMethod: "client_secret_basic",
  });
  expect(view.server(audience)).toMatchObject({ name: "timesheets", status: "ACTIVE", issuerMode: "ORG_URL" });
  expect(view.scopes(audience)).toEqual(["read:things", "write:things"]);
  const policies = view.policies(audience, clientId);
  expect(policies.map(({ rules }) => rules)).toEqual([
    [
      {
        name: "m2m-operator",
        status: "ACTIVE",
        scopes: ["read:things"],
        grantTypes: ["client_credentials"],
        lifetimeMinutes: 120,
      },
    ],
  ]);

  const secret = (await world.cluster.secret(ns, "importer-oauth")) ?? {};
  const { issuer = "", well_known_url: wellKnownUrl, scopes } = secret;
  expect(issuer).toBe(`${world.sandbox.okta.url}/oauth2/${String(view.server(audience)?.id)}`);
  expect(wellKnownUrl).toBe(`${issuer}/.well-known/oauth-authorization-server`);
  const { body } = await askToken(secret, world.sandbox.caPem, scopes);
  const payload = await verified(body["access_token"], secret, world.sandbox.caPem);
  expect(payload).toMatchObject({ aud: audience, scp: ["read:things"], cid: clientId });
  expect(Number(payload.exp) - Number(payload.iat)).toBe(7200);
  const configMap = await world.cluster.get("ConfigMap", ns, "timesheets-oauth");
  expect(configMap?.data).toMatchObject({ audience, issuer });
});

it("an API costs one write and one per scope, a grant two, a client one, and at rest nothing is written anywhere", async () => {
  const ns = await world.namespace();
  world.sandbox.calls.clear();
  await world.client(ns, "quiet");
  await world.api(ns, "quiet");
  await world.grant(ns, "quiet", { clientRef: { name: "quiet" }, apiRef: { name: "quiet" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "quiet");
  await credentialVerified(ns, "quiet");
  const management = () => world.sandbox.calls.since(0).filter(({ path }) => path.startsWith("/api/"));
  const writes = () =>
    management()
      .filter(({ method }) => method !== "GET")
      .map(({ method, path }) => `${method} ${path.replaceAll(/\/(aus|00p)[A-Za-z0-9]+/g, "/ID")}`)
      .sort();
  expect(writes()).toEqual([
    "POST /api/v1/apps",
    "POST /api/v1/authorizationServers",
    "POST /api/v1/authorizationServers/ID/policies",
    "POST /api/v1/authorizationServers/ID/policies/ID/rules",
    "POST /api/v1/authorizationServers/ID/scopes",
    "POST /api/v1/authorizationServers/ID/scopes",
  ]);
  world.sandbox.calls.clear();
  await world.annotate("ClusterIdentityProvider", "", world.provider, "reconcile-requested-at", "look-1");
  await eventually(
    () => world.cluster.get("ClusterIdentityProvider", "", world.provider),
    (provider) => provider?.status?.["lastHandledReconcileAt"] === "look-1",
    "look",
  );
  await eventually(
    () => Promise.resolve(management().filter(({ path }) => path.includes("/policies/")).length),
    (reads) => reads > 0,
    "sweep",
  );
  expect(writes()).toEqual([]);
});

const ORDERS = [
  ["OAuthApi", "M2MClient", "ScopeGrant"],
  ["OAuthApi", "ScopeGrant", "M2MClient"],
  ["M2MClient", "OAuthApi", "ScopeGrant"],
  ["M2MClient", "ScopeGrant", "OAuthApi"],
  ["ScopeGrant", "OAuthApi", "M2MClient"],
  ["ScopeGrant", "M2MClient", "OAuthApi"],
] as const;

it.each(ORDERS)("deleting %s, then %s, then %s leaves the org as it was", async (...order) => {
  const ns = await world.namespace();
  const audience = `https://${ns}.example.com/gone`;
  await world.client(ns, "gone");
  await world.api(ns, "gone");
  await world.grant(ns, "gone", { clientRef: { name: "gone" }, apiRef: { name: "gone" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "gone");
  const clientId = (await world.ready("M2MClient", ns, "gone")).status?.["clientId"];
  for (const kind of order) {
    await world.cluster.remove(kind, ns, "gone");
    await world.gone(kind, ns, "gone");
  }
  expect(view.server(audience)).toBeUndefined();
  expect(view.app(clientId)).toBeUndefined();
  const policies = [...view.org.state.servers.values()].flatMap((server) => [...server.policies.values()]);
  expect(policies.filter(({ conditions }) => conditions.clients.include.includes(String(clientId)))).toEqual([]);
});

it("the server that every org has is left alone, whatever is asked of its audience", async () => {
  const ns = await world.namespace();
  const before = JSON.stringify([...(view.server("api://default")?.scopes.keys() ?? [])]);
  await world.api(ns, "shared", { audience: "api://default" });
  const api = await world.reason("OAuthApi", ns, "shared", "NotOwned");
  expect(conditionOf(api, "Ready")?.message).toContain("belongs to the provider");
  expect(JSON.stringify([...(view.server("api://default")?.scopes.keys() ?? [])])).toBe(before);
  expect(view.server("api://default")?.description).not.toContain("m2m1.");
});

it("a credential that the token endpoint refuses is tried three times, and again when somebody asks for it", async () => {
  const ns = await world.namespace();
  const tokens: string[] = [];
  world.sandbox.calls.onCall(({ path }) => {
    if (/^\/oauth2\/[^/]+\/v1\/token$/.test(path)) tokens.push(path);
  });
  const answer = { error: "access_denied", error_description: "Not now" };
  world.sandbox.faults.add({
    ...{ tenant: "okta", path: "^/oauth2/[^/]+/v1/token$", times: 3 },
    effect: { status: 403, body: answer },
  });
  await world.api(ns, "things");
  await world.client(ns, "job");
  await world.grant(ns, "job-things", { clientRef: { name: "job" }, apiRef: { name: "things" }, allScopes: true });
  const stalled = () =>
    eventually(
      () => world.cluster.get("M2MClient", ns, "job"),
      (client) => conditionOf(client, "Stalled")?.reason === "VerificationFailed",
      "stalled after the third try",
      30_000,
    );
  expect(conditionOf(await stalled(), "Ready")?.message).toContain("403: Not now");
  expect(tokens).toHaveLength(3);
  await world.annotate("M2MClient", ns, "job", "reconcile-requested-at", "now");
  await world.ready("M2MClient", ns, "job");
  expect(tokens).toHaveLength(4);
});
