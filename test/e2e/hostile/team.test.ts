import { afterAll, beforeAll, expect, it } from "vitest";
import type { User } from "../../integration/admission/users.ts";
import { type AnyObject, conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";
import { fastestEdit } from "./honest.ts";
import { readableBy, teamWithEdit } from "./team.ts";

const CANARY = "canary-value-of-another-namespace";

let world: World;
/** Where the honest team works, and where the attacker does. */
let [victim, evil] = ["", ""];
let attacker: User;

beforeAll(async () => {
  world = await createWorld();
  [victim, evil] = [await world.namespace(), await world.namespace()];
  attacker = await teamWithEdit(world.cluster, evil);
  await world.api(victim, "api", { displayName: "0" });
  await world.client(victim, "job");
  await world.grant(victim, "job", { clientRef: { name: "job" }, apiRef: { name: "api" }, allScopes: true });
  await world.ready("ScopeGrant", victim, "job");
  await world.ready("M2MClient", victim, "job");
  for (const kind of ["Secret", "ConfigMap"])
    await world.cluster.apply({
      ...{ apiVersion: "v1", kind, metadata: { name: "canary", namespace: victim } },
      ...(kind === "Secret" ? { stringData: { value: CANARY } } : { data: { value: CANARY } }),
    });
});
afterAll(async () => {
  await attacker.close();
  await world.end();
});

const statusOf = async (ns: string, name: string) => (await world.cluster.get("M2MClient", ns, name))?.status;
const own = (name: string, spec: object = {}, metadata: object = {}) =>
  attacker.apply(
    world.resource(
      "M2MClient",
      evil,
      name,
      { providerRef: { kind: "ClusterIdentityProvider", name: world.provider }, ...spec },
      metadata,
    ),
  );

/** Everything of the honest team's at the tenant and in its namespace, as one text. */
async function belongings(): Promise<string> {
  const clientId = (await statusOf(victim, "job"))?.["clientId"];
  const secrets = ["job", "job.m2m-state"].map((name) => world.cluster.secret(victim, name));
  return JSON.stringify([world.remoteClient(clientId), world.remoteGrants(clientId), await Promise.all(secrets)]);
}

/** The next pass of the attacker's client that began after this. */
async function pass(name: string): Promise<void> {
  const request = String(Math.random());
  await attacker.patch("M2MClient", evil, name, {
    metadata: { annotations: { "m2m-operator.io/reconcile-requested-at": request } },
  });
  await eventually(
    () => statusOf(evil, name),
    (status) => status?.["lastHandledReconcileAt"] === request,
    `a pass of ${name}`,
  );
}

const owner = (client: AnyObject) => ({
  ...{ apiVersion: client.apiVersion, kind: client.kind, name: client.metadata.name, uid: client.metadata.uid },
  controller: true,
});
const MANAGED = { "m2m-operator.io/managed": "true" };

/** An honest edit is at the tenant within two seconds: the best of three, since other things run on the machine. */
async function honestEdit(): Promise<void> {
  expect(await fastestEdit(world, victim, "api")).toBeLessThan(2000);
}

it("a state Secret that names another team's client takes nothing from it", async () => {
  const clientId = (await statusOf(victim, "job"))?.["clientId"];
  const before = await belongings();
  const client = await own("forged", {}, { annotations: { "m2m-operator.io/paused": "true" } });
  const credential = (id: string) =>
    JSON.stringify({
      ...{ id, created_at: "2026-01-01T00:00:00Z", registration: id, registered_at: "2026-01-01T00:00:00Z" },
      ...{ authentication_method: "client_secret_post", client_secret: `forged-${id}` },
    });
  const forge = () =>
    attacker.apply({
      ...{ apiVersion: "v1", kind: "Secret", type: "m2m-operator.io/state" },
      metadata: { name: "forged.m2m-state", namespace: evil, labels: MANAGED, ownerReferences: [owner(client)] },
      stringData: {
        ...{ client_id: String(clientId), tenant: world.sandbox.auth0.domain },
        ...{ current: credential("a"), next: credential("b"), previous: credential("c") },
      },
    });
  await forge();
  await attacker.patch("M2MClient", evil, "forged", {
    metadata: {
      annotations: { "m2m-operator.io/paused": null, "m2m-operator.io/compromised-at": "2026-06-01T00:00:00Z" },
    },
  });
  const made = await world.ready("M2MClient", evil, "forged");
  expect(made.status?.["clientId"]).not.toBe(clientId);
  await forge();
  await pass("forged");
  await world.ready("M2MClient", evil, "forged");
  const secret = await world.cluster.secret(evil, "forged");
  expect(secret?.["client_id"]).toBe(made.status?.["clientId"]);
  expect(secret?.["client_secret"]).toBe(world.remoteClient(made.status?.["clientId"])?.["client_secret"]);
  expect(await belongings()).toBe(before);
});

/** Secrets that the operator cannot bring to what it wants, with everything on them that makes them look like its own. */
const UNWRITABLE: readonly (readonly [string, (client: string) => string, object])[] = [
  ["immutable", (client) => client, { immutable: true, data: { client_id: "AAAA" } }],
  ["immutable-state", (client) => `${client}.m2m-state`, { immutable: true, data: { client_id: "AAAA" } }],
  [
    "another-type",
    (client) => client,
    { type: "kubernetes.io/basic-auth", stringData: { username: "somebody", password: "else" } },
  ],
];

it.each(UNWRITABLE)(
  "a Secret that cannot be written (%s) holds up its own client alone",
  async (name, nameOf, content) => {
    const client = await own(name);
    await world.ready("M2MClient", evil, name);
    const paused = (value: string | null) =>
      attacker.patch("M2MClient", evil, name, { metadata: { annotations: { "m2m-operator.io/paused": value } } });
    await paused("true");
    await world.reason("M2MClient", evil, name, "Paused");
    await attacker.remove("Secret", evil, nameOf(name));
    await attacker.apply({
      ...{ apiVersion: "v1", kind: "Secret", ...content },
      metadata: { name: nameOf(name), namespace: evil, labels: MANAGED, ownerReferences: [owner(client)] },
    });
    await paused(null);
    const stuck = await world.reason("M2MClient", evil, name, "ProgressingWithRetry");
    expect(conditionOf(stuck, "Ready")?.message).toContain(`Secret "${nameOf(name)}" is invalid`);
    await honestEdit();
    await attacker.remove("Secret", evil, nameOf(name));
    await world.ready("M2MClient", evil, name);
  },
);

it("an owner reference to another team's client makes nothing of the attacker's ours, and nothing of theirs his", async () => {
  const before = await belongings();
  const theirs = await world.cluster.get("M2MClient", victim, "job");
  if (theirs === undefined) throw new Error("the honest client is gone");
  await attacker.apply({
    ...{ apiVersion: "v1", kind: "Secret", stringData: { mine: "mine" } },
    metadata: { name: "lure", namespace: evil, labels: MANAGED, ownerReferences: [owner(theirs)] },
  });
  await own("lure", {}, { ownerReferences: [owner(theirs)] }).catch(() => undefined);
  await honestEdit();
  expect(await belongings()).toBe(before);
});

it("annotations that are written without end cost the tenant little and others nothing", async () => {
  const names = Array.from({ length: 8 }, (_, index) => `spam-${String(index)}`);
  await Promise.all(names.map((name) => own(name)));
  for (const name of names) await world.ready("M2MClient", evil, name);
  world.sandbox.calls.clear();
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      names.map((name) =>
        attacker.patch("M2MClient", evil, name, {
          metadata: {
            annotations: Object.fromEntries(
              ["rotate-requested-at", "compromised-at", "reconcile-requested-at"].map((key) => [
                `m2m-operator.io/${key}`,
                key === "compromised-at" ? new Date().toISOString() : `${String(round)}-${"x".repeat(2000)}`,
              ]),
            ),
          },
        }),
      ),
    );
    if (round % 5 === 0) await honestEdit();
  }
  await honestEdit();
  // At most one rotation for each value that was seen, and one for each time.
  const writes = world.sandbox.calls
    .since(0)
    .filter(({ method, path }) => method !== "GET" && path.startsWith("/api/"));
  expect(writes.length).toBeLessThanOrEqual(20 * names.length);
  for (const name of names) await world.ready("M2MClient", evil, name);
});

/** A client of the attacker with a grant on an API of the attacker's. */
async function granted(name: string): Promise<void> {
  const spec = { clientRef: { name }, apiRef: { name: "own" }, allScopes: true };
  await own(name);
  await attacker.apply(
    world.resource("OAuthApi", evil, "own", {
      ...{ providerRef: { kind: "ClusterIdentityProvider", name: world.provider }, scopes: [{ name: "read:things" }] },
      audience: `https://${evil}.example.com/own`,
    }),
  );
  await attacker.apply(world.resource("ScopeGrant", evil, name, spec));
  await world.ready("ScopeGrant", evil, name);
  await world.ready("M2MClient", evil, name);
}

it("a finalizer that is taken off while paused leaves no access behind", async () => {
  await granted("gone");
  const clientId = (await statusOf(evil, "gone"))?.["clientId"];
  expect(world.remoteGrants(clientId)).toHaveLength(1);
  const annotations = { "m2m-operator.io/paused": "true" };
  await attacker.patch("ScopeGrant", evil, "gone", { metadata: { annotations } });
  await attacker.patch("ScopeGrant", evil, "gone", { metadata: { finalizers: null } });
  await attacker.remove("ScopeGrant", evil, "gone");
  // Whichever comes first: the operator has put it back, or the object is gone.
  await attacker.patch("ScopeGrant", evil, "gone", { metadata: { finalizers: null } }).catch(() => undefined);
  await eventually(
    () => world.remoteGrants(clientId),
    (grants) => grants.length === 0,
    "no access",
  );
});

/** Tokens that the operator requested to try credentials of clients; its own are another client's. */
const tokensAskedFor = (): number =>
  world.sandbox.calls
    .since(0)
    .filter(({ tokenClient }) => ![undefined, world.sandbox.auth0.clientId].includes(tokenClient)).length;

it("credentials of one namespace that are tried leave enough tokens to try another's", async () => {
  const burners = ["burner-0", "burner-1", "burner-2", "burner-3"];
  await world.configure({ verification: { maxPerHour: tokensAskedFor() + burners.length } });
  for (const name of burners) await granted(name);
  await world.client(victim, "later");
  await world.grant(victim, "later", { clientRef: { name: "later" }, apiRef: { name: "api" }, allScopes: true });
  await eventually(
    () => world.cluster.get("M2MClient", victim, "later"),
    (object) => conditionOf(object, "Verified")?.status === "True",
    "the honest client verified",
    5000,
  );
});

it("nothing that the attacker can read has a value of another namespace's Secrets or ConfigMaps", async () => {
  const secret = await world.cluster.secret(victim, "job");
  const names = ["canary", "value", "job", "client_secret", "secrets", "env", "process", "this", "constructor"];
  await own("nosy", {
    secret: {
      template: {
        data: Object.fromEntries(names.map((name) => [name, `{{ ${name} | json }}{{ ${name} | inspect }}`])),
        apiRefs: [{ as: "canary", name: "api", namespace: victim }],
      },
    },
  });
  await own("nosier", {
    secret: {
      name: "canary",
      template: {
        data: { x: "{{ apis.other.audience }}" },
        apiRefs: [{ as: "other", name: "api", namespace: victim }],
      },
    },
  });
  await own("adopter", { clientId: String(secret?.["client_id"]), adopt: true });
  for (const name of ["nosy", "nosier", "adopter"])
    await eventually(
      () => world.cluster.get("M2MClient", evil, name),
      (object) => conditionOf(object, "Ready")?.status === "False",
      `${name} judged`,
    );
  const text = await readableBy(attacker, evil);
  expect(text.length).toBeGreaterThan(1000);
  for (const value of [CANARY, secret?.["client_secret"], world.sandbox.auth0.clientSecret])
    expect(text.includes(String(value))).toBe(false);
  for (const kind of ["Secret", "ConfigMap", "M2MClient", "Event"])
    await expect(attacker.list(kind, victim)).rejects.toThrow(/forbidden/i);
});
