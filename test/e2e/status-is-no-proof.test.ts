import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tenantYaml } from "../../bench/deploy-cli.ts";
import { newSecret } from "../../sandbox/okta/secrets.ts";
import { type AnyObject, conditionOf, eventually } from "../integration/cluster.ts";
import { deployTenant } from "./auth0/deployed-tenant.ts";
import { createWorld, type World } from "./world.ts";

/** Everything here is done by somebody who may write the status of the three kinds, and of nothing at the tenant. */
let world: World;
let ns: string;

const EARLIER = "2026-01-01T00:00:00Z";
const required = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("the tenant lacks what the test needs");
  return value;
};
const tenant = () => world.sandbox.tenant.state;
/** A client, its API and its grant that another tool made. */
const stranger = () => {
  const client = required([...tenant().clients.values()].find(({ name }) => String(name).startsWith("client-")));
  const grant = required(world.remoteGrants(client.client_id)[0]);
  const api = required([...tenant().resourceServers.values()].find((one) => one.identifier === grant["audience"]));
  return { client, grant, api };
};
const picture = (): string => JSON.stringify(stranger());
const status = async (kind: string, name: string): Promise<AnyObject["status"]> =>
  (await world.cluster.get(kind, ns, name))?.status;
const forge = (kind: string, name: string, members: object) => world.cluster.patchStatus(kind, ns, name, members);

/** A paused resource has no generation in status. */
const isPaused = (kind: string, name: string) =>
  eventually(
    () => world.cluster.get(kind, ns, name),
    (object) => conditionOf(object, "Ready")?.reason === "Paused",
    `${kind} ${name} paused`,
  );
const readAgain = (kind: string, name: string) =>
  world.annotate(kind, ns, name, "reconcile-requested-at", new Date().toISOString());

/** Nobody works on it until its status was forged. */
async function paused(kind: string, name: string, spec: object, forged: object): Promise<void> {
  const providerRef = { kind: "ClusterIdentityProvider", name: world.provider };
  await world.cluster.apply(
    world.resource(kind, ns, name, { providerRef, ...spec }, { annotations: { "m2m-operator.io/paused": "true" } }),
  );
  await isPaused(kind, name);
  await forge(kind, name, { tenant: world.sandbox.auth0.domain, ...forged });
  await world.annotate(kind, ns, name, "paused", null);
}

async function deleted(kind: string, name: string): Promise<void> {
  await world.cluster.remove(kind, ns, name);
  await world.gone(kind, ns, name);
}

describe("on auth0", () => {
  beforeAll(async () => {
    world = await createWorld({ driftInterval: "10s", flags: ["--orphan-after-ms", "60000"] });
    ns = await world.namespace();
    await deployTenant(world.sandbox, tenantYaml({ apis: 2, clients: 3, grantsPerClient: 1 }));
    // It has read the tenant as it was before.
    await world.stopOperator();
    await world.startOperator();
  }, 240_000);
  afterAll(async () => {
    await world.end();
  });

  it.each<[string, () => object]>([
    ["its id", () => ({ externalId: stranger().client.client_id })],
    [
      "its id, as adopted and with a note",
      () => ({
        externalId: stranger().client.client_id,
        clientId: stranger().client.client_id,
        origin: "Adopted",
        pendingCreate: { key: "a", nonce: "0".repeat(16), at: EARLIER },
        proof: `v1.${"0".repeat(64)}`,
      }),
    ],
  ])("a new M2MClient whose status names somebody's client (%s) gets a client of its own", async (_what, forged) => {
    const before = picture();
    await paused("M2MClient", "taker", {}, forged());
    await world.ready("M2MClient", ns, "taker");
    const own = (await status("M2MClient", "taker"))?.["clientId"];
    expect(own).not.toBe(stranger().client.client_id);
    const published = await world.cluster.secret(ns, "taker");
    expect(published?.["client_id"]).toBe(own);
    expect(published?.["client_secret"]).not.toBe(stranger().client.client_secret);
    await deleted("M2MClient", "taker");
    expect(picture()).toBe(before);
    expect(world.remoteClient(own)).toBeUndefined();
  });

  it("an M2MClient that works does not leave its client for another that its status names", async () => {
    const before = picture();
    await world.client(ns, "steady");
    await world.ready("M2MClient", ns, "steady");
    const own = (await status("M2MClient", "steady"))?.["clientId"];
    const secret = await world.cluster.secret(ns, "steady");
    await forge("M2MClient", "steady", { externalId: stranger().client.client_id, origin: "Adopted" });
    await readAgain("M2MClient", "steady");
    await eventually(
      () => status("M2MClient", "steady"),
      (seen) => seen?.["externalId"] === own && seen?.["origin"] === "Made",
      "its own client in status",
    );
    expect(await world.cluster.secret(ns, "steady")).toEqual(secret);
    await deleted("M2MClient", "steady");
    expect(picture()).toBe(before);
    expect(world.remoteClient(own)).toBeUndefined();
  });

  const emptied = { tenant: null, externalId: null, clientId: null, pendingCreate: null, origin: null };
  it.each<[string, string, object]>([
    ["names nothing", "nameless", emptied],
    ["has neither names nor proof", "proofless", { ...emptied, credentials: null, outputs: null, proof: null }],
    [
      "has nothing but a generation",
      "blank",
      { ...emptied, credentials: null, outputs: null, proof: null, conditions: null },
    ],
  ])("a deletion without the provider waits, although status %s", async (_what, name, forged) => {
    const kinds = ["OAuthApi", "M2MClient"] as const;
    await world.api(ns, name);
    await world.client(ns, name);
    for (const kind of kinds) await world.ready(kind, ns, name);
    const own = (await status("M2MClient", name))?.["clientId"];
    await world.stopOperator();
    for (const kind of kinds) {
      await forge(kind, name, forged);
      await world.cluster.remove(kind, ns, name);
    }
    world.sandbox.faults.add({ path: "^/(api/v2|oauth)/", times: 1000, effect: { status: 502, body: {} } });
    await world.startOperator();
    for (const kind of kinds) {
      await world.reason(kind, ns, name, "ProviderNotReady");
      await readAgain(kind, name);
      await eventually(
        () => world.cluster.get(kind, ns, name),
        (object) => {
          const asked = object?.metadata.annotations?.["m2m-operator.io/reconcile-requested-at"];
          return asked !== undefined && object?.status?.["lastHandledReconcileAt"] === asked;
        },
        `another round of ${kind}`,
      );
    }
    world.sandbox.faults.clear();
    for (const kind of kinds) await world.gone(kind, ns, name);
    expect(world.remoteClient(own)).toBeUndefined();
  });

  it("a grant of others is not removed because status has listed it for long", async () => {
    const unmanagedGrants = { policy: "Prune", after: "1h" };
    await world.client(ns, "pruning", { unmanagedGrants });
    await world.ready("M2MClient", ns, "pruning");
    const clientId = String((await status("M2MClient", "pruning"))?.["clientId"]);
    const id = "cgr_byHandbyHandbyHa";
    const audience = stranger().api.identifier;
    tenant().grants.set(id, { id, client_id: clientId, audience, scope: [], subject_type: "client" });
    await readAgain("M2MClient", "pruning");
    const listed = () =>
      eventually(
        () => status("M2MClient", "pruning"),
        (seen) => JSON.stringify(seen?.["unmanagedGrants"] ?? []).includes(id),
        "the grant in status",
      );
    const since = (seen: AnyObject["status"]) =>
      required((seen?.["unmanagedGrants"] as readonly { since: string }[] | undefined)?.[0]).since;
    const first = required((await listed())?.["unmanagedGrants"] as readonly object[] | undefined);
    await forge("M2MClient", "pruning", { unmanagedGrants: first.map((one) => ({ ...one, since: EARLIER })) });
    await readAgain("M2MClient", "pruning");
    await eventually(listed, (seen) => since(seen) !== EARLIER, "another time in status");
    expect(tenant().grants.has(id)).toBe(true);
    await deleted("M2MClient", "pruning");
  });

  it.each<[string, () => object]>([
    ["its id", () => ({ externalId: stranger().api.id, origin: "Made" })],
    ["its id, as adopted", () => ({ externalId: stranger().api.id, origin: "Adopted", ownedScopes: ["a"] })],
    [
      "a note of a create",
      () => ({ pendingCreate: { key: stranger().api.identifier, nonce: "0".repeat(16), at: EARLIER } }),
    ],
    [
      "its id with a proof that is none",
      () => ({ externalId: stranger().api.id, origin: "Made", proof: `v1.${"0".repeat(64)}` }),
    ],
  ])("an OAuthApi whose status names somebody's API (%s) does not own it", async (_what, forged) => {
    const before = picture();
    const audience = stranger().api.identifier;
    await paused("OAuthApi", "taker", { audience, scopes: [{ name: "mine" }], configMap: { name: "taker" } }, forged());
    const api = await world.reason("OAuthApi", ns, "taker", "NotOwned");
    for (const remedy of ["spec.adopt: true", "--recover"])
      expect(conditionOf(api, "Ready")?.message).toContain(remedy);
    expect(api.status).not.toHaveProperty("externalId");
    expect(await world.cluster.get("ConfigMap", ns, "taker")).toBeUndefined();
    await deleted("OAuthApi", "taker");
    expect(picture()).toBe(before);
  });

  it("a proof of one resource proves nothing for another", async () => {
    const before = picture();
    await world.api(ns, "mine");
    await world.ready("OAuthApi", ns, "mine");
    const { conditions: _conditions, ...proven } = required(await status("OAuthApi", "mine"));
    const audience = stranger().api.identifier;
    await paused(
      "OAuthApi",
      "taker",
      { audience, scopes: [{ name: "mine" }] },
      { ...proven, externalId: stranger().api.id },
    );
    await world.reason("OAuthApi", ns, "taker", "NotOwned");
    await deleted("OAuthApi", "taker");
    await deleted("OAuthApi", "mine");
    expect(picture()).toBe(before);
  });

  it("a ScopeGrant without its client removes no grant that its status names", async () => {
    const before = picture();
    const { client, api, grant } = stranger();
    await world.api(ns, "mine");
    await world.ready("OAuthApi", ns, "mine");
    await world.grant(ns, "taker", {
      clientRef: { name: "nobody" },
      apiRef: { name: "mine" },
      scopes: ["read:things"],
    });
    await world.reason("ScopeGrant", ns, "taker", "ClientNotReady");
    await forge("ScopeGrant", "taker", {
      ...{ externalId: grant["id"], clientExternalId: client.client_id, apiExternalId: api.id },
      ...{ audience: api.identifier, tenant: world.sandbox.auth0.domain, grantedScopes: grant["scope"] },
      ...{ origin: "Made", providerRef: { kind: "ClusterIdentityProvider", name: world.provider } },
    });
    await eventually(
      () => status("ScopeGrant", "taker"),
      (seen) => seen?.["externalId"] !== undefined,
      "the forged status",
    );
    await deleted("OAuthApi", "mine");
    await deleted("ScopeGrant", "taker");
    expect(picture()).toBe(before);
  });

  it("a ScopeGrant does not work on the client that its M2MClient's status names", async () => {
    const before = picture();
    const { client, api } = stranger();
    await paused("M2MClient", "held", {}, {});
    await world.reason("M2MClient", ns, "held", "Ready");
    await world.annotate("M2MClient", ns, "held", "paused", "true");
    await isPaused("M2MClient", "held");
    await forge("M2MClient", "held", { externalId: client.client_id, origin: "Made" });
    await world.api(ns, "mine");
    await world.ready("OAuthApi", ns, "mine");
    await world.grant(ns, "taker", {
      clientRef: { name: "held" },
      apiRef: { name: "mine" },
      scopes: ["read:things"],
    });
    await world.reason("ScopeGrant", ns, "taker", "ClientNotReady");
    expect(world.remoteGrants(client.client_id)).toHaveLength(1);
    expect(api.identifier).not.toBe("");
    for (const [kind, name] of [
      ["ScopeGrant", "taker"],
      ["M2MClient", "held"],
      ["OAuthApi", "mine"],
    ] as const)
      await deleted(kind, name);
    expect(picture()).toBe(before);
  });

  it("what was written is believed after a restart, and not once the key is another", async () => {
    await world.api(ns, "kept");
    await world.ready("OAuthApi", ns, "kept");
    const id = (await status("OAuthApi", "kept"))?.["externalId"];
    await world.stopOperator();
    await world.startOperator();
    await readAgain("OAuthApi", "kept");
    await world.ready("OAuthApi", ns, "kept");
    expect((await status("OAuthApi", "kept"))?.["externalId"]).toBe(id);
    await world.stopOperator();
    await world.cluster.remove("Secret", world.systemNamespace, "m2m-operator-proof-key");
    await world.startOperator();
    const api = await world.reason("OAuthApi", ns, "kept", "NotOwned");
    expect(conditionOf(api, "Ready")?.message).toContain("--recover");
    expect(world.remoteApi(`https://${ns}.example.com/kept`)?.["id"]).toBe(id);
    await world.stopOperator();
    await world.startOperator("--recover", "true");
    await world.ready("OAuthApi", ns, "kept");
    expect((await status("OAuthApi", "kept"))?.["externalId"]).toBe(id);
    await world.stopOperator();
    await world.startOperator();
    await deleted("OAuthApi", "kept");
    expect(world.remoteApi(`https://${ns}.example.com/kept`)).toBeUndefined();
  });
});

describe("on okta", () => {
  /** An app and a server that nobody here owns: they were released. */
  let app: string;
  let server: string;
  let orgName: string;
  const org = () => world.sandbox.org.state;
  const strangers = (): string => JSON.stringify([org().apps.get(app), org().servers.get(server)]);

  beforeAll(async () => {
    world = await createWorld({ vendor: "okta" });
    ns = await world.namespace();
    await world.client(ns, "released", { deletionPolicy: "Retain", secret: { name: "released-client" } });
    await world.api(ns, "released", { deletionPolicy: "Retain" });
    await world.ready("M2MClient", ns, "released");
    await world.ready("OAuthApi", ns, "released");
    orgName = String((await status("OAuthApi", "released"))?.["tenant"]);
    [app, server] = [
      String((await status("M2MClient", "released"))?.["externalId"]),
      String((await status("OAuthApi", "released"))?.["externalId"]),
    ];
    await deleted("M2MClient", "released");
    await deleted("OAuthApi", "released");
  });
  afterAll(async () => {
    await world.end();
  });

  it("resources whose status names an app and a server of others get their own", async () => {
    const before = strangers();
    const audience = `https://${ns}.example.com/taker`;
    await paused("M2MClient", "taker", {}, { tenant: orgName, externalId: app, origin: "Made" });
    await paused(
      "OAuthApi",
      "taker",
      { audience, scopes: [{ name: "mine" }] },
      { tenant: orgName, externalId: server },
    );
    for (const kind of ["M2MClient", "OAuthApi"] as const) {
      await world.ready(kind, ns, "taker");
      expect([app, server]).not.toContain((await status(kind, "taker"))?.["externalId"]);
      await deleted(kind, "taker");
    }
    expect(strangers()).toBe(before);
  });

  it("a secret that somebody else added is not revoked because status lists it", async () => {
    await world.client(ns, "shared", { rotation: { overlap: "0s", waitForPods: "None" } });
    await world.ready("M2MClient", ns, "shared");
    const id = String((await status("M2MClient", "shared"))?.["externalId"]);
    const secret = newSecret(world.sandbox.org, Date.now());
    required(org().apps.get(id)).secrets.push(secret);
    const credentials = (await status("M2MClient", "shared"))?.["credentials"] as readonly object[];
    await forge("M2MClient", "shared", {
      credentials: [...credentials, { id: secret.id, state: "Retiring", createdAt: EARLIER }],
    });
    await readAgain("M2MClient", "shared");
    await eventually(
      () => status("M2MClient", "shared"),
      (seen) => !JSON.stringify(seen?.["credentials"] ?? []).includes(secret.id),
      "the credentials that the operator registered",
    );
    expect(required(org().apps.get(id)).secrets).toContainEqual(
      expect.objectContaining({ id: secret.id, status: "ACTIVE" }),
    );
    await deleted("M2MClient", "shared");
  });
});
