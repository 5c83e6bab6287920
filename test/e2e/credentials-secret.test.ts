import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../integration/cluster.ts";
import { createWorld, type World } from "./world.ts";

const HOLD = "m2m-operator.io/in-use";

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.end();
});

const putSecret = (ns: string, name: string) =>
  world.cluster.apply({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: ns },
    stringData: { client_id: world.sandbox.auth0.clientId, client_secret: world.sandbox.auth0.clientSecret },
  });

const finalizersOf = async (ns: string, name: string): Promise<readonly string[]> => {
  const secret = await world.cluster.get("Secret", ns, name);
  return (secret?.metadata as { finalizers?: string[] } | undefined)?.finalizers ?? [];
};

const released = (ns: string, name: string) =>
  eventually(
    () => finalizersOf(ns, name),
    (finalizers) => !finalizers.includes(HOLD),
    `Secret ${ns}/${name} released`,
  );

const held = (ns: string, name: string) =>
  eventually(
    () => finalizersOf(ns, name),
    (finalizers) => finalizers.includes(HOLD),
    `Secret ${ns}/${name} held`,
  );

/** A namespaced provider that is ready with the Secret "first". */
const setUp = async (): Promise<string> => {
  const ns = await world.namespace();
  await putSecret(ns, "first");
  await world.cluster.apply(
    world.resource("IdentityProvider", ns, "own", {
      auth0: { domain: world.sandbox.auth0.domain },
      credentialsSecretRef: { name: "first" },
      caBundle: world.sandbox.caPem,
      rateLimit: { requestsPerMinute: 60_000, burst: 2000, sharePercent: 100 },
    }),
  );
  await world.ready("IdentityProvider", ns, "own");
  return ns;
};

const name = (ns: string, secret: string) =>
  world.cluster.patch("IdentityProvider", ns, "own", { spec: { credentialsSecretRef: { name: secret } } });

it("a Secret that the provider no longer names is released, and deleted at once", async () => {
  const ns = await setUp();
  await putSecret(ns, "second");
  await name(ns, "second");
  await held(ns, "second");
  await released(ns, "first");
  await world.cluster.remove("Secret", ns, "first");
  expect(await world.cluster.get("Secret", ns, "first")).toBeUndefined();
});

it("it is released also when the name changed while no operator ran, and the new Secret does not exist", async () => {
  const ns = await setUp();
  await world.stopOperator();
  await name(ns, "missing");
  await world.startOperator();
  await world.reason("IdentityProvider", ns, "own", "CredentialsMissing");
  await released(ns, "first");
});

it("it stays held while another provider object names it", async () => {
  const ns = await setUp();
  await world.cluster.apply(
    world.resource("IdentityProvider", ns, "other", {
      auth0: { domain: world.sandbox.auth0.domain },
      credentialsSecretRef: { name: "first" },
      caBundle: world.sandbox.caPem,
    }),
  );
  await world.ready("IdentityProvider", ns, "other");
  await putSecret(ns, "second");
  await name(ns, "second");
  await held(ns, "second");
  await world.ready("IdentityProvider", ns, "own");
  expect(await finalizersOf(ns, "first")).toContain(HOLD);
});

it("the namespace of a provider whose Secret was renamed is deleted", async () => {
  const ns = await setUp();
  await putSecret(ns, "second");
  await name(ns, "second");
  await world.cluster.remove("Namespace", "", ns);
  await world.gone("Namespace", "", ns);
});

it("the namespace is deleted when two providers share one Secret", async () => {
  const ns = await setUp();
  await world.cluster.apply(
    world.resource("IdentityProvider", ns, "other", {
      auth0: { domain: world.sandbox.auth0.domain },
      credentialsSecretRef: { name: "first" },
      caBundle: world.sandbox.caPem,
    }),
  );
  await world.ready("IdentityProvider", ns, "other");
  await world.cluster.remove("Namespace", "", ns);
  await world.gone("Namespace", "", ns);
});

it("a Secret whose provider object lost its finalizer by force is released all the same", async () => {
  const ns = await setUp();
  await world.stopOperator();
  await world.cluster.patch("IdentityProvider", ns, "own", { metadata: { finalizers: null } });
  await world.cluster.remove("IdentityProvider", ns, "own");
  await world.gone("IdentityProvider", ns, "own");
  await world.startOperator();
  await released(ns, "first");
});
