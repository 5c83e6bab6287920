import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AnyObject, conditionOf, eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

let world: World;

const KINDS = ["ScopeGrant", "M2MClient", "OAuthApi"] as const;
const NAMES = { ScopeGrant: "reads", M2MClient: "job", OAuthApi: "api" } as const;

async function applyAll(ns: string): Promise<void> {
  await world.api(ns, "api");
  await world.client(ns, "job", { metadata: { team: "payroll" } });
  await world.grant(ns, "reads", { clientRef: { name: "job" }, apiRef: { name: "api" }, scopes: ["read:things"] });
}

async function allReady(ns: string): Promise<void> {
  for (const kind of KINDS) await world.ready(kind, ns, NAMES[kind]);
}

/** As a lost cluster leaves them: nobody deletes anything at the tenant. */
async function wipe(ns: string): Promise<readonly AnyObject[]> {
  await world.stopOperator();
  const lost: AnyObject[] = [];
  for (const kind of KINDS) {
    const name = NAMES[kind];
    const object = await world.cluster.get(kind, ns, name);
    if (object !== undefined) lost.push(object);
    await world.cluster.patch(kind, ns, name, { metadata: { finalizers: null } });
    await world.cluster.remove(kind, ns, name);
    await world.gone(kind, ns, name);
  }
  for (const secret of await world.cluster.list("Secret", ns)) {
    lost.push({ ...secret, kind: "Secret", apiVersion: "v1" });
    await world.cluster.remove("Secret", ns, secret.metadata.name);
  }
  return lost;
}

type Picture = (ns: string) => unknown;

/** Ids and secrets of everything that concerns the namespace, and how much there is in all. */
const auth0Picture: Picture = (ns) => {
  const { clients, resourceServers, grants } = world.sandbox.tenant.state;
  return {
    counts: [clients.size, resourceServers.size, grants.size],
    api: world.remoteApi(`https://${ns}.example.com/api`)?.["id"],
    clients: [...clients.values()].map((client) => [client.client_id, client.client_secret]),
    grants: [...grants.keys()],
  };
};

const oktaPicture: Picture = () => {
  const { apps, servers } = world.sandbox.org.state;
  return {
    servers: [...servers.values()].map(({ id, policies, scopes }) => [
      id,
      scopes.size,
      [...policies.values()].map((policy) => [policy.id, [...policy.rules.keys()]]),
    ]),
    apps: [...apps.values()].map(({ id, clientId, secrets }) => [
      id,
      clientId,
      secrets.map(({ client_secret: value }) => value),
    ]),
  };
};

const VENDORS: readonly (readonly ["auth0" | "okta", Picture])[] = [
  ["auth0", auth0Picture],
  ["okta", oktaPicture],
];

describe.each(VENDORS)("on %s", (vendor, tenant) => {
  beforeAll(async () => {
    world = await createWorld({ vendor });
  });
  afterAll(async () => {
    await world.end();
  });

  it("rebuilt from Git with --recover: the same ids, the same credential, no new object", async () => {
    const ns = await world.namespace();
    await applyAll(ns);
    await allReady(ns);
    const [before, secret] = [tenant(ns), await world.cluster.secret(ns, "job")];
    await wipe(ns);
    await applyAll(ns);
    await world.startOperator("--recover", "true");
    await allReady(ns);
    expect(tenant(ns)).toEqual(before);
    expect(await world.cluster.secret(ns, "job")).toEqual(secret);
    await world.stopOperator();
    await world.startOperator();
  });

  it("without --recover nothing is taken and nothing made twice, and the condition says what to do", async () => {
    const ns = await world.namespace();
    await applyAll(ns);
    await allReady(ns);
    const before = tenant(ns);
    await wipe(ns);
    await applyAll(ns);
    await world.startOperator();
    const client = await world.reason("M2MClient", ns, "job", "NotOwned");
    expect(conditionOf(client, "Ready")?.message).toContain("--recover");
    await world.reason("OAuthApi", ns, "api", "NotOwned");
    expect(tenant(ns)).toEqual(before);
    await world.stopOperator();
    await world.startOperator("--recover", "true");
    await allReady(ns);
    await world.stopOperator();
    await world.startOperator();
  });

  it("restored from a backup, with new uids and old ownerReferences: the same", async () => {
    const ns = await world.namespace();
    await applyAll(ns);
    await allReady(ns);
    const [before, secret] = [tenant(ns), await world.cluster.secret(ns, "job")];
    const lost = await wipe(ns);
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
    await world.startOperator("--recover", "true");
    await allReady(ns);
    expect(tenant(ns)).toEqual(before);
    const restored = await eventually(
      () => world.cluster.secret(ns, "job"),
      (data) => JSON.stringify(data) === JSON.stringify(secret),
      "the Secret as it was",
    );
    expect(restored).toEqual(secret);
    const owner = (await world.cluster.get("M2MClient", ns, "job"))?.metadata.uid ?? "?";
    const state = await world.cluster.get("Secret", ns, "job.m2m-state");
    expect(state?.metadata.annotations?.["m2m-operator.io/owner"]).toContain(owner);
    await world.stopOperator();
    await world.startOperator();
  });
});
