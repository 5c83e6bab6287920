import { generateKeyPairSync } from "node:crypto";
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from "jose";
import { beforeAll, expect, it } from "vitest";
import { checkToken, contentOf } from "../../../cli/tokens/check.ts";
import { chosenApi } from "../../../cli/tokens/choice.ts";
import { curlCommand } from "../../../cli/tokens/curl.ts";
import { tokenText } from "../../../cli/tokens/print.ts";
import { type PublishedApi, type PublishedCredential, publishedCredential } from "../../../cli/tokens/published.ts";
import { tokenParameters } from "../../../cli/tokens/request-token.ts";
import { publicKeyOf } from "../../../src/kinds/m2m-client/credential/public-key.ts";
import type { ScopeGrant } from "../../../src/kinds/scope-grant/schema.ts";
import { object } from "./objects.ts";

const api = (name: string): PublishedApi => ({
  ...{ name, audience: `https://${name}.example.com`, scopes: ["read:x"], issuer: `https://issuer/${name}` },
  ...{ well_known_url: `https://issuer/${name}/.well-known`, token_endpoint: `https://issuer/${name}/token` },
});
const SECRET = { client_id: "abc", client_secret: "it's secret", token_endpoint_auth_method: "client_secret_post" };
const published = (data: Readonly<Record<string, string>>, secret?: object): PublishedCredential => {
  const credential = publishedCredential(data, { secret });
  if ("problem" in credential) throw new Error(credential.problem);
  return credential;
};
const grantsOf = (...names: readonly string[]) => ({ grants: JSON.stringify(names.map(api)) });

it("reads the Secret in every style, with a prefix", () => {
  const data = { ...SECRET, ...grantsOf("a") };
  const env = Object.fromEntries(Object.entries(data).map(([key, value]) => [`OAUTH_${key.toUpperCase()}`, value]));
  for (const credential of [published(data), published(env, { keyStyle: "Env", keyPrefix: "OAUTH_" })]) {
    expect(credential.clientId).toBe("abc");
    expect(credential.authenticationFor(api("a"))).toEqual({
      method: "client_secret_post",
      clientSecret: "it's secret",
    });
  }
});

it.each([
  [{}, undefined, /lacks the keys/],
  [{ ...SECRET, grants: "no JSON" }, undefined, /lacks the keys/],
  [{ client_id: "abc", token_endpoint_auth_method: "private_key_jwt", grants: "[]" }, undefined, /no credential/],
])("says why a Secret cannot be used, without a value of it", (data, secret, problem) => {
  const found = publishedCredential(data, { secret: secret });
  expect(found).toEqual({ problem: expect.stringMatching(problem) as unknown });
  expect(JSON.stringify(found)).not.toContain("secret is");
});

const OWN_KEYS = { authentication: { privateKeyJwt: { publicKeys: [] } } };

it.each([
  [{ secret: { keyStyle: "None" } } as const, /keyStyle: None/, /another spec\.secret\.keyStyle/],
  [OWN_KEYS, /Only you have the private key/, /--private-key FILE/],
])("says what to do for a Secret that it cannot use by design", (spec, problem, advice) => {
  const found = publishedCredential({ ...SECRET, ...grantsOf("a") }, spec);
  expect(found).toMatchObject({ isByDesign: true, problem: expect.stringMatching(problem) as unknown });
  expect(found).toMatchObject({ advice: expect.stringMatching(advice) as unknown });
});

it("signs with the user's own key, by its thumbprint", () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  const data = { client_id: "abc", signing_algorithm: "PS256", client_assertion_audience: "x", ...grantsOf("a") };
  const found = publishedCredential(data, OWN_KEYS, pem);
  if ("problem" in found) throw new Error(found.problem);
  const { keyId } = publicKeyOf(pem);
  expect(found.authenticationFor(api("a"))).toMatchObject({ method: "private_key_jwt", keyId, algorithm: "PS256" });
});

it.each([
  ["prime256v1", "ES256"],
  ["secp384r1", "ES384"],
] as const)("signs with the algorithm that fits the user's own key on %s", (namedCurve, algorithm) => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve });
  const pem = privateKey.export({ type: "sec1", format: "pem" }).toString();
  const data = { client_id: "abc", signing_algorithm: "RS256", ...grantsOf("a") };
  const found = publishedCredential(data, OWN_KEYS, pem);
  if ("problem" in found) throw new Error(found.problem);
  expect(found.authenticationFor(api("a"))).toMatchObject({ keyId: publicKeyOf(pem).keyId, algorithm });
});

it("an assertion for the token endpoint is for the endpoint of the chosen API", () => {
  const key = { client_id: "abc", private_key: "pem", key_id: "k", token_endpoint_auth_method: "private_key_jwt" };
  const flat = { token_endpoint: "https://issuer/a/token", ...grantsOf("a", "b") };
  const audienceFor = (assertionAudience: string) =>
    published({ ...key, ...flat, client_assertion_audience: assertionAudience }).authenticationFor(api("b"));
  expect(audienceFor("https://issuer/a/token")).toMatchObject({ audience: "https://issuer/b/token" });
  expect(audienceFor("https://issuer/")).toMatchObject({ audience: "https://issuer/" });
});

it("chooses the only API, the primary one, or the one of the grant, and otherwise names them", () => {
  const both = { ...SECRET, ...grantsOf("a", "b") };
  expect(chosenApi(published({ ...SECRET, ...grantsOf("a") }), undefined)).toEqual({ api: api("a") });
  expect(chosenApi(published({ ...both, audience: "https://b.example.com" }), undefined)).toEqual({ api: api("b") });
  expect(chosenApi(published(both), undefined)).toMatchObject({ advice: "Choose one with --grant: a, b." });
  const grant = (audience: string) =>
    object<ScopeGrant>("ScopeGrant", "g", { status: { token: { audience, scopes: [] } } });
  expect(chosenApi(published(both), grant("https://a.example.com"))).toEqual({ api: api("a") });
  expect(chosenApi(published(both), grant("https://c.example.com"))).toMatchObject({ problem: /does not list/ });
  expect(chosenApi(published({ ...SECRET, grants: "[]" }), undefined)).toMatchObject({ problem: /lists no API/ });
});

it("the curl command has variables in place of the credential, and quotes the rest", () => {
  const odd = { ...api("a"), audience: "it's" };
  const command = curlCommand(published({ ...SECRET, ...grantsOf("a") }), odd, "org_1");
  expect(command).toContain("$CLIENT_SECRET");
  expect(command).not.toContain("it's secret");
  expect(command).toContain(`'audience=it'\\''s'`);
  expect(tokenParameters(odd, "org_1")).toMatchObject({ organization: "org_1", scope: "read:x" });
});

let keys: JSONWebKeySet;
let sign: (claims?: object) => Promise<string>;
const NOW = new Date("2026-05-01T12:00:00Z");
beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  keys = { keys: [{ ...(await exportJWK(publicKey)), kid: "k" }] };
  sign = (claims = {}) =>
    new SignJWT({ azp: "abc", scope: "read:x", ...claims })
      .setProtectedHeader({ alg: "RS256", kid: "k" })
      .setIssuer(api("a").issuer)
      .setAudience(api("a").audience)
      .setIssuedAt(NOW)
      .setExpirationTime(new Date(NOW.getTime() + 3600_000))
      .sign(privateKey);
});

const checked = (token: string, algorithm?: string) =>
  checkToken({
    token,
    content: contentOf(token),
    api: api("a"),
    clientId: "abc",
    algorithm,
    now: NOW,
    fetchKeys: async () => keys,
  });

it("a token is valid, invalid for a named reason, or cannot be checked", async () => {
  expect((await checked(await sign())).result).toBe("Valid");
  expect((await checked(await sign({ scope: "read:x write:x" }))).result).toBe("Valid");
  expect(await checked(await sign({ scope: "" }))).toEqual({
    result: "Invalid",
    message: "The token lacks the scopes read:x.",
  });
  expect((await checked(await sign({ azp: "other" }))).message).toBe("The token was issued to another client.");
  expect((await checked("opaque")).result).toBe("NotChecked");
  expect((await checked(await sign(), "HS256")).result).toBe("NotChecked");
});

it("the text of a token has its claims and not its signature", async () => {
  const content = { header: { alg: "RS256" }, claims: { iss: "https://issuer", exp: 1_777_640_400 } };
  const verdict = { result: "Valid", message: "Good." } as const;
  expect(tokenText({ client: "M2MClient a/b", audience: "x", lifetimeSeconds: 3600, content, verdict })).toBe(
    [
      "Token of M2MClient a/b for x\n\nHeader\n  alg  RS256\n",
      "Claims\n  iss  https://issuer\n  exp  1777640400 (2026-05-01T13:00:00.000Z)\n",
      "Lifetime: 1h\nValid: Good.",
    ].join("\n"),
  );
});
