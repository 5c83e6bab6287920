import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tenantYaml } from "../../../bench/deploy-cli.ts";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";
import { deployTenant } from "./deployed-tenant.ts";

const CLIENTS = 60;
const APIS = 5;

let world: World;
let ns: string;
let plain: string;
/** Client ids by the name that the other tool gave them. */
let ids: ReadonlyMap<string, string>;
beforeAll(async () => {
  world = await createWorld();
  [ns, plain] = [await world.namespace(), await world.namespace()];
  await deployTenant(world.sandbox, tenantYaml({ apis: APIS, clients: CLIENTS, grantsPerClient: 1 }));
  const { clients } = world.sandbox.tenant.state;
  ids = new Map([...clients.values()].map((client) => [String(client["name"]), client.client_id]));
}, 240_000);
afterAll(async () => {
  await world.end();
});

const apiOf = (audience: string) => world.remoteApi(audience);
const audiences = (): readonly string[] =>
  [...world.sandbox.tenant.state.resourceServers.values()]
    .filter((api) => api["is_system"] !== true)
    .map(({ identifier }) => identifier);
const ownClients = (): readonly (readonly [name: string, id: string])[] =>
  [...ids].filter(([name]) => !["All Applications", "m2m-operator"].includes(name));
const writes = (): readonly string[] =>
  world.sandbox.calls
    .since(0)
    .filter(({ method, path }) => method !== "GET" && path.startsWith("/api/"))
    .map(({ method, path }) => `${method} ${path}`);

async function applyClient(namespace: string, name: string, id: string, spec: object = {}): Promise<void> {
  await world.client(namespace, name, {
    clientId: id,
    adopt: true,
    secret: { primaryGrant: `${name}-grant` },
    ...spec,
  });
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the tenant lacks what the test needs");
  return value;
}

/** As the other tool left them, word for word. */
async function adoptApis(): Promise<void> {
  for (const [index, audience] of audiences().entries()) {
    const api = required(apiOf(audience));
    const scopes = (api["scopes"] ?? []) as readonly { value: string; description?: string }[];
    await world.api(ns, `api-${String(index)}`, {
      audience,
      adopt: true,
      displayName: api["name"],
      scopes: scopes.map(({ value, description }) => ({
        name: value,
        ...(description === undefined ? {} : { description }),
      })),
    });
  }
}

async function adoptClients(): Promise<void> {
  for (const [index, [name, id]] of ownClients().entries()) {
    await applyClient(ns, `client-${String(index)}`, id, { displayName: name });
    const grant = required(world.remoteGrants(id)[0]);
    const api = audiences().indexOf(String(grant["audience"]));
    await world.grant(ns, `client-${String(index)}-grant`, {
      clientRef: { name: `client-${String(index)}` },
      apiRef: { name: `api-${String(api)}` },
      scopes: grant["scope"],
    });
  }
}

it("without adopt, or without the provider's rule, nothing is touched and the condition says how", async () => {
  const [first = ["", ""]] = ownClients();
  const [audience = ""] = audiences();
  world.sandbox.calls.clear();
  await world.client(plain, "unasked", { clientId: first[1] });
  const unasked = await world.reason("M2MClient", plain, "unasked", "UnsupportedByProvider");
  expect(conditionOf(unasked, "Ready")?.message).toContain("spec.clientId");
  await world.client(plain, "unallowed", { clientId: first[1], adopt: true });
  const unallowed = await world.reason("M2MClient", plain, "unallowed", "NotOwned");
  expect(conditionOf(unallowed, "Ready")?.message).toContain("spec.allow[].adopt.clients");
  await world.api(plain, "unasked", { audience });
  const api = await world.reason("OAuthApi", plain, "unasked", "NotOwned");
  expect(conditionOf(api, "Ready")?.message).toContain("spec.adopt: true");
  await world.api(plain, "unasked", { audience, adopt: true });
  const asked = await eventually(
    () => world.cluster.get("OAuthApi", plain, "unasked"),
    (object) => conditionOf(object, "Ready")?.message.includes("spec.allow[].adopt.audiences") === true,
    "the condition that says how",
  );
  expect(conditionOf(asked, "Stalled")?.status).toBe("True");
  expect(writes()).toEqual([]);
  for (const [kind, name] of [
    ["M2MClient", "unasked"],
    ["M2MClient", "unallowed"],
    ["OAuthApi", "unasked"],
  ] as const) {
    await world.cluster.remove(kind, plain, name);
    await world.gone(kind, plain, name);
  }
  expect(writes()).toEqual([]);
});

it("sixty clients are taken over with one marking PATCH each, and nothing else is written", async () => {
  const adopt = { clients: ownClients().map(([, id]) => id), audiences: ["*"], shareCredential: true };
  await world.allow({ adopt });
  const before = structuredClone(world.sandbox.tenant.state.grants);
  world.sandbox.calls.clear();
  await adoptApis();
  await adoptClients();
  for (const index of ownClients().keys()) {
    await world.ready("ScopeGrant", ns, `client-${String(index)}-grant`);
    const { status } = await world.ready("M2MClient", ns, `client-${String(index)}`);
    expect(status).toMatchObject({ origin: "Adopted", clientId: ownClients()[index]?.[1] });
  }
  expect([...writes()].sort()).toEqual(
    ownClients()
      .map(([, id]) => `PATCH /api/v2/clients/${id}`)
      .sort(),
  );
  expect(world.sandbox.tenant.state.grants).toEqual(before);
  const [, id = ""] = ownClients()[55] ?? [];
  expect(
    (await world.cluster.secret(ns, "client-55"))?.["client_secret"] === world.remoteClient(id)?.["client_secret"],
  ).toBe(true);
}, 180_000);

it("what differs is patched and nothing else; what the spec does not list stays until it was listed", async () => {
  const [audience = ""] = audiences();
  const before = structuredClone(apiOf(audience));
  const scopes = (before?.["scopes"] ?? []) as readonly { value: string; description?: string }[];
  const [first, ...others] = scopes.map(({ value }) => value);
  world.sandbox.calls.clear();
  await world.api(plain, "other", { audience: "https://unlisted.example.com/" });
  await world.ready("OAuthApi", plain, "other");
  Object.assign(apiOf("https://unlisted.example.com/") ?? {}, {
    scopes: [{ value: "theirs" }, { value: "write:things" }],
  });
  // Without an operator: it would put the finalizer back, and then delete the API.
  await world.stopOperator();
  await world.cluster.patch("OAuthApi", plain, "other", { metadata: { finalizers: null } });
  await world.cluster.remove("OAuthApi", plain, "other");
  await world.gone("OAuthApi", plain, "other");
  await world.startOperator();

  // Of an API that somebody else made: its own scopes stay, the one that is named gets its description.
  const spec = { audience: "https://unlisted.example.com/", adopt: true };
  await world.api(plain, "taken", { ...spec, scopes: [{ name: "write:things", description: "Write" }] });
  await world.ready("OAuthApi", plain, "taken");
  const valuesOf = (): unknown =>
    (apiOf("https://unlisted.example.com/")?.["scopes"] as { value: string }[]).map(({ value }) => value).sort();
  expect(valuesOf()).toEqual(["theirs", "write:things"]);
  await world.api(plain, "taken", { ...spec, scopes: [{ name: "theirs" }] });
  await eventually(
    valuesOf,
    (values) => JSON.stringify(values) === '["theirs"]',
    "what was listed and is no longer, gone",
  );
  await world.ready("OAuthApi", plain, "taken");

  // Deleted, it stays: it was there before.
  await world.cluster.remove("OAuthApi", plain, "taken");
  await world.gone("OAuthApi", plain, "taken");
  expect(apiOf("https://unlisted.example.com/")).toBeDefined();
  expect(apiOf(audience)).toEqual(before);
  expect([first, others.length]).toEqual([scopes[0]?.value, scopes.length - 1]);
});

it("a grant on an adopted client keeps what nobody listed, and goes back to it", async () => {
  const { grants, resourceServers } = world.sandbox.tenant.state;
  const [, id] = required(ownClients()[7]);
  const grant = required([...grants.values()].find(({ client_id: client }) => client === id));
  const api = required([...resourceServers.values()].find(({ identifier }) => identifier === grant.audience));
  Object.assign(api, { scopes: [...(api["scopes"] as object[]), { value: "by:hand" }] });
  Object.assign(grant, { scope: [...(grant.scope ?? []), "by:hand"] });
  await world.annotate("ScopeGrant", ns, "client-7-grant", "reconcile-requested-at", "now");
  await eventually(
    () => world.cluster.get("ScopeGrant", ns, "client-7-grant"),
    (object) => object?.status?.["lastHandledReconcileAt"] === "now",
    "looked again",
  );
  await world.ready("ScopeGrant", ns, "client-7-grant");
  expect(grants.get(grant.id)?.scope).toContain("by:hand");
  await world.cluster.remove("ScopeGrant", ns, "client-7-grant");
  await world.gone("ScopeGrant", ns, "client-7-grant");
  expect(grants.get(grant.id)?.scope).toContain("by:hand");
});

it("a credential that is not shared is not published; on request it is replaced, for everybody", async () => {
  const [, id] = ownClients()[3] ?? ["", ""];
  await world.cluster.remove("M2MClient", ns, "client-3");
  await world.gone("M2MClient", ns, "client-3");
  const released = required(world.remoteClient(id));
  expect(JSON.stringify(released["client_metadata"] ?? {})).not.toContain("m2m1");
  await world.allow({ adopt: { clients: [id], audiences: ["*"] } });
  const before = world.remoteClient(id)?.["client_secret"];
  await applyClient(ns, "unshared", id, { secret: {} });
  await world.reason("M2MClient", ns, "unshared", "CredentialNotShared");
  expect(await world.cluster.get("Secret", ns, "unshared")).toBeUndefined();
  expect(world.remoteClient(id)?.["client_secret"] === before).toBe(true);
  await world.annotate("M2MClient", ns, "unshared", "rotate-requested-at", "now");
  const secret = await eventually(
    () => world.cluster.secret(ns, "unshared"),
    (data) => data !== undefined,
    "the new credential published",
  );
  expect(world.remoteClient(id)?.["client_secret"] === before).toBe(false);
  expect(secret?.["client_secret"] === world.remoteClient(id)?.["client_secret"]).toBe(true);
});

it("an adopted client that authenticates with a key keeps it, and gets one more", async () => {
  const { clients, credentials } = world.sandbox.tenant.state;
  const spki = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "pem" });
  const at = new Date().toISOString();
  const theirs = { id: "cred_theirs", credential_type: "public_key", kid: "their-key-id", alg: "RS256" } as const;
  credentials.set("keyed", [{ ...theirs, spki: spki.toString(), created_at: at, updated_at: at }]);
  clients.set("keyed", {
    ...{ client_id: "keyed", client_secret: "not-a-real-secret", name: "Keyed", is_first_party: true },
    ...{ app_type: "non_interactive", grant_types: ["client_credentials"] },
    client_authentication_methods: { private_key_jwt: { credentials: [{ id: theirs.id }] } },
  });
  await world.stopOperator();
  await world.startOperator();
  await world.allow({ adopt: { clients: ["keyed"] } });
  await applyClient(plain, "keyed", "keyed", { secret: {} });
  await world.ready("M2MClient", plain, "keyed");
  const secret = await world.cluster.secret(plain, "keyed");
  expect(secret?.["private_key"]).toContain("PRIVATE KEY");
  expect(credentials.get("keyed")?.map(({ kid }) => kid)).toEqual(["their-key-id", secret?.["key_id"]]);
});

it.each<[what: string, document: object]>([
  ["nothing but a name and a grant type", {}],
  ["a type and no method", { app_type: "non_interactive" }],
  ["null for what was never set", { token_endpoint_auth_method: null, client_metadata: null, token_quota: null }],
  ["a method of a public client", { app_type: "non_interactive", token_endpoint_auth_method: "none" }],
])("a client that Auth0 answers with %s is taken over once, and that is all", async (what, document) => {
  const { clients } = world.sandbox.tenant.state;
  const id = `bare${what.replaceAll(/[^a-z]/g, "")}`.slice(0, 32);
  const made = { client_id: id, client_secret: `not-a-real-secret-of-${id}`, name: id, is_first_party: true };
  clients.set(id, { ...made, grant_types: ["authorization_code", "client_credentials"], ...document });
  await world.allow({ adopt: { clients: [id], audiences: ["*"], shareCredential: true } });
  const name = id.toLowerCase();
  await applyClient(ns, name, id, { secret: {} });
  await world.ready("M2MClient", ns, name);
  const calls = world.sandbox.calls.since(0).filter(({ path }) => path.includes(id));
  // Read for the adoption and for its secret, marked, and read again.
  expect(calls.filter(({ method }) => method === "PATCH")).toHaveLength(1);
  expect(calls.length).toBeLessThan(10);
  const version = async () => (await world.cluster.get("Secret", ns, `${name}.m2m-state`))?.metadata.resourceVersion;
  const before = await version();
  await world.annotate("M2MClient", ns, name, "reconcile-requested-at", "again");
  await eventually(
    () => world.cluster.get("M2MClient", ns, name),
    (client) => client?.status?.["lastHandledReconcileAt"] === "again",
    "another pass",
  );
  expect(await version()).toBe(before);
  expect((await world.cluster.secret(ns, name))?.["client_secret"] === made.client_secret).toBe(true);
});

it("the provider's own, a third party's and applications for people are never taken over", async () => {
  const { clients } = world.sandbox.tenant.state;
  const person = { client_id: "webapp", client_secret: "not-a-real-secret", name: "Web", app_type: "regular_web" };
  clients.set("webapp", { ...person, grant_types: ["authorization_code"], is_first_party: true });
  clients.set("tpa_other", { ...person, client_id: "tpa_other", app_type: "non_interactive", is_first_party: false });
  const own = world.sandbox.auth0.clientId;
  await world.allow({ adopt: { clients: ["webapp", "tpa_other", own, "missing"], shareCredential: true } });
  const before = structuredClone([...clients]);
  for (const [name, id, word] of [
    ["webapp", "webapp", "not a machine-to-machine application"],
    ["third", "tpa_other", "does not manage it"],
    ["own", own, "does not manage it"],
    ["missing", "missing", "no client missing to adopt. Create this M2MClient again"],
  ] as const) {
    await applyClient(plain, name, id);
    const client = await world.reason("M2MClient", plain, name, "NotOwned");
    expect(conditionOf(client, "Ready")?.message).toContain(word);
  }
  expect([...clients]).toEqual(before);
});
