import { afterAll, beforeAll, expect, it } from "vitest";
import { type AnyObject, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.end();
});

const KINDS = ["ScopeGrant", "M2MClient", "OAuthApi"] as const;
const NAMES = { ScopeGrant: "reads", M2MClient: "job", OAuthApi: "api" } as const;

async function allReady(ns: string): Promise<void> {
  for (const kind of KINDS) await world.ready(kind, ns, NAMES[kind]);
}

/** As a lost cluster leaves them: nobody deletes anything at the tenant. */
async function wipe(ns: string): Promise<readonly AnyObject[]> {
  await world.stopOperator();
  const lost: AnyObject[] = [];
  for (const kind of KINDS)
    for (const object of await world.cluster.list(kind, ns)) {
      const { name } = object.metadata;
      lost.push({ ...object, kind, apiVersion: "m2m-operator.io/v1alpha1" });
      await world.cluster.patch(kind, ns, name, { metadata: { finalizers: null } });
      await world.cluster.remove(kind, ns, name);
      await world.gone(kind, ns, name);
    }
  for (const kind of ["Secret", "ConfigMap"])
    for (const object of await world.cluster.list(kind, ns)) {
      lost.push({ ...object, kind, apiVersion: "v1" });
      await world.cluster.remove(kind, ns, object.metadata.name);
    }
  return lost;
}

/** As a backup tool does: new uids, old ownerReferences, no status. */
async function restore(ns: string, lost: readonly AnyObject[]): Promise<void> {
  for (const object of [...lost].reverse()) {
    const { name, labels, annotations } = object.metadata;
    const { ownerReferences } = object.metadata as { ownerReferences?: readonly object[] };
    const { status: _status, ...rest } = object;
    await world.cluster.apply({
      ...rest,
      metadata: {
        name,
        namespace: ns,
        ...(labels === undefined ? {} : { labels }),
        ...(annotations === undefined ? {} : { annotations }),
        ...(ownerReferences === undefined ? {} : { ownerReferences }),
      },
    });
  }
}

/** Ids and secrets of everything that concerns the namespace, and how much there is in all. */
function tenant(ns: string): unknown {
  const { clients, resourceServers, grants } = world.sandbox.tenant.state;
  return {
    counts: [clients.size, resourceServers.size, grants.size],
    api: world.remoteApi(`https://${ns}.example.com/api`)?.["id"],
    clients: [...clients.values()].map((client) => [client.client_id, client.client_secret]),
    grants: [...grants.keys()],
  };
}

const LEGACY = "LegacyClientMadeByHand0000000001";
const THEIRS = { audience: "https://theirs.example.com/", scopes: [{ name: "read:theirs" }] };

/** Everything that can be published, and a client that was there before. */
async function applyEverything(ns: string): Promise<void> {
  await world.api(ns, "api", {
    tokens: { signingAlgorithm: "HS256" },
    configMap: { name: "api-oauth" },
    signingSecret: { name: "api-key" },
  });
  await world.client(ns, "job", { authentication: { method: "private_key_jwt" } });
  const reads = { apiRef: { name: "api" }, scopes: ["read:things"] };
  await world.grant(ns, "reads", { ...reads, clientRef: { name: "job" }, secret: { name: "job-api" } });
  await world.api(ns, "theirs", { ...THEIRS, adopt: true, displayName: undefined });
  await world.client(ns, "legacy", { clientId: LEGACY, adopt: true });
  await world.grant(ns, "legacy", { ...reads, clientRef: { name: "legacy" } });
}

async function published(ns: string): Promise<unknown> {
  const objects = [...(await world.cluster.list("Secret", ns)), ...(await world.cluster.list("ConfigMap", ns))];
  return Object.fromEntries(
    objects
      .filter(({ metadata }) => !metadata.name.endsWith(".m2m-state") && metadata.name !== "kube-root-ca.crt")
      .map(({ metadata, data }) => [metadata.name, data]),
  );
}

it("restored from a backup: key pairs, signing secrets, ConfigMaps, Secrets of one API, and what was adopted", async () => {
  const ns = await world.namespace();
  await world.stopOperator();
  world.sandbox.tenant.state.clients.set(LEGACY, {
    ...{ client_id: LEGACY, client_secret: "not-a-real-secret", name: "Legacy", is_first_party: true },
    ...{ app_type: "non_interactive", grant_types: ["client_credentials", "password"] },
    token_endpoint_auth_method: "client_secret_post",
  });
  world.sandbox.tenant.state.resourceServers.set("65a000000000000000000009", {
    ...{ id: "65a000000000000000000009", identifier: THEIRS.audience, name: "Theirs" },
    scopes: [{ value: "read:theirs" }, { value: "unlisted" }],
  });
  await world.startOperator();
  await world.allow({ adopt: { clients: [LEGACY], audiences: [THEIRS.audience], shareCredential: true } });
  await applyEverything(ns);
  const everything = async (): Promise<void> => {
    await allReady(ns);
    await world.ready("M2MClient", ns, "legacy");
    await world.ready("OAuthApi", ns, "theirs");
    await world.ready("ScopeGrant", ns, "legacy");
  };
  await everything();
  const keys = () => structuredClone([...world.sandbox.tenant.state.credentials]);
  const adopted = () => structuredClone(world.remoteApi(THEIRS.audience));
  const [before, secrets, registered, theirs] = [tenant(ns), await published(ns), keys(), adopted()];
  expect(Object.keys(secrets as object).sort()).toEqual(["api-key", "api-oauth", "job", "job-api", "legacy"]);
  await restore(ns, await wipe(ns));
  await world.startOperator("--recover", "true");
  await everything();
  expect(tenant(ns)).toEqual(before);
  expect(keys()).toEqual(registered);
  expect(adopted()).toEqual(theirs);
  expect(world.remoteClient(LEGACY)).toMatchObject({ name: "Legacy", grant_types: ["client_credentials", "password"] });
  await eventually(
    () => published(ns),
    (now) => JSON.stringify(now) === JSON.stringify(secrets),
    "everything published as it was",
  );

  // What was adopted before the disaster still is: it stays when its resource goes.
  await world.stopOperator();
  await world.startOperator();
  for (const [kind, name] of [
    ["M2MClient", "legacy"],
    ["OAuthApi", "theirs"],
  ] as const) {
    await world.cluster.remove(kind, ns, name);
    await world.gone(kind, ns, name);
  }
  expect(adopted()).toEqual(theirs);
  expect(world.remoteClient(LEGACY)).toMatchObject({ name: "Legacy" });
});
