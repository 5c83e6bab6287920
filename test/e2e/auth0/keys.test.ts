import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { importPKCS8 } from "jose";
import * as oauth from "oauth4webapi";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";

let world: World;
let trust: Agent;
beforeAll(async () => {
  world = await createWorld({ driftInterval: "10s" });
  trust = new Agent({ connect: { ca: world.sandbox.caPem } });
});
afterAll(async () => {
  await trust.close();
  await world.end();
});

const trusting = {
  [oauth.customFetch]: (url: string, init: object) =>
    fetch(url, { ...init, dispatcher: trust }) as unknown as Promise<Response>,
};

/** A token as a workload of somebody else's making gets it, from nothing but the Secret. */
async function tokenFor(secret: Readonly<Record<string, string>>, privateKey: string): Promise<string> {
  const { well_known_url = "", issuer = "", client_id = "", signing_algorithm = "", audience = "" } = secret;
  const discovered = await trusting[oauth.customFetch](well_known_url, {});
  const server = await oauth.processDiscoveryResponse(new URL(issuer), discovered);
  const client: oauth.Client = { client_id };
  const key = await importPKCS8(privateKey, signing_algorithm);
  const kid = secret["key_id"];
  const authentication = oauth.PrivateKeyJwt(kid === undefined ? key : { key, kid }, {
    [oauth.modifyAssertion]: (_header, payload) => {
      payload["aud"] = secret["client_assertion_audience"] ?? "";
    },
  });
  const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, { audience }, trusting);
  return (await oauth.processClientCredentialsResponse(server, client, response)).access_token;
}

async function withGrant(ns: string, authentication: object): Promise<string> {
  await world.api(ns, "api");
  await world.client(ns, "job", { authentication });
  await world.grant(ns, "reads", { clientRef: { name: "job" }, apiRef: { name: "api" }, scopes: ["read:things"] });
  await world.ready("ScopeGrant", ns, "reads");
  await world.ready("M2MClient", ns, "job");
  return ns;
}

const secretOf = async (ns: string): Promise<Readonly<Record<string, string>>> =>
  (await world.cluster.secret(ns, "job")) ?? {};

const clientOf = (ns: string) => world.cluster.get("M2MClient", ns, "job");

it.each(["RS256", "RS384", "PS256"])("a key pair of the operator's own, %s, gets a token", async (algorithm) => {
  const ns = await withGrant(await world.namespace(), { method: "private_key_jwt", privateKeyJwt: { algorithm } });
  const secret = await secretOf(ns);
  expect(secret).toMatchObject({ token_endpoint_auth_method: "private_key_jwt", signing_algorithm: algorithm });
  expect(secret["client_secret"]).toBeUndefined();
  expect(secret["private_key"]).toContain("-----BEGIN PRIVATE KEY-----");
  expect(await tokenFor(secret, secret["private_key"] ?? "")).toMatch(/^ey/);
  const verified = await eventually(
    () => clientOf(ns),
    (object) => conditionOf(object, "Verified")?.status === "True",
    "Verified",
  );
  expect(conditionOf(verified, "Issued")?.status).toBe("True");
  const [registered] = world.sandbox.tenant.state.credentials.get(secret["client_id"] ?? "") ?? [];
  expect(registered).toMatchObject({ kid: secret["key_id"], alg: algorithm });
  expect(world.remoteClient(secret["client_id"])?.["token_endpoint_auth_method"]).toBeUndefined();
  expect(JSON.stringify(verified?.status)).not.toContain("PRIVATE");
});

it("with keys of the user's own, there is no private key anywhere, and changing them changes the tenant", async () => {
  const [first, second] = [0, 1].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 }));
  const pemOf = (pair: typeof first): string =>
    pair?.publicKey.export({ type: "spki", format: "pem" }).toString() ?? "";
  const authentication = (...pems: readonly string[]) => ({
    method: "private_key_jwt",
    privateKeyJwt: { publicKeys: pems.map((pem) => ({ pem })) },
  });
  const ns = await withGrant(await world.namespace(), authentication(pemOf(first)));
  const secret = await secretOf(ns);
  expect(Object.keys(secret)).not.toContain("private_key");
  expect(await world.cluster.get("Secret", ns, "job.m2m-state")).toBeUndefined();
  const privateKey = first?.privateKey.export({ type: "pkcs8", format: "pem" }).toString() ?? "";
  expect(await tokenFor(secret, privateKey)).toMatch(/^ey/);
  expect(conditionOf(await clientOf(ns), "Verified")).toMatchObject({ status: "Unknown", reason: "CannotVerify" });

  await world.client(ns, "job", { authentication: authentication(pemOf(first), pemOf(second)) });
  const keysAtTenant = () => world.sandbox.tenant.state.credentials.get(secret["client_id"] ?? "") ?? [];
  await eventually(keysAtTenant, (keys) => keys.length === 2, "both keys at the tenant");
  await world.client(ns, "job", { authentication: authentication(pemOf(second)) });
  const left = await eventually(keysAtTenant, (keys) => keys.length === 1, "one key at the tenant");
  expect(createPublicKey(left[0]?.spki ?? "").equals(createPublicKey(pemOf(second)))).toBe(true);
  await world.ready("M2MClient", ns, "job");
  await expect(tokenFor(secret, privateKey)).rejects.toThrow();
});

it("from a secret to keys of the user's own, once and for all", async () => {
  const ns = await withGrant(await world.namespace(), { method: "client_secret_post" });
  const { client_id = "" } = await secretOf(ns);
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  const authentication = { method: "private_key_jwt", privateKeyJwt: { publicKeys: [{ pem }] } };
  await world.client(ns, "job", { authentication });
  const secret = await eventually(
    () => secretOf(ns),
    (data) => data["client_secret"] === undefined,
    "no secret published",
  );
  await world.ready("M2MClient", ns, "job");
  expect(secret["client_id"]).toBe(client_id);
  const privateKey = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  expect(await tokenFor(secret, privateKey)).toMatch(/^ey/);
  expect(await world.cluster.get("Secret", ns, "job.m2m-state")).toBeUndefined();
});

it("an unreadable key and too many of them are named", async () => {
  const ns = await world.namespace();
  const pem = `-----BEGIN PUBLIC KEY-----\n${"A".repeat(120)}\n-----END PUBLIC KEY-----\n`;
  await world.client(ns, "odd", {
    authentication: { method: "private_key_jwt", privateKeyJwt: { publicKeys: [{ pem }] } },
  });
  const odd = await world.reason("M2MClient", ns, "odd", "InvalidRequest");
  expect(conditionOf(odd, "Ready")?.message).toContain("publicKeys[0]");
  const keys = [0, 1, 2].map(() => ({
    pem: generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ type: "spki", format: "pem" }),
  }));
  await world.client(ns, "many", {
    authentication: { method: "private_key_jwt", privateKeyJwt: { publicKeys: keys } },
  });
  await world.reason("M2MClient", ns, "many", "UnsupportedByProvider");
});

it("from a secret to a key and back, the Secret follows the tenant", async () => {
  const ns = await withGrant(await world.namespace(), { method: "client_secret_post" });
  const { client_id = "" } = await secretOf(ns);
  const rotation = { announce: "0s", waitForPods: "None" };
  await world.client(ns, "job", { authentication: { method: "private_key_jwt" }, rotation });
  const secret = await eventually(
    () => secretOf(ns),
    (data) => data["private_key"] !== undefined,
    "the private key published",
  );
  expect(secret["client_id"]).toBe(client_id);
  expect(secret["client_secret"]).toBeUndefined();
  expect(await tokenFor(secret, secret["private_key"] ?? "")).toMatch(/^ey/);
  await world.client(ns, "job", { authentication: { method: "client_secret_basic" }, rotation });
  const back = await eventually(
    () => secretOf(ns),
    (data) => data["client_secret"] !== undefined,
    "the secret published, after the change before it has ended",
    60_000,
  );
  expect(back["token_endpoint_auth_method"]).toBe("client_secret_basic");
  expect(world.sandbox.tenant.state.credentials.get(client_id)).toEqual([]);
}, 90_000);

it("a key that somebody removed at the tenant is registered again: the same key, nothing republished", async () => {
  const ns = await withGrant(await world.namespace(), { method: "private_key_jwt" });
  const secret = await secretOf(ns);
  const { state } = world.sandbox.tenant;
  state.credentials.set(secret["client_id"] ?? "", []);
  Object.assign(world.remoteClient(secret["client_id"]) ?? {}, {
    client_authentication_methods: { private_key_jwt: { credentials: [] } },
  });
  const [again] = await eventually(
    () => state.credentials.get(secret["client_id"] ?? "") ?? [],
    (keys) => keys.length === 1,
    "the key registered again",
    30_000,
  );
  expect(again?.kid).toBe(secret["key_id"]);
  expect((await secretOf(ns))["private_key"]).toBe(secret["private_key"]);
});

it("a crash between writing the key down and creating the client ends with one client and that key", async () => {
  const ns = await world.namespace();
  world.sandbox.faults.add({ method: "POST", path: "/api/v2/clients$", times: 1, effect: { drop: "after" } });
  await world.client(ns, "job", { authentication: { method: "private_key_jwt" } });
  await eventually(
    () => world.cluster.get("Secret", ns, "job.m2m-state"),
    (state) => state !== undefined,
    "the key written down",
  );
  await world.stopOperator();
  await world.startOperator();
  await world.ready("M2MClient", ns, "job");
  const secret = await secretOf(ns);
  const uid = (await clientOf(ns))?.metadata.uid ?? "";
  const ours = [...world.sandbox.tenant.state.clients.values()].filter((client) =>
    JSON.stringify(client["client_metadata"] ?? {}).includes(uid),
  );
  expect(ours.map(({ client_id: id }) => id)).toEqual([secret["client_id"]]);
  expect(world.sandbox.tenant.state.credentials.get(secret["client_id"] ?? "")).toMatchObject([
    { kid: secret["key_id"] },
  ]);
});
