import { afterAll, beforeAll, expect, it } from "vitest";
import { controlPlane } from "../../integration/control-plane.ts";
import { describeKeycloak, keycloak } from "../../integration/keycloak/server.ts";
import { forged, signedWithPublicKey, strangersKey, unsigned } from "./forged-assertion.ts";
import { createRealmWorld, type RealmWorld } from "./realm-world.ts";
import { ALIAS, createServiceAccount, projectedToken, requestByAssertion, trustsCluster } from "./service-account.ts";

const LONG = 300_000;
const HOUR = 3600;

describeKeycloak(() => {
  let world: RealmWorld;
  let ns: string;
  let other: string;
  let secret: Readonly<Record<string, string>>;
  let otherClient: Readonly<Record<string, string>>;
  let audience: string;
  let good: string;
  const seconds = Math.floor(Date.now() / 1000);
  beforeAll(async () => {
    world = await createRealmWorld({
      settings: trustsCluster(),
      variant: { kubernetesIdentityProvider: ALIAS },
    });
    [ns, other] = [await world.namespace(), await world.namespace()];
    for (const [namespace, name] of [
      [ns, "importer"],
      [ns, "neighbour"],
      [ns, "leaving"],
      [other, "importer"],
    ] as const)
      await createServiceAccount(world.cluster, namespace, name);
    const scopes = [`${ns}:read`];
    const client = async (name: string, serviceAccount: string): Promise<Readonly<Record<string, string>>> => {
      const authentication = { method: "kubernetes", serviceAccount: { name: serviceAccount } };
      await world.client(ns, name, { authentication });
      await world.grant(ns, name, { clientRef: { name }, apiRef: { name: "things" }, scopes });
      await world.ready("ScopeGrant", ns, name);
      await world.ready("M2MClient", ns, name);
      return (await world.cluster.secret(ns, name)) ?? {};
    };
    await world.api(ns, "things", { scopes: scopes.map((name) => ({ name })) });
    secret = await client("job", "importer");
    otherClient = await client("other", "leaving");
    audience = secret["client_assertion_audience"] ?? "";
    good = await projectedToken(world.cluster, ns, "importer", audience);
  }, LONG);
  afterAll(() => world.end(), LONG);

  const tokenOf = (name: string, namespace = ns, of = audience) => projectedToken(world.cluster, namespace, name, of);
  const ask = async (assertion: string | undefined, further: Readonly<Record<string, string>> = {}) => {
    const { status, error } = await requestByAssertion(secret, assertion, further);
    return status === 200 ? "accepted" : `${String(status)} ${String(error)}`;
  };
  const claims = (changed: Readonly<Record<string, unknown>>) => forged(good, { claims: changed });

  const INVALID = "400 invalid_client";
  const UNKNOWN = "401 invalid_client";

  it.each<readonly [what: string, attack: () => Promise<string>, answer: string]>([
    ["the workload's own token", () => ask(good), "accepted"],
    ["the same token once more", () => ask(good), "accepted"],
    ["its own token, signed again without a change", async () => ask(await claims({})), "accepted"],
    ["beside its client ID", () => ask(good, { client_id: secret["client_id"] ?? "" }), "accepted"],
    ["beside another client's ID", () => ask(good, { client_id: otherClient["client_id"] ?? "" }), INVALID],
    ["the account of this name in another namespace", async () => ask(await tokenOf("importer", other)), UNKNOWN],
    ["another account of the namespace", async () => ask(await tokenOf("neighbour")), UNKNOWN],
    ["the account default", async () => ask(await tokenOf("default")), UNKNOWN],
    ["a token for the API server", async () => ask(await tokenOf("importer", ns, controlPlane().issuer)), INVALID],
    [
      "a token for the token endpoint",
      async () => ask(await tokenOf("importer", ns, secret["token_endpoint"])),
      INVALID,
    ],
    [
      "a token for another realm",
      async () => ask(await tokenOf("importer", ns, `${keycloak().url}/realms/master`)),
      INVALID,
    ],
    ["two audiences", async () => ask(await claims({ aud: [audience, "https://api.example.com"] })), INVALID],
    ["no audience", async () => ask(await claims({ aud: undefined })), INVALID],
    ["one that has expired", async () => ask(await claims({ exp: seconds - 120 })), INVALID],
    ["one that never expires", async () => ask(await claims({ exp: undefined })), INVALID],
    ["one that is not valid yet", async () => ask(await claims({ nbf: seconds + HOUR })), INVALID],
    ["one that will be issued", async () => ask(await claims({ iat: seconds + HOUR })), INVALID],
    [
      "one that is older than an hour and still valid",
      async () => ask(await claims({ iat: seconds - HOUR - 120, nbf: seconds - HOUR - 120 })),
      INVALID,
    ],
    ["one without the time of its issue", async () => ask(await claims({ iat: undefined })), "accepted"],
    ["one without an ID", async () => ask(await claims({ jti: undefined })), "accepted"],
    ["one without Kubernetes' own claims", async () => ask(await claims({ "kubernetes.io": undefined })), "accepted"],
    ["no subject", async () => ask(await claims({ sub: undefined })), UNKNOWN],
    [
      "a subject in capital letters",
      async () => ask(await claims({ sub: `system:serviceaccount:${ns}:IMPORTER` })),
      UNKNOWN,
    ],
    ["a subject of no service account", async () => ask(await claims({ sub: "importer" })), UNKNOWN],
    ["no issuer", async () => ask(await claims({ iss: undefined })), UNKNOWN],
    [
      "another cluster with the same names",
      async () =>
        ask(await forged(good, { claims: { iss: "https://127.0.0.1:1/clusters/other" }, key: strangersKey() })),
      UNKNOWN,
    ],
    ["the issuer with a slash more", async () => ask(await claims({ iss: `${controlPlane().issuer}/` })), UNKNOWN],
    ["a signature of somebody else", async () => ask(await forged(good, { key: strangersKey() })), UNKNOWN],
    [
      "a changed letter",
      () => ask(`${good.slice(0, -10)}${good.endsWith("AAAAAAAAAA") ? "B" : "A"}${good.slice(-9)}`),
      UNKNOWN,
    ],
    ["an unknown kid", async () => ask(await forged(good, { header: { kid: "unknown" } })), UNKNOWN],
    ["no kid", async () => ask(await forged(good, { header: { kid: undefined as never } })), "accepted"],
    ["no signature at all (none)", () => ask(unsigned(good)), INVALID],
    ["the public key as a shared secret (HS256)", () => ask(signedWithPublicKey(good)), INVALID],
    ["what is no JWT", () => ask("importer"), UNKNOWN],
    ["no assertion", () => ask(undefined), UNKNOWN],
    ["another type of assertion", () => ask(good, { client_assertion_type: "urn:example:other" }), UNKNOWN],
    ["an access token of the realm", async () => ask((await requestByAssertion(secret, good)).access_token), UNKNOWN],
    ["a scope that was not granted", () => ask(good, { scope: `${ns}:write` }), "400 invalid_scope"],
  ])("%s", async (_what, attack, answer) => {
    expect(await attack()).toBe(answer);
  });

  it("a token of a deleted service account is accepted until it expires", async () => {
    const token = await tokenOf("leaving");
    await world.cluster.remove("ServiceAccount", ns, "leaving");
    expect((await requestByAssertion(otherClient, token)).status).toBe(200);
    await expect(tokenOf("leaving")).rejects.toMatchObject({ code: 404 });
  });

  it("a disabled client, and a cluster that the realm's owner switched off, get nothing", async () => {
    const { id } = (await world.realm.client(secret["client_id"] ?? "")) ?? {};
    await world.realm.admin("PUT", `/clients/${String(id)}`, { enabled: false });
    expect(await ask(good)).toBe(UNKNOWN);
    await world.realm.admin("PUT", `/clients/${String(id)}`, { enabled: true });
    expect(await ask(good)).toBe("accepted");
    const instance = `/identity-provider/instances/${ALIAS}`;
    const provider = (await world.realm.admin("GET", instance)) as object;
    await world.realm.admin("PUT", instance, { ...provider, enabled: false });
    expect(await ask(good)).toBe(UNKNOWN);
    await world.realm.admin("PUT", instance, { ...provider, enabled: true });
  });

  it("two clients with one subject are both refused", async () => {
    const clients = ["one", "two"].map((name) => `${name}-${ns}`);
    const attributes = {
      "jwt.credential.issuer": ALIAS,
      "jwt.credential.sub": `system:serviceaccount:${ns}:neighbour`,
    };
    const body = { serviceAccountsEnabled: true, publicClient: false, clientAuthenticatorType: "federated-jwt" };
    for (const clientId of clients) await world.realm.admin("POST", "/clients", { clientId, ...body, attributes });
    const token = await tokenOf("neighbour");
    expect(await ask(token, { scope: "" })).toBe(UNKNOWN);
    const { id } = (await world.realm.client(clients[1] ?? "")) ?? {};
    await world.realm.admin("DELETE", `/clients/${String(id)}`);
    // Who asks is known, and what for is not.
    expect(await ask(token, { scope: "" })).toBe("400 invalid_scope");
  });
});
