import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";

/** Fields of the provider: how the tenant is reached and treated, changed while resources are there. */
let world: World;
let ns: string;
beforeAll(async () => {
  world = await createWorld();
  ns = await world.namespace();
});
afterEach(async () => {
  await world.configure({ verification: null, driftInterval: "1h" });
});
afterAll(async () => {
  await world.end();
});

async function slice(name: string): Promise<string> {
  await world.api(ns, name);
  await world.client(ns, name);
  await world.grant(ns, name, { clientRef: { name }, apiRef: { name }, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, name);
  const { status } = await world.ready("M2MClient", ns, name);
  return String(status?.["clientId"]);
}

const tokensOf = (clientId: string): number =>
  world.sandbox.calls.since(0).filter(({ path, tokenClient }) => path === "/oauth/token" && tokenClient === clientId)
    .length;

const isVerified = (name: string) =>
  eventually(
    () => world.cluster.get("M2MClient", ns, name),
    (client) => conditionOf(client, "Verified")?.status === "True",
    `${name} Verified`,
  );

it("verification: Never asks for no token; OncePerChange for one, and no more than maxPerHour for all", async () => {
  await world.configure({ verification: { policy: "Never" } });
  const first = await slice("unverified");
  expect(tokensOf(first)).toBe(0);
  expect(conditionOf(await world.cluster.get("M2MClient", ns, "unverified"), "Verified")?.status).toBe("Unknown");
  await world.configure({ verification: { policy: "OncePerChange", maxPerHour: 1 } });
  await isVerified("unverified");
  expect(tokensOf(first)).toBe(1);
  const second = await slice("waiting");
  expect(conditionOf(await world.cluster.get("M2MClient", ns, "waiting"), "Verified")?.status).toBe("Unknown");
  expect(tokensOf(second)).toBe(0);
  await world.configure({ verification: { policy: "OncePerChange", maxPerHour: 60 } });
  await isVerified("waiting");
  expect([tokensOf(first), tokensOf(second)]).toEqual([1, 1]);
});

it("a shorter driftInterval finds at once what was changed since the last look", async () => {
  const clientId = await slice("drifting");
  Object.assign(world.remoteClient(clientId) ?? {}, { name: "Renamed by hand" });
  await world.configure({ driftInterval: "10s" });
  await eventually(
    () => world.remoteClient(clientId)?.["name"],
    (name) => name === "drifting",
    "the name put right",
  );
});

it("another credential, an authority that does not fit and the right one again: said by name, and nothing is lost", async () => {
  const clientId = await slice("steady");
  const secret = await world.cluster.secret(ns, "steady");
  const provider = () => world.cluster.get("ClusterIdentityProvider", "", world.provider);
  const patch = (spec: object) => world.cluster.patch("ClusterIdentityProvider", "", world.provider, { spec });
  const told = (reason: string) =>
    eventually(provider, (object) => conditionOf(object, "Ready")?.reason === reason, `reason ${reason}`);
  await patch({ credentialsSecretRef: { name: "another" } });
  expect(conditionOf(await told("CredentialsMissing"), "Ready")?.message).toContain("/another does not exist");
  const { clientId: client_id } = world.sandbox.auth0;
  const credential = {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "another", namespace: world.systemNamespace },
  };
  await world.cluster.apply({ ...credential, stringData: { client_id, client_secret: "wrong" } });
  await told("CredentialsInvalid");
  await patch({ credentialsSecretRef: { name: world.provider } });
  await told("Ready");
  await patch({ caBundle: "" });
  const unreached = await eventually(
    provider,
    (object) => conditionOf(object, "Ready")?.status === "False",
    "not Ready without the authority",
  );
  expect(conditionOf(unreached, "Ready")?.message).toMatch(/certificate/i);
  expect(conditionOf(await world.cluster.get("M2MClient", ns, "steady"), "Ready")?.status).toBe("True");
  await world.configure({ caBundle: world.sandbox.caPem });
  await world.client(ns, "steady", { displayName: "After all" });
  await eventually(
    () => world.remoteClient(clientId)?.["name"],
    (name) => name === "After all",
    "the change at the tenant",
  );
  await world.ready("M2MClient", ns, "steady");
  expect(await world.cluster.secret(ns, "steady")).toEqual(secret);
});
