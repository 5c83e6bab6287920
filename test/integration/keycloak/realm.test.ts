import { createPublicKey } from "node:crypto";
import { afterAll, beforeEach, expect, it } from "vitest";
import { createRealm, type Realm } from "../../../keycloak/realm.ts";
import { makeKeyPair } from "../../../src/kinds/m2m-client/credential/key-pair.ts";
import { publicKeyOf } from "../../../src/kinds/m2m-client/credential/public-key.ts";
import type { Mark } from "../../../src/ports/mark.ts";
import type { Drift, ObservedApi, ObservedClient, Provider } from "../../../src/ports/provider.ts";
import { clock } from "../../contract/connected.ts";
import { createFaults } from "../../contract/lost-answers.ts";
import { expiresIn } from "./expires-in.ts";
import { connectTo, describeKeycloak, keycloak } from "./server.ts";

const MARK: Mark = {
  ...{ instance: "realm", object: "0123456789abcdef", uid: "11111111-1111-1111-1111-111111111111" },
  ...{ origin: "made", nonce: "00112233445566ff" },
};
const JOB = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_basic" } as const;

const made = (provider: Provider, name: string, scopes: readonly string[], tokens = {}): Promise<ObservedApi> =>
  provider.apis.create(
    {
      audience: `https://${name}.example.com/`,
      displayName: name,
      scopes: scopes.map((each) => ({ name: each })),
      tokens,
    },
    MARK,
  );

/** A moment after everything that was done so far. */
async function later(): Promise<Date> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return clock.now();
}

describeKeycloak(() => {
  const realms: Realm[] = [];
  let realm: Realm;
  let provider: Provider;
  beforeEach(async () => {
    realm = await createRealm(keycloak());
    realms.push(realm);
    provider = await connectTo(realm);
  });
  afterAll(async () => {
    await Promise.all(realms.map((each) => each.remove()));
  });

  const client = async (): Promise<ObservedClient> => (await provider.clients.create(JOB, MARK)).client;
  const attributesOf = async (clientId: string) =>
    ((await realm.client(clientId))?.["attributes"] ?? {}) as Readonly<Record<string, string>>;

  it("refuses a scope name that another API has, naming it, and one of the realm's own, before anything is written", async () => {
    await made(provider, "first", ["read"]);
    await expect(made(provider, "second", ["read"])).rejects.toMatchObject({
      code: "disputed",
      message: expect.stringContaining("https://first.example.com/") as string,
    });
    await expect(made(provider, "second", ["profile"])).rejects.toMatchObject({ code: "disputed" });
    await expect(made(provider, "second", ["openid"])).rejects.toMatchObject({ code: "disputed" });
    expect((await realm.clients()).map(({ clientId }) => clientId)).toEqual(["https://first.example.com/"]);
  });

  it("says which text is too long, which Keycloak answers like an outage", async () => {
    const long = "x".repeat(256);
    const spec = { audience: "https://a.example.com/", displayName: long, scopes: [], tokens: {} };
    await expect(provider.apis.create(spec, MARK)).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringContaining("display name") as string,
    });
    await expect(provider.clients.create({ ...JOB, description: long }, MARK)).rejects.toMatchObject({
      code: "invalid",
    });
    expect(await realm.clients()).toEqual([]);
  });

  it("issues tokens with the smallest lifetime of a client's grants, and with the algorithm and profile of its APIs", async () => {
    const shape = { signingAlgorithm: "ES256", profile: "RFC9068" };
    const [one, two] = [await made(provider, "one", ["one:a"], shape), await made(provider, "two", ["two:a"], shape)];
    const holder = await client();
    const grantOf = (api: ObservedApi, scopes: readonly string[], lifetimeSeconds: number) =>
      provider.grants.create({ client: holder.ref, api, scopes, lifetimeSeconds });
    const long = await grantOf(one, ["one:a"], 3600);
    const short = await grantOf(two, ["two:a"], 600);
    const { tokenEndpoint } = await provider.metadata(one.ref);
    const clientSecret = (await provider.clients.readSecret(holder.ref)) ?? "";
    const authentication = { method: "client_secret_basic", clientSecret } as const;
    const request = { tokenEndpoint, clientId: holder.clientId, authentication, audience: one.audience };
    const answer = await provider.requestToken({ ...request, scopes: ["one:a"] });
    expect(answer).toMatchObject({ kind: "token", expiresInSeconds: expiresIn(600), scopes: "one:a" });
    const token = answer.kind === "token" ? answer.accessToken : "";
    expect(JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString())).toMatchObject({
      alg: "ES256",
      typ: "at+jwt",
    });
    expect(long.lifetimeSeconds).toBe(3600);
    // The longer one counts again when the other is gone.
    await provider.grants.remove(short.ref);
    expect(await provider.requestToken({ ...request, scopes: ["one:a"] })).toMatchObject({
      expiresInSeconds: expiresIn(3600),
    });
    await provider.grants.remove(long.ref);
    const left = Object.keys(await attributesOf(holder.clientId));
    expect(left.filter((name) => /access\.token|grant/.test(name))).toEqual([]);
  });

  it("refuses a grant whose API is to be signed otherwise than the client's other APIs, and follows when they agree", async () => {
    const one = await made(provider, "one", ["one:a"], { signingAlgorithm: "RS256" });
    const two = await made(provider, "two", ["two:a"], { signingAlgorithm: "ES256" });
    const holder = await client();
    await provider.grants.create({ client: holder.ref, api: one, scopes: ["one:a"] });
    const refused = provider.grants.create({ client: holder.ref, api: two, scopes: ["two:a"] });
    await expect(refused).rejects.toMatchObject({
      code: "disputed",
      message: expect.stringMatching(/one\.example.*RS256.*two\.example.*ES256/) as string,
    });
    expect(await provider.grants.find(holder.ref, two, false)).toBeUndefined();
    await provider.apis.update(two.ref, { tokens: { signingAlgorithm: "RS256" } });
    await provider.grants.create({ client: holder.ref, api: two, scopes: ["two:a"] });
    expect(await attributesOf(holder.clientId)).toMatchObject({ "access.token.signed.response.alg": "RS256" });
  });

  it("finishes a grant that was cut off after any of its writes", async () => {
    const api = await made(provider, "cut", ["cut:a", "cut:b", "cut:c"]);
    const holder = await client();
    await provider.grants.create({ client: holder.ref, api, scopes: ["cut:a"] });
    for (let cut = 0; cut < 3; cut++) {
      const faults = createFaults();
      const dying = await connectTo(realm, { by: faults.between });
      await dying.refresh(await later());
      let writes = 0;
      const counted = await connectTo(realm, {
        by: (fetch) => async (input, init) => {
          if (["PUT", "DELETE"].includes(init?.method ?? "GET") && writes++ === cut)
            faults.loseNextAnswer(init?.method ?? "");
          return faults.between(fetch)(input, init);
        },
      });
      const wanted = cut % 2 === 0 ? ["cut:b", "cut:c"] : ["cut:a"];
      const grant = await counted.grants.find(holder.ref, api, false);
      await expect(
        counted.grants.update(grant?.ref ?? api.ref, { scopes: wanted, lifetimeSeconds: 600 + cut }),
      ).rejects.toMatchObject({
        code: "ambiguous",
      });
      const next = await connectTo(realm);
      const again = await next.grants.create({ client: holder.ref, api, scopes: wanted, lifetimeSeconds: 600 + cut });
      expect(again).toMatchObject({ scopes: wanted, lifetimeSeconds: 600 + cut, isImpaired: false });
    }
  });

  it("finishes an API that was cut off between its client and its scopes", async () => {
    const faults = createFaults();
    let posts = 0;
    const dying = await connectTo(realm, {
      by: (fetch) => async (input, init) => {
        const isAdmin = new URL(new Request(input).url).pathname.includes("/admin/");
        if (isAdmin && init?.method === "POST" && posts++ === 1) faults.loseNextAnswer("POST");
        return faults.between(fetch)(input, init);
      },
    });
    await expect(made(dying, "half", ["half:a", "half:b"])).rejects.toMatchObject({ code: "ambiguous" });
    const [api] = await provider.apis.findByOwner(MARK.instance, MARK.uid);
    const scopes = [{ name: "half:a" }, { name: "half:b" }];
    const whole = await provider.apis.update(api?.ref ?? ("" as never), { scopes });
    expect(whole).toMatchObject({ scopes, isImpaired: false });
    await provider.apis.remove(whole.ref);
    expect([await realm.clients(), await realm.scopes()]).toEqual([[], []]);
  });

  it("notices what was changed by hand, and restores it", async () => {
    const api = await made(provider, "drift", ["drift:a", "drift:b"]);
    const holder = await client();
    const grant = await provider.grants.create({ client: holder.ref, api, scopes: ["drift:a"], lifetimeSeconds: 900 });
    const seen: Drift[] = [];
    provider.onDrift((drift) => seen.push(drift));
    const scope = (await realm.scopes()).find(({ name }) => name === "drift:a") ?? {};
    const [mapper] = scope["protocolMappers"] as { readonly id: string }[];
    const assigned = `/clients/${holder.ref}`;
    await realm.admin("DELETE", `/client-scopes/${String(scope["id"])}/protocol-mappers/models/${String(mapper?.id)}`);
    await realm.admin("DELETE", `${assigned}/optional-client-scopes/${String(scope["id"])}`);
    await realm.admin("PUT", `${assigned}/default-client-scopes/${String(scope["id"])}`);
    await realm.admin("PUT", assigned, { standardFlowEnabled: true, attributes: { "access.token.lifespan": "60" } });
    await provider.refresh(await later());
    expect(new Set(seen.map(({ kind }) => kind))).toEqual(new Set(["api", "client", "grant"]));
    expect(await provider.apis.get(api.ref)).toMatchObject({ isImpaired: true });
    expect(await provider.grants.find(holder.ref, api, false)).toMatchObject({ scopes: ["drift:a"], isImpaired: true });
    expect(await provider.clients.get(holder.ref)).toMatchObject({ isServiceType: false });
    expect(await provider.apis.update(api.ref, { restore: true })).toMatchObject({ isImpaired: false });
    expect(await provider.clients.update(holder.ref, { restoreServiceType: true })).toMatchObject({
      isServiceType: true,
    });
    expect(await provider.grants.update(grant.ref, { restore: true })).toMatchObject({
      ...{ scopes: ["drift:a"], lifetimeSeconds: 900, isImpaired: false },
    });
    const after = await realm.client(holder.clientId);
    expect(after).toMatchObject({ optionalClientScopes: ["drift:a"], attributes: { "access.token.lifespan": "900" } });
  });

  it("notices a client scope that was deleted by hand, in its API and in every grant", async () => {
    const api = await made(provider, "lost", ["lost:a", "lost:b"]);
    const holder = await client();
    await provider.grants.create({ client: holder.ref, api, scopes: ["lost:a"] });
    const seen: Drift[] = [];
    provider.onDrift((drift) => seen.push(drift));
    const scope = (await realm.scopes()).find(({ name }) => name === "lost:a");
    await realm.admin("DELETE", `/client-scopes/${String(scope?.["id"])}`);
    await provider.refresh(await later());
    expect(seen).toContainEqual({ kind: "api", ref: api.ref });
    expect(seen).toContainEqual(expect.objectContaining({ kind: "grant", client: holder.ref, audience: api.audience }));
    expect((await provider.apis.get(api.ref))?.scopes).toEqual([{ name: "lost:b" }]);
    expect((await provider.grants.find(holder.ref, api, false))?.scopes).toEqual([]);
  });

  it("keeps what others keep with a client when it changes something else", async () => {
    const holder = await client();
    await realm.admin("PUT", `/clients/${holder.ref}`, {
      baseUrl: "https://x.example.com",
      attributes: { theirs: "1" },
    });
    await provider.clients.update(holder.ref, { displayName: "Other", metadata: { team: "a" } });
    expect(await realm.client(holder.clientId)).toMatchObject({
      ...{ name: "Other", baseUrl: "https://x.example.com", attributes: { theirs: "1" } },
    });
  });

  it("never takes an empty secret for one, and never sends one", async () => {
    const holder = await client();
    await realm.admin("PUT", `/clients/${holder.ref}`, { secret: "" });
    expect(await provider.clients.readSecret(holder.ref)).toBeUndefined();
    await expect(provider.clients.replaceSecret(holder.ref, "")).rejects.toMatchObject({ code: "invalid" });
  });

  it("names the role that the operator's client lacks", async () => {
    const poor = await createRealm(keycloak(), {}, ["view-clients"]);
    realms.push(poor);
    expect((await (await connectTo(poor)).probe()).missingPermissions).toEqual(["manage-clients"]);
    expect((await (await connectTo(poor, { isReadOnly: true })).probe()).missingPermissions).toEqual([]);
    const refused = (await connectTo(poor)).clients.create(JOB, MARK);
    await expect(refused).rejects.toMatchObject({ code: "forbidden", permissions: ["manage-clients"] });
  });

  it("names roles of the operator's client that it does not need, where its token shows roles", async () => {
    const rich = await createRealm(keycloak(), {}, ["manage-clients", "manage-users"]);
    realms.push(rich);
    expect((await (await connectTo(rich)).probe()).excessPermissions).toBeUndefined();
    const scopes = (await rich.admin("GET", "/client-scopes")) as { readonly id: string; readonly name: string }[];
    const roles = scopes.find(({ name }) => name === "roles")?.id ?? "";
    const { id } = (await rich.client(rich.clientId)) ?? {};
    await rich.admin("PUT", `/clients/${String(id)}/default-client-scopes/${roles}`);
    expect((await (await connectTo(rich)).probe()).excessPermissions).toEqual(["manage-users"]);
  });

  it("says of what somebody created by hand all that no spec can say", async () => {
    const api = await made(provider, "listed", ["listed:a", "listed:b"]);
    const byHand = { serviceAccountsEnabled: true, standardFlowEnabled: false, directAccessGrantsEnabled: false };
    await realm.admin("POST", "/clients", { clientId: "by-hand", name: "By hand", ...byHand });
    await realm.admin("POST", "/clients", { clientId: "web", redirectUris: ["https://web.example.com/*"] });
    const { id } = (await realm.client("by-hand")) ?? {};
    for (const { id: scope, name } of await realm.scopes()) {
      const kind = name === "listed:a" ? "optional" : "default";
      await realm.admin("PUT", `/clients/${String(id)}/${kind}-client-scopes/${String(scope)}`);
    }
    const { clients, grants, loginClients } = await provider.inventory();
    expect(clients.map(({ clientId, beyond, refusal }) => ({ clientId, beyond, refusal }))).toEqual([
      { clientId: "by-hand", beyond: ["client scopes of no API (roles)"], refusal: undefined },
      { clientId: realm.clientId, beyond: [], refusal: "the operator itself uses it" },
    ]);
    expect(grants).toMatchObject([{ client: id, api: api.ref, scopes: ["listed:a", "listed:b"] }]);
    expect(grants[0]?.beyond).toEqual([expect.stringContaining("default client scopes (listed:b)")]);
    expect(loginClients).toBe(1);
    const callers = [{ client: id, scopes: ["listed:a", "listed:b"], allScopes: false }];
    expect(await (await connectTo(realm)).grants.callers?.(api)).toEqual(callers);
  });

  it("takes the restriction to another algorithm off a client that gets a key", async () => {
    const api = await made(provider, "restricted", ["restricted:a"]);
    const [old, next] = [await makeKeyPair("RS256"), await makeKeyPair("EdDSA")];
    const keyOf = ({ privateKey }: typeof old, algorithm: string) => ({ ...publicKeyOf(privateKey), algorithm });
    const spec = { displayName: "Job", metadata: {}, publicKeys: [keyOf(old, "RS256")] };
    const { client: job } = await provider.clients.create({ ...spec, authenticationMethod: "private_key_jwt" }, MARK);
    const restriction = "token.endpoint.auth.signing.alg";
    await realm.admin("PUT", `/clients/${job.ref}`, { attributes: { [restriction]: "RS256" } });
    await provider.grants.create({ client: job.ref, api, scopes: ["restricted:a"] });
    const { tokenEndpoint, assertionAudience } = await provider.metadata(api.ref);
    const ask = (pair: typeof old, algorithm: string) =>
      provider.requestToken({
        ...{ tokenEndpoint, clientId: job.clientId, audience: api.audience, scopes: ["restricted:a"] },
        authentication: { method: "private_key_jwt", ...pair, algorithm, audience: assertionAudience },
      });
    await provider.clients.addPublicKey(job.ref, keyOf(await makeKeyPair("RS256"), "RS256"));
    expect((await attributesOf(job.clientId))[restriction]).toBe("RS256");
    await provider.clients.addPublicKey(job.ref, keyOf(next, "EdDSA"));
    expect((await attributesOf(job.clientId))[restriction]).toBeUndefined();
    expect(await ask(next, "EdDSA")).toMatchObject({ kind: "token" });
    expect(await ask(old, "RS256")).toMatchObject({ kind: "token" });
  });

  it("authenticates with a key in place of a secret", async () => {
    const pair = await makeKeyPair("RS256");
    const { pem, keyId } = publicKeyOf(pair.privateKey);
    const jwk = { ...createPublicKey(pem).export({ format: "jwk" }), kid: keyId, alg: "PS256", use: "sig" };
    const { id } = (await realm.client(realm.clientId)) ?? {};
    await realm.admin("PUT", `/clients/${String(id)}`, {
      clientAuthenticatorType: "client-jwt",
      attributes: { "use.jwks.string": "true", "jwks.string": JSON.stringify({ keys: [jwk] }) },
    });
    const credentials = { client_id: realm.clientId, private_key: pair.privateKey, key_id: keyId, algorithm: "PS256" };
    const byKey = await connectTo(realm, { credentials });
    expect(await byKey.probe()).toEqual({ missingPermissions: [], ownClientId: realm.clientId });
  });
});
