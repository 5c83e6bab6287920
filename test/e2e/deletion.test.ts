import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.end();
});

const tenant = () => world.sandbox.tenant.state;
const left = (ns: string) => ({
  apis: [...tenant().resourceServers.values()].filter((api) => api.identifier.includes(ns)).length,
  clients: [...tenant().clients.values()].filter((client) => String(client["name"]).includes(ns)).length,
  grants: [...tenant().grants.values()].filter((grant) => grant.audience.includes(ns)).length,
});
const NOTHING = { apis: 0, clients: 0, grants: 0 };

const setUp = async (spec: object = {}): Promise<string> => {
  const ns = await world.namespace();
  await world.api(ns, "api", spec);
  await world.client(ns, "client", { displayName: `client ${ns}`, ...spec });
  await world.grant(ns, "grant", { clientRef: { name: "client" }, apiRef: { name: "api" }, allScopes: true });
  await world.ready("ScopeGrant", ns, "grant");
  return ns;
};

const KINDS = [
  ["OAuthApi", "api"],
  ["M2MClient", "client"],
  ["ScopeGrant", "grant"],
] as const;

it.each([
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
])("deleting in the order %i %i %i ends, and leaves the tenant empty", async (...order) => {
  const ns = await setUp();
  for (const index of order) {
    const [kind, name] = KINDS[index] ?? KINDS[0];
    await world.cluster.remove(kind, ns, name);
    await world.gone(kind, ns, name);
  }
  expect(left(ns)).toEqual(NOTHING);
  await eventually(
    () => world.cluster.get("Secret", ns, "client"),
    (secret) => secret === undefined,
    "the Secret collected",
  );
  expect(await world.cluster.get("Secret", ns, "client.m2m-state")).toBeUndefined();
});

it("a namespace is deleted with everything in it", async () => {
  const ns = await setUp();
  await world.cluster.remove("Namespace", "", ns);
  await world.gone("Namespace", "", ns);
  expect(left(ns)).toEqual(NOTHING);
});

it("what is already gone at the tenant does not hold a deletion up", async () => {
  const ns = await setUp();
  for (const map of [tenant().grants, tenant().clients, tenant().resourceServers] as Map<string, object>[])
    for (const [key, item] of [...map]) if (JSON.stringify(item).includes(ns)) map.delete(key);
  for (const [kind, name] of KINDS) await world.cluster.remove(kind, ns, name);
  for (const [kind, name] of KINDS) await world.gone(kind, ns, name);
});

it("Retain leaves client, API and Secrets, without our mark and our hold on them", async () => {
  const ns = await setUp({ deletionPolicy: "Retain" });
  for (const [kind, name] of KINDS) await world.cluster.remove(kind, ns, name);
  for (const [kind, name] of KINDS) await world.gone(kind, ns, name);
  expect(left(ns)).toMatchObject({ apis: 1, clients: 1 });
  const [client] = [...tenant().clients.values()].filter((candidate) => String(candidate["name"]).includes(ns));
  expect(client?.["client_metadata"] ?? {}).not.toHaveProperty("m2m_operator");
  const secret = await world.cluster.get("Secret", ns, "client");
  expect(secret?.metadata).not.toHaveProperty("ownerReferences");
  expect(secret?.metadata.labels ?? {}).not.toHaveProperty("m2m-operator.io/managed");
});

it("a provider and its credential wait for what needs them, whatever is deleted first", async () => {
  const ns = await world.namespace();
  const name = `own-${ns}`;
  await world.cluster.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: ns },
    data: {
      client_id: Buffer.from(world.sandbox.auth0.clientId).toString("base64"),
      client_secret: Buffer.from(world.sandbox.auth0.clientSecret).toString("base64"),
    },
  });
  await world.cluster.apply(
    world.resource("IdentityProvider", ns, name, {
      auth0: { domain: world.sandbox.auth0.domain },
      credentialsSecretRef: { name },
      caBundle: world.sandbox.caPem,
      rateLimit: { requestsPerMinute: 60_000, burst: 2000, sharePercent: 100 },
    }),
  );
  await world.client(ns, "late", { displayName: `late ${ns}`, providerRef: { kind: "IdentityProvider", name } });
  await world.ready("M2MClient", ns, "late");
  await world.cluster.remove("Secret", ns, name);
  await world.cluster.remove("IdentityProvider", ns, name);
  expect((await world.cluster.get("Secret", ns, name))?.metadata.deletionTimestamp).toBeDefined();
  await world.reason("IdentityProvider", ns, name, "Deleting");
  await world.cluster.remove("M2MClient", ns, "late");
  await world.gone("M2MClient", ns, "late");
  await world.gone("IdentityProvider", ns, name);
  await world.gone("Secret", ns, name);
  expect(left(ns)).toEqual(NOTHING);
});

it("grants that others made hold an API back, named, until it is forced", async () => {
  const ns = await setUp();
  const audience = `https://${ns}.example.com/api`;
  tenant().clients.set("foreign0000000000000000000000000", {
    client_id: "foreign0000000000000000000000000",
    client_secret: "not-a-real-secret",
    name: "Foreign",
  });
  tenant().grants.set("cgr_foreign000000000", {
    id: "cgr_foreign000000000",
    client_id: "foreign0000000000000000000000000",
    audience,
    scope: [],
    subject_type: "client",
  });
  await world.stopOperator();
  await world.startOperator();
  await world.cluster.remove("OAuthApi", ns, "api");
  const api = await world.reason("OAuthApi", ns, "api", "GrantsRemain");
  expect(JSON.stringify(api.status)).toContain("foreign0000000000000000000000000");
  await world.cluster.patch("OAuthApi", ns, "api", {
    metadata: { annotations: { "m2m-operator.io/force-delete": "true" } },
  });
  await world.gone("OAuthApi", ns, "api");
  expect(left(ns).apis).toBe(0);
});

it.each([
  ["on behalf of users, of our own client", (client: string) => ({ client_id: client, subject_type: "user" })],
  ["for clients that it does not name", () => ({ default_for: "third_party_clients", subject_type: "client" })],
])("a grant %s holds an API back too", async (_what, whose) => {
  const ns = await setUp();
  const audience = `https://${ns}.example.com/api`;
  const clientId = String((await world.cluster.get("M2MClient", ns, "client"))?.status?.["clientId"]);
  const id = `cgr_${ns}`;
  tenant().grants.set(id, { id, audience, scope: ["read:things"], ...whose(clientId) } as never);
  await world.stopOperator();
  await world.startOperator();
  await world.ready("ScopeGrant", ns, "grant");
  await world.cluster.remove("OAuthApi", ns, "api");
  await world.reason("OAuthApi", ns, "api", "GrantsRemain");
  expect(tenant().grants.has(id)).toBe(true);
  expect(left(ns).apis).toBe(1);
  await world.annotate("OAuthApi", ns, "api", "force-delete", "true");
  await world.gone("OAuthApi", ns, "api");
  expect(left(ns)).toMatchObject({ apis: 0, grants: 0 });
});
