import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import type { User } from "../../integration/admission/users.ts";
import { type AnyObject, conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";
import { fastestEdit } from "./honest.ts";
import { readableBy, teamWithEdit } from "./team.ts";

let world: World;
let [victim, evil] = ["", ""];
let attacker: User;
/** A tenant that the operator's allow-list does not name. */
let elsewhere: Sandbox;

beforeAll(async () => {
  world = await createWorld();
  elsewhere = await startSandbox();
  [victim, evil] = [await world.namespace(), await world.namespace()];
  attacker = await teamWithEdit(world.cluster, evil);
  await world.api(victim, "api");
  await world.ready("OAuthApi", victim, "api");
  await secret("wrong", { client_id: world.sandbox.auth0.clientId, client_secret: "not-the-secret" });
});
afterAll(async () => {
  await attacker.close();
  await world.end();
  await elsewhere.close();
});

const secret = (name: string, stringData: object, rest: object = {}) =>
  attacker.apply({ apiVersion: "v1", kind: "Secret", metadata: { name, namespace: evil }, stringData, ...rest });

const provider = (name: string, spec: object = {}): Promise<AnyObject> =>
  attacker.apply(
    world.resource("IdentityProvider", evil, name, {
      auth0: { domain: world.sandbox.auth0.domain },
      caBundle: world.sandbox.caPem,
      credentialsSecretRef: { name: "wrong" },
      ...spec,
    }),
  );

/** Waits until the provider was judged and found unusable; what its Ready condition says. */
async function refused(name: string): Promise<{ readonly reason: string; readonly message: string }> {
  const object = await eventually(
    () => world.cluster.get("IdentityProvider", evil, name),
    (seen) => conditionOf(seen, "Ready")?.status === "False" && conditionOf(seen, "Ready")?.reason !== "Progressing",
    `IdentityProvider ${name} refused`,
  );
  const ready = conditionOf(object, "Ready");
  if (ready === undefined) throw new Error("no condition");
  return ready;
}

/** The cluster's provider is as good as before. */
async function unharmed(): Promise<void> {
  await world.ready("ClusterIdentityProvider", "", world.provider);
  expect(await fastestEdit(world, victim, "api")).toBeLessThan(2000);
}

it("it cannot be referred to from another namespace, whatever it allows", async () => {
  await provider("mine");
  const allow = [{ namespaces: { from: "All" } }];
  await expect(provider("open", { allow })).rejects.toThrow();
  await world.client(victim, "lured", { providerRef: { kind: "IdentityProvider", name: "mine" } });
  await world.reason("M2MClient", victim, "lured", "NotAllowedOrMissing");
  await expect(
    world.client(victim, "named", { providerRef: { kind: "IdentityProvider", name: "mine", namespace: evil } }),
  ).rejects.toThrow();
});

it("one with the name of the cluster's takes its place for nobody", async () => {
  await provider(world.provider);
  await refused(world.provider);
  await world.client(victim, "loyal");
  await world.ready("M2MClient", victim, "loyal");
  await unharmed();
});

it("one at the cluster's tenant, with a credential that is not good, slows it down for nobody and reads nothing", async () => {
  await provider("neighbour", { rateLimit: { requestsPerMinute: 1, burst: 1, sharePercent: 1 } });
  expect((await refused("neighbour")).message).toContain("refused the operator's credential");
  const providerRef = { kind: "IdentityProvider", name: "neighbour" };
  const spec = { providerRef, audience: `https://${victim}.example.com/api`, scopes: [] };
  await attacker.apply(world.resource("OAuthApi", evil, "taker", spec));
  await world.reason("OAuthApi", evil, "taker", "ProviderNotReady");
  await unharmed();
});

it.each([
  ["garbage", "garbage"],
  ["cut", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
  ["large", "-----BEGIN CERTIFICATE-----\n".repeat(2000)],
  ["binary", "\u0001\u0002"],
])("a caBundle that is none (%s) is its own provider's trouble", async (name, caBundle) => {
  await provider(`ca-${name}`, { caBundle });
  await refused(`ca-${name}`);
  await unharmed();
});

it("a host that is not on the list gets no connection", async () => {
  let connections = 0;
  elsewhere.faults.match = () => {
    connections += 1;
    return undefined;
  };
  await provider("elsewhere", { auth0: { domain: elsewhere.auth0.domain }, caBundle: elsewhere.caPem });
  expect((await refused("elsewhere")).message).toContain("--allowed-hosts");
  expect(connections).toBe(0);
});

const CANARY = "canary-of-the-credentials-secret";

it.each<readonly [string, object, object]>([
  ["empty", {}, {}],
  ["other-keys", { token: CANARY }, {}],
  ["empty-values", { client_id: "", client_secret: "" }, {}],
  ["line-ends", { client_id: `${CANARY}\r\nx: y`, client_secret: `${CANARY}\r\n${CANARY}` }, {}],
  ["no-text", {}, { data: { client_id: "/////w==", client_secret: "/////w==" } }],
  ["huge", { client_id: CANARY, client_secret: CANARY.repeat(20_000) }, {}],
  ["immutable", { client_id: CANARY, client_secret: CANARY }, { immutable: true }],
  ["of-a-type", { username: CANARY, password: CANARY }, { type: "kubernetes.io/basic-auth" }],
])("a credentials Secret of another shape (%s) is refused, and its values are not shown", async (name, data, rest) => {
  await secret(`shape-${name}`, data, rest);
  await provider(`shape-${name}`, { credentialsSecretRef: { name: `shape-${name}` } });
  await refused(`shape-${name}`);
  const status = JSON.stringify((await world.cluster.get("IdentityProvider", evil, `shape-${name}`))?.status);
  expect(status).not.toContain(CANARY);
  expect(world.logs.join("\n")).not.toContain(CANARY);
  await unharmed();
});

it("a name that leads to a private address gets no connection", async () => {
  await world.stopOperator();
  const calls = world.sandbox.calls.since(0).length;
  await world.startOperator("--allow-private-addresses", "false");
  await provider("private");
  expect((await refused("private")).message).toContain("not public");
  expect(world.sandbox.calls.since(0)).toHaveLength(calls);
  await world.stopOperator();
  await world.startOperator();
  await unharmed();
});

it("nothing that the stranger can read has the credential of the cluster's provider", async () => {
  const text = await readableBy(attacker, evil);
  expect(text.length).toBeGreaterThan(1000);
  expect(text).not.toContain(world.sandbox.auth0.clientSecret);
});
