import { describe, expect, it, vi } from "vitest";
import { ALL_CLIENTS } from "../../src/ports/provider/ref.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Mark } from "../../src/ports/mark.ts";
import type { ApiSpec, ObservedApi, ObservedGrant, Provider, Ref } from "../../src/ports/provider.ts";
import { ProviderError } from "../../src/ports/provider-error.ts";
import { type KeyPair, makeKeyPair as keyPair } from "../../src/kinds/m2m-client/credential/key-pair.ts";
import { publicKeyOf } from "../../src/kinds/m2m-client/credential/public-key.ts";

/** What the suite needs of a tenant: the adapter, and a hand behind the operator's back, whose work is awaited. */
export interface Subject {
  readonly provider: Provider;
  /** As another process does, which has written nothing. */
  readonly connect: () => Promise<Provider>;
  readonly clock: Clock;
  /** Replaces a client's secret as a person would in the console. */
  readonly rotateByHand: (clientId: string, secret: string) => unknown;
  /** Removes everything of this kind as a person would. */
  readonly removeByHand: (kind: "client" | "api" | "grant") => unknown;
  /** The next request with this method is performed, and its answer lost. */
  readonly loseNextAnswer: (method: string) => void;
  /** So many times; default: 5. */
  readonly failNext: (method: string, status: number, times?: number) => void;
  /** Every access token given so far stops working. */
  readonly revokeTokens: () => unknown;
}

const mark = (uid: string): Mark => ({
  instance: "contract",
  object: "0123456789abcdef",
  uid,
  origin: "made",
  nonce: "00112233445566ff",
});
const UID = "11111111-1111-1111-1111-111111111111";

const apiSpec = (audience: string, ...scopes: string[]): ApiSpec => ({
  audience,
  displayName: "API",
  scopes: scopes.map((name) => ({ name })),
  tokens: {},
});
const made = (provider: Provider, audience: string, ...scopes: string[]): Promise<ObservedApi> =>
  provider.apis.create(apiSpec(audience, ...scopes), mark(API_UID));
const API_UID = "22222222-2222-2222-2222-222222222222";

/** A moment after everything that was done so far: what happened in one millisecond has no order. */
async function later(clock: Clock): Promise<Date> {
  const before = clock.now().getTime();
  while (clock.now().getTime() === before) await new Promise((resolve) => setImmediate(resolve));
  return clock.now();
}

/** Known once everything that could hold a grant was read, which may continue behind a refresh. */
async function everyGrantOf(provider: Provider, clock: Clock, client: Ref): Promise<readonly ObservedGrant[]> {
  await provider.refresh(await later(clock));
  return vi.waitFor(async () => {
    const grants = await provider.grants.ofClient(client);
    if (grants === undefined) throw new Error("not everything was read yet");
    return grants;
  }, 10_000);
}

/** The same promises for every provider; what differs is a capability. */
export function describeProvider(name: string, createSubject: () => Promise<Subject>): void {
  describe(`the provider ${name}`, () => {
    it("finds nothing in an empty tenant and misses no permission", async () => {
      const { provider } = await createSubject();
      expect((await provider.probe()).missingPermissions).toEqual([]);
      expect(await provider.apis.findByAudience("https://none/")).toBeUndefined();
      expect(await provider.clients.findByOwner("contract", UID)).toEqual([]);
    });

    it("keeps an API as it was told, changes what is named, and removes twice without complaint", async () => {
      const { provider } = await createSubject();
      const audience = "https://contract.example.com/";
      const tokens = provider.capabilities.tokenLifetime.heldBy === "api" ? { lifetimeSeconds: 600 } : {};
      const spec = { audience, displayName: "API", scopes: [{ name: "a", description: "A" }], tokens };
      const { ref, tokens: inForce } = await provider.apis.create(spec, mark(API_UID));
      expect(await provider.apis.findByAudience(audience)).toMatchObject({ ref, displayName: "API", tokens });
      const changed = await provider.apis.update(ref, { scopes: [{ name: "b" }] });
      expect(changed.scopes.map((scope) => scope.name)).toEqual(["b"]);
      expect(changed.tokens).toEqual(inForce);
      await provider.apis.remove(ref);
      await provider.apis.remove(ref);
      expect(await provider.apis.get(ref)).toBeUndefined();
    });

    it("gives an audience to one API alone, exactly where it says so", async () => {
      const { provider } = await createSubject();
      await made(provider, "https://twice.example.com/");
      const again = made(provider, "https://twice.example.com/");
      if (provider.capabilities.sharesAudiences) await again;
      else await expect(again).rejects.toMatchObject({ code: "conflict" });
    });

    it("tells how the API that it is asked about issues tokens, also where another has the same audience", async () => {
      const { provider } = await createSubject();
      const audience = "https://issuance.example.com/";
      const first = await made(provider, audience);
      const [offered] = provider.capabilities.signingAlgorithms;
      const own = await provider.apis.issuance({ ref: first.ref, audience });
      expect(own).toEqual({ ref: first.ref, signingAlgorithm: offered, refusedBecause: undefined });
      expect(await provider.apis.issuance({ ref: undefined, audience })).toEqual(own);
      expect(await provider.apis.issuance({ ref: undefined, audience: "https://none.example.com/" })).toBeUndefined();
      if (!provider.capabilities.sharesAudiences)
        return expect(made(provider, audience)).rejects.toThrow(ProviderError);
      const second = await made(provider, audience);
      expect((await provider.apis.issuance({ ref: second.ref, audience }))?.ref).toBe(second.ref);
      // Where only the audience is known, the oldest is meant.
      expect((await provider.apis.issuance({ ref: undefined, audience }))?.ref).toBe(first.ref);
    });

    it("finds an API by its mark, and takes the mark off again, exactly where it says that one can carry it", async () => {
      const { provider } = await createSubject();
      const { ref } = await made(provider, "https://marked.example.com/");
      const marked = await provider.apis.findByOwner("contract", API_UID);
      expect(marked.map((api) => api.ref)).toEqual(provider.capabilities.marksApis ? [ref] : []);
      expect(await provider.apis.findByObject("contract", "0123456789abcdef")).toHaveLength(marked.length);
      expect((await provider.apis.update(ref, { displayName: "Other", mark: null })).mark).toBeUndefined();
      expect(await provider.apis.findByOwner("contract", API_UID)).toEqual([]);
    });

    it("keeps a description and default scopes, exactly where it says that it has them", async () => {
      const { provider } = await createSubject();
      const { apiDescriptions, whenNoneRequested } = provider.capabilities;
      const defaultScopes = whenNoneRequested === "defaults";
      const spec = {
        ...apiSpec("https://described.example.com/"),
        ...(apiDescriptions ? { description: "What it is for" } : {}),
        scopes: [{ name: "a", ...(defaultScopes ? { isDefault: true } : {}) }, { name: "b" }],
      };
      const { ref } = await provider.apis.create(spec, mark(API_UID));
      const seen = await provider.apis.get(ref);
      expect(seen?.description).toBe(apiDescriptions ? "What it is for" : undefined);
      expect(seen?.scopes.find(({ name }) => name === "a")?.isDefault ?? false).toBe(defaultScopes);
      expect(seen?.scopes.find(({ name }) => name === "b")?.isDefault ?? false).toBe(false);
    });

    it("finds a client by the mark it was made with, and shows no secret of it", async () => {
      const { provider } = await createSubject();
      const spec = {
        displayName: "Job",
        metadata: { team: "x" },
        authenticationMethod: "client_secret_basic",
      } as const;
      const { client, clientSecret } = await provider.clients.create(spec, mark(UID));
      expect(client).toMatchObject({
        displayName: "Job",
        metadata: { team: "x" },
        mark: mark(UID),
        isServiceType: true,
        isSystem: false,
      });
      expect((await provider.clients.findByOwner("contract", UID)).map(({ ref }) => ref)).toEqual([client.ref]);
      expect(JSON.stringify(client)).not.toContain(clientSecret ?? "nothing");
      expect(await provider.clients.readSecret(client.ref)).toBe(clientSecret);
      const changed = await provider.clients.update(client.ref, { metadata: { team: null, other: "y" }, mark: null });
      expect(changed.metadata).toEqual({ other: "y" });
      expect(changed.mark).toBeUndefined();
      await provider.clients.remove(client.ref);
      await provider.clients.remove(client.ref);
      expect(await provider.clients.get(client.ref)).toBeUndefined();
    });

    it("notices a secret that was changed by hand when it says so, without ever holding it", async () => {
      const { provider, clock, rotateByHand } = await createSubject();
      const isListed = provider.capabilities.secretsSeenBy === "listing";
      await provider.refresh(clock.now());
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      const { client } = await provider.clients.create(spec, mark(UID));
      const before = (await provider.clients.get(client.ref))?.secrets;
      const drifted: string[] = [];
      provider.onDrift(({ kind, ref }) => {
        if (ref === client.ref) drifted.push(kind);
      });
      await rotateByHand(client.clientId, "not-a-real-secret-changed-by-hand");
      await provider.refresh(await later(clock));
      const listed = (await provider.clients.get(client.ref))?.secrets;
      if (isListed) expect(listed).not.toEqual(before);
      else expect(listed).toEqual(before);
      // Anyone who asks about this client need not wait for a sweep.
      await provider.refresh(await later(clock), [client.ref]);
      const seen = await provider.clients.get(client.ref);
      expect(seen?.secrets).not.toEqual(before);
      expect(drifted).toContain("client");
      expect(JSON.stringify(seen)).not.toContain("not-a-real-secret-changed-by-hand");
    });

    it("creates a client with the id that was chosen, exactly where it says so", async () => {
      const { provider } = await createSubject();
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      const { client } = await provider.clients.create({ ...spec, clientId: "chosen-by-us" }, mark(UID));
      expect(client.clientId === "chosen-by-us").toBe(provider.capabilities.choosesClientId);
      expect((await provider.clients.findByClientId(client.clientId))?.ref).toBe(client.ref);
    });

    it("issues tokens of each profile that it names, and names none where there is no choice", async () => {
      const { provider } = await createSubject();
      const { profiles } = provider.capabilities;
      const audienceOf = (profile: string): string => `https://${profile.toLowerCase()}.example.com/`;
      const seen: (string | undefined)[] = [];
      for (const profile of profiles) {
        const spec = { ...apiSpec(audienceOf(profile)), tokens: { profile } };
        seen.push((await provider.apis.create(spec, mark(API_UID))).tokens.profile);
      }
      expect(seen).toEqual(profiles);
      const { tokens } = await made(provider, audienceOf("none"));
      expect(tokens.profile).toBe(profiles[0]);
    });

    it("knows organizations, exactly where it says so", async () => {
      const { provider } = await createSubject();
      expect(provider.organizations !== undefined).toBe(provider.capabilities.organizations);
    });

    it("holds one grant per client and API, and brings one that is there to what is wanted", async () => {
      const { provider, clock } = await createSubject();
      const audience = "https://granted.example.com/";
      const api = await made(provider, audience, "a", "b");
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      const { client } = await provider.clients.create(spec, mark(UID));
      const wish = { client: client.ref, api: { ref: api.ref, audience } };
      const first = await provider.grants.create({ ...wish, scopes: ["a"] });
      const second = await provider.grants.create({ ...wish, scopes: ["a", "b"] });
      expect(second.ref).toBe(first.ref);
      expect((await provider.grants.find(client.ref, api, false))?.scopes).toEqual(["a", "b"]);
      expect(await provider.grants.ofApi(api)).toHaveLength(1);
      expect((await everyGrantOf(provider, clock, client.ref)).map(({ ref }) => ref)).toEqual([first.ref]);
      const narrowed = await provider.grants.update(first.ref, { scopes: ["b"] });
      expect(narrowed).toMatchObject({ scopes: ["b"], duplicates: [], isImpaired: false, overriddenBy: [] });
      await provider.clients.remove(client.ref);
      expect(await provider.grants.ofApi(api)).toEqual([]);
    });

    it("lists what the tenant holds, and says of what it created itself that specs can say all of it", async () => {
      const { provider } = await createSubject();
      const api = await made(provider, "https://listed.example.com/", "a");
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      const { client } = await provider.clients.create(spec, mark(UID));
      await provider.grants.create({ client: client.ref, api, scopes: ["a"] });
      expect((await provider.apis.list()).map(({ ref }) => ref)).toContain(api.ref);
      expect((await provider.clients.list()).map(({ ref }) => ref)).toContain(client.ref);
      const { apis, clients, grants } = await provider.inventory();
      expect(apis.find(({ ref }) => ref === api.ref)).toMatchObject({ audience: api.audience, beyond: [] });
      const listed = clients.find(({ ref }) => ref === client.ref);
      expect(listed).toMatchObject({ clientId: client.clientId, beyond: [], refusal: undefined });
      const own = grants.filter((grant) => grant.client === client.ref);
      expect(own).toMatchObject([{ audience: api.audience, scopes: ["a"], beyond: [], refusal: undefined }]);
      const callers = [{ client: client.ref, scopes: ["a"], allScopes: false }];
      if (provider.grants.callers !== undefined) expect(await provider.grants.callers(api)).toEqual(callers);
    });

    it("takes a scope that an API loses out of the grants on it, exactly where it says so", async () => {
      const { provider } = await createSubject();
      const { scopesLeaveGrants: leave } = provider.capabilities;
      const api = await made(provider, "https://leaving.example.com/", "a", "b");
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      const { client } = await provider.clients.create(spec, mark(UID));
      await provider.grants.create({ client: client.ref, api, scopes: ["a", "b"] });
      const grantNow = () => provider.grants.find(client.ref, api, false);
      await provider.apis.update(api.ref, { scopes: [{ name: "b" }] });
      expect((await grantNow())?.scopes).toEqual(leave === undefined ? ["a", "b"] : ["b"]);
      await provider.apis.update(api.ref, { scopes: [{ name: "c" }] });
      const left = leave === undefined ? ["a", "b"] : [];
      expect(await grantNow()).toMatchObject({ scopes: left, isImpaired: leave === "impaired" });
    });

    it("takes a name of a scope once, exactly where it says so", async () => {
      const { provider } = await createSubject();
      await made(provider, "https://first-name.example.com/", "a");
      const second = made(provider, "https://second-name.example.com/", "a");
      if (provider.capabilities.scopeNamesPerTenant === true)
        await expect(second).rejects.toMatchObject({ code: "disputed" });
      else expect((await second).scopes.map(({ name }) => name)).toEqual(["a"]);
    });

    it("keeps the lifetime of tokens with a grant, exactly where it says so", async () => {
      const { provider } = await createSubject();
      const api = await made(provider, "https://lifetime.example.com/", "a");
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      const { client } = await provider.clients.create(spec, mark(UID));
      const isHere = provider.capabilities.tokenLifetime.heldBy !== "api";
      const wish = { client: client.ref, api, scopes: ["a"], ...(isHere ? { lifetimeSeconds: 600 } : {}) };
      const grant = await provider.grants.create(wish);
      expect(grant.lifetimeSeconds).toBe(isHere ? 600 : undefined);
      expect(await provider.grants.update(grant.ref, { lifetimeSeconds: 1200 })).toMatchObject({
        scopes: ["a"],
        lifetimeSeconds: isHere ? 1200 : undefined,
      });
    });

    it("grants to all clients, exactly where it says so", async () => {
      const { provider, clock } = await createSubject();
      const api = await made(provider, "https://everybody.example.com/", "a");
      const granting = provider.grants.create({ client: ALL_CLIENTS, api, scopes: ["a"] });
      if (!provider.capabilities.grantsToAllClients) {
        await expect(granting).rejects.toMatchObject({ code: "unsupported" });
        expect(await provider.grants.find(ALL_CLIENTS, api, false)).toBeUndefined();
        return;
      }
      const grant = await granting;
      expect((await provider.grants.find(ALL_CLIENTS, api, false))?.ref).toBe(grant.ref);
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      const { client } = await provider.clients.create(spec, mark(UID));
      expect(await everyGrantOf(provider, clock, client.ref)).toEqual([]);
      expect(await provider.grants.find(client.ref, api, false)).toBeUndefined();
      await provider.grants.remove(grant.ref);
      await provider.grants.remove(grant.ref);
      expect(await provider.grants.find(ALL_CLIENTS, api, false)).toBeUndefined();
    });

    it("registers public keys once, and exactly those that are wanted", async () => {
      const { provider } = await createSubject();
      const [one, two] = [await keyPair("RS256"), await keyPair("RS256")];
      const wanted = (pair: KeyPair) => ({ ...publicKeyOf(pair.privateKey), algorithm: "RS256" });
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "private_key_jwt" } as const;
      const creating = provider.clients.create({ ...spec, publicKeys: [wanted(one)] }, mark(UID));
      if (!provider.capabilities.authenticationMethods.includes("private_key_jwt")) {
        await expect(creating).rejects.toMatchObject({ code: "unsupported" });
        return;
      }
      const { client, keys } = await creating;
      expect(keys.map(({ keyId }) => keyId)).toEqual([one.keyId]);
      expect((await provider.clients.get(client.ref))?.keyRefs).toEqual(keys.map(({ ref }) => ref));
      expect(await provider.clients.setPublicKeys(client.ref, [wanted(one)])).toEqual(keys);
      const both = await provider.clients.setPublicKeys(client.ref, [wanted(one), wanted(two)]);
      expect(both.map(({ keyId }) => keyId).sort()).toEqual([one.keyId, two.keyId].sort());
      const third = provider.clients.addPublicKey(client.ref, wanted(await keyPair("RS256")));
      if (both.length >= provider.capabilities.maxPublicKeys)
        await expect(third).rejects.toMatchObject({ code: "limit_reached" });
      else await third;
      expect((await provider.clients.addPublicKey(client.ref, wanted(one))).keyId).toBe(one.keyId);
      const [left] = await provider.clients.setPublicKeys(client.ref, [wanted(two)]);
      const seen = await provider.clients.get(client.ref);
      expect(seen).toMatchObject({ authenticationMethod: "private_key_jwt", keyRefs: [left?.ref] });
      const back = await provider.clients.update(client.ref, { authenticationMethod: "client_secret_basic" });
      expect(back).toMatchObject({ authenticationMethod: "client_secret_basic", keyRefs: [] });
    });

    it("takes a second secret beside the first, finds it again, and ends one of them, exactly where it says so", async () => {
      const { provider } = await createSubject();
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      const { client } = await provider.clients.create(spec, mark(UID));
      const value = "not-a-real-secret-that-is-long-enough-for-everybody";
      const added = provider.clients.addSecret(client.ref, value);
      if (provider.capabilities.secretOverlap !== "full") {
        await expect(added).rejects.toMatchObject({ code: "unsupported" });
        return;
      }
      const { ref, others } = await added;
      expect(others).toHaveLength(1);
      expect(await provider.clients.addSecret(client.ref, value)).toEqual({ ref, others });
      expect((await provider.clients.get(client.ref))?.secrets).toHaveLength(2);
      await expect(provider.clients.addSecret(client.ref, `${value}-3`)).rejects.toMatchObject({
        code: "limit_reached",
      });
      const third = await provider.clients.addSecret(client.ref, `${value}-3`, others[0]);
      expect(third.others).toEqual([ref]);
      await provider.clients.removeSecret(client.ref, ref);
      await provider.clients.removeSecret(client.ref, ref);
      expect((await provider.clients.get(client.ref))?.secrets?.map((secret) => secret.ref)).toEqual([third.ref]);
    });

    it("changes secret and method in one step, also from a key", async () => {
      const { provider } = await createSubject();
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      const { client } = await provider.clients.create(spec, mark(UID));
      const value = "not-a-real-secret-that-is-long-enough-for-everybody";
      await provider.clients.replaceSecret(client.ref, value, "client_secret_basic");
      const seen = await provider.clients.get(client.ref);
      expect(seen).toMatchObject({ authenticationMethod: "client_secret_basic" });
      expect(seen?.secrets).toHaveLength(1);
      expect(await provider.clients.readSecret(client.ref)).toBe(value);
      const pair = await keyPair("RS256");
      await provider.clients.setPublicKeys(client.ref, [{ ...publicKeyOf(pair.privateKey), algorithm: "RS256" }]);
      expect(await provider.clients.get(client.ref)).toMatchObject({ secrets: [], keyRefs: [expect.any(String)] });
      await provider.clients.replaceSecret(client.ref, `${value}-2`, "client_secret_post");
      expect(await provider.clients.readSecret(client.ref)).toBe(`${value}-2`);
      expect(await provider.clients.get(client.ref)).toMatchObject({
        ...{ authenticationMethod: "client_secret_post", keyRefs: [] },
      });
    });

    it("ends one key of several, and does not mind when it is gone", async () => {
      const { provider } = await createSubject();
      const [one, two] = [await keyPair("RS256"), await keyPair("RS256")];
      const wanted = (pair: KeyPair) => ({ ...publicKeyOf(pair.privateKey), algorithm: "RS256" });
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "private_key_jwt" } as const;
      const { client, keys } = await provider.clients.create({ ...spec, publicKeys: [wanted(one)] }, mark(UID));
      const second = await provider.clients.addPublicKey(client.ref, wanted(two));
      await provider.clients.removePublicKey(client.ref, keys[0]?.ref ?? "");
      await provider.clients.removePublicKey(client.ref, keys[0]?.ref ?? "");
      expect((await provider.clients.get(client.ref))?.keyRefs).toEqual([second.ref]);
    });

    it("gives a token to a key and to a secret alike, and tells a refused client from a missing grant", async () => {
      const { provider } = await createSubject();
      const audience = "https://token.example.com/";
      const api = await made(provider, audience, "a");
      const pair = await keyPair("RS256");
      const publicKeys = [{ ...publicKeyOf(pair.privateKey), algorithm: "RS256" }];
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "private_key_jwt", publicKeys } as const;
      const { client } = await provider.clients.create(spec, mark(UID));
      const { tokenEndpoint, assertionAudience } = await provider.metadata(api.ref);
      const authentication = {
        method: "private_key_jwt",
        ...pair,
        algorithm: "RS256",
        audience: assertionAudience,
      } as const;
      const request = { tokenEndpoint, clientId: client.clientId, authentication, audience, scopes: ["a"] };
      expect(await provider.requestToken(request)).toMatchObject({ kind: "refused", refusal: "grant" });
      await provider.grants.create({ client: client.ref, api: { ref: api.ref, audience }, scopes: ["a"] });
      expect(await provider.requestToken(request)).toMatchObject({ kind: "token", scopes: "a" });
      const other = { ...authentication, privateKey: (await keyPair("RS256")).privateKey };
      expect(await provider.requestToken({ ...request, authentication: other })).toMatchObject({
        kind: "refused",
        refusal: "client",
      });
    });

    it("takes a key for each algorithm that it offers, all of one client at once, and issues a token for each", async () => {
      const { provider } = await createSubject();
      const { assertionAlgorithms, maxPublicKeys } = provider.capabilities;
      const audience = "https://algorithms.example.com/";
      const api = await made(provider, audience, "a");
      const { tokenEndpoint, assertionAudience } = await provider.metadata(api.ref);
      const algorithms = assertionAlgorithms.slice(-maxPublicKeys);
      const pairs = await Promise.all(
        algorithms.map(async (algorithm) => ({ ...(await keyPair(algorithm)), algorithm })),
      );
      const publicKeys = pairs.map(({ privateKey, algorithm }) => ({ ...publicKeyOf(privateKey), algorithm }));
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "private_key_jwt", publicKeys } as const;
      const { client } = await provider.clients.create(spec, mark(UID));
      await provider.grants.create({ client: client.ref, api: { ref: api.ref, audience }, scopes: ["a"] });
      const answers = await Promise.all(
        pairs.map(async (pair) => {
          const authentication = { method: "private_key_jwt", ...pair, audience: assertionAudience } as const;
          const request = { tokenEndpoint, clientId: client.clientId, authentication, audience, scopes: ["a"] };
          return [pair.algorithm, (await provider.requestToken(request)).kind];
        }),
      );
      expect(answers).toEqual(algorithms.map((algorithm) => [algorithm, "token"]));
      expect((await provider.clients.setPublicKeys(client.ref, publicKeys)).map(({ keyId }) => keyId).sort()).toEqual(
        pairs.map(({ keyId }) => keyId).sort(),
      );
    });

    it("switches a client off and on, and keeps a quota exactly where it says so", async () => {
      const { provider } = await createSubject();
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      const { client } = await provider.clients.create({ ...spec, isEnabled: false }, mark(UID));
      expect(client).toMatchObject({ isEnabled: false, isServiceType: true });
      expect(await provider.clients.update(client.ref, { isEnabled: true })).toMatchObject({ isEnabled: true });
      const tokenQuota = { perHour: 5, enforce: false };
      const { tokenQuota: inForce } = await provider.clients.update(client.ref, { tokenQuota });
      expect(inForce).toEqual(provider.capabilities.tokenQuotas ? tokenQuota : undefined);
    });

    it("says ambiguous when the answer to a write was lost, and finds what was made by its mark", async () => {
      const { provider, clock, loseNextAnswer } = await createSubject();
      await provider.refresh(clock.now());
      loseNextAnswer("POST");
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      await expect(provider.clients.create(spec, mark(UID))).rejects.toMatchObject({ code: "ambiguous" });
      expect(await provider.clients.findByOwnerSince("contract", UID, await later(clock))).toHaveLength(1);
    });

    it("says unavailable for a read that failed, and not that something is gone", async () => {
      const { provider, clock, failNext } = await createSubject();
      await provider.probe();
      failNext("GET", 503);
      await expect(provider.refresh(await later(clock))).rejects.toMatchObject({ code: "unavailable" });
    });

    it("gets a new token when the old one is refused", async () => {
      const { provider, clock, revokeTokens } = await createSubject();
      await provider.refresh(clock.now());
      await revokeTokens();
      await provider.refresh(await later(clock));
    });

    it("misses nothing in a listing whose token is refused in between", async () => {
      const { provider, clock, failNext } = await createSubject();
      const audience = "https://relisted.example.com/";
      const api = await made(provider, audience);
      const spec = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      const { client } = await provider.clients.create(spec, mark(UID));
      await provider.refresh(await later(clock));
      failNext("GET", 401, 2);
      await provider.refresh(await later(clock));
      expect((await provider.clients.findByOwner("contract", UID)).map(({ ref }) => ref)).toEqual([client.ref]);
      expect((await provider.apis.findByAudience(audience))?.ref).toBe(api.ref);
    });

    it("finds what others created since the last listing when it is asked about now", async () => {
      const { provider, connect, clock } = await createSubject();
      const audience = "https://later.example.com/";
      const client = { displayName: "Job", metadata: {}, authenticationMethod: "client_secret_post" } as const;
      await provider.refresh(await later(clock));
      const others = await connect();
      const api = await made(others, audience, "later:read");
      const plain = (await others.clients.create(client, mark(UID))).client;
      const named = (await others.clients.create({ ...client, clientId: "a-chosen-id" }, mark(UID))).client;
      await others.grants.create({ client: plain.ref, api: { ref: api.ref, audience }, scopes: ["later:read"] });
      expect(await provider.apis.findByAudience(audience)).toBeUndefined();
      expect(await provider.clients.findByClientId(plain.clientId)).toBeUndefined();
      const now = await later(clock);
      expect(await provider.apis.findByAudience(audience, now)).toMatchObject({
        ...{ ref: api.ref, scopes: [{ name: "later:read" }] },
      });
      for (const { ref, clientId } of [plain, named])
        expect((await provider.clients.findByClientId(clientId, now))?.ref).toBe(ref);
      const granted = await provider.grants.find(plain.ref, api, false, now);
      expect(granted?.scopes).toEqual(["later:read"]);
      expect(await provider.grants.find(named.ref, api, false, now)).toBeUndefined();
      expect(await provider.apis.findByAudience(`${audience}none`, now)).toBeUndefined();
      expect(await provider.clients.findByClientId("no-such-client", now)).toBeUndefined();
    });

    it("finds what was removed by hand, and believes it only after asking for that one", async () => {
      const { provider, connect, clock, removeByHand } = await createSubject();
      const api = await made(provider, "https://gone.example.com/");
      const other = await connect();
      await other.refresh(await later(clock));
      await removeByHand("api");
      await other.refresh(await later(clock));
      expect(await other.apis.get(api.ref)).toBeUndefined();
    });

    it("does not believe that what it has just made is gone, whatever a listing and a read show", async () => {
      const { provider, clock, removeByHand } = await createSubject();
      const api = await made(provider, "https://not-shown-yet.example.com/");
      await removeByHand("api");
      await provider.refresh(await later(clock));
      await expect(provider.apis.get(api.ref)).rejects.toMatchObject({ name: "ProviderError", code: "unavailable" });
    });

    it("throws nothing but ProviderErrors that are safe to show", async () => {
      const { provider } = await createSubject();
      const failure = await provider.apis
        .update("nonsense" as never, { displayName: "x" })
        .catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ProviderError);
      expect((failure as ProviderError).code).toBe("not_found");
    });
  });
}
