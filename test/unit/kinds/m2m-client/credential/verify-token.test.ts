import { describe, expect, it } from "vitest";
import {
  type TokenExpectation,
  type TokenVerdict,
  verifyToken,
} from "../../../../../src/kinds/m2m-client/credential/verify-token.ts";
import { GOOD, KEYS, NOW, symmetricToken, token, tokenOfKeyFor, unsignedToken, tokenSignedWith } from "./tokens.ts";

const EXPECTED: TokenExpectation = {
  issuer: "https://acme.eu.auth0.example/",
  audience: "https://api.example/timesheets",
  scopes: ["batch:upload", "read:all"],
  algorithm: "RS256",
  clientId: "client-1",
};
const nowSeconds = NOW.getTime() / 1000;

async function verdictOf(
  given: string | Promise<string>,
  change: Partial<TokenExpectation> = {},
): Promise<TokenVerdict> {
  return verifyToken(await given, { ...EXPECTED, ...change }, KEYS, NOW);
}

describe("a token", () => {
  it.each<[string, Parameters<typeof token>[0], Partial<TokenExpectation>]>([
    ["of the classic type", {}, {}],
    ["of RFC 9068", { header: { typ: "at+jwt" }, claims: { azp: undefined, client_id: "client-1" } }, {}],
    ["with its type as a media type", { header: { typ: "application/at+jwt" } }, {}],
    ["with its one audience in a list", { claims: { aud: [EXPECTED.audience] } }, {}],
    ["with scopes in another order, one twice", { claims: { scope: "batch:upload read:all batch:upload" } }, {}],
    ["with scopes in Okta's list", { claims: { scope: undefined, scp: ["read:all", "batch:upload"] } }, {}],
    ["without scopes where none are granted", { claims: { scope: undefined } }, { scopes: [] }],
    ["whose algorithm is not known beforehand", {}, { algorithm: undefined }],
    ["without type, as Okta makes them,", { header: { typ: undefined } }, {}],
    ["that expired within the tolerance", { claims: { exp: nowSeconds - 29 } }, {}],
  ])("%s is good", async (_what, variant, change) => {
    expect(await verdictOf(token(variant), change)).toEqual({ isGood: true });
  });

  it.each<[string, Parameters<typeof token>[0], Partial<TokenExpectation>, string]>([
    ["of another issuer", { claims: { iss: "https://evil.example/" } }, {}, `the claim iss is not ${EXPECTED.issuer}`],
    ["without issuer", { claims: { iss: undefined } }, {}, "the claim iss is not"],
    ["for another audience", { claims: { aud: "https://api.example/" } }, {}, "the claim aud is not"],
    ["for another audience too", { claims: { aud: [EXPECTED.audience, "x"] } }, {}, "the claim aud contains more than"],
    ["for no audience", { claims: { aud: undefined } }, {}, "the claim aud is not"],
    ["for an audience without its last character", {}, { audience: `${EXPECTED.audience}/` }, "the claim aud is not"],
    ["that has expired", { claims: { exp: nowSeconds - 30 } }, {}, "the token has expired"],
    ["that never expires", { claims: { exp: undefined } }, {}, "the claim exp is not as expected"],
    ["that is not valid yet", { claims: { nbf: nowSeconds + 31 } }, {}, "the claim nbf is not as expected"],
    ["that lacks a scope", { claims: { scope: "read:all" } }, {}, "lacks the scopes batch:upload"],
    ["with a scope too many", { claims: { scope: "read:all batch:upload x" } }, {}, "scopes that were not granted: x"],
    ["with a scope and a half", { claims: { scope: "read:all batch" } }, {}, "lacks the scopes batch:upload and has"],
    ["without scopes", { claims: { scope: undefined } }, {}, "lacks the scopes batch:upload, read:all"],
    ["of another client", { claims: { azp: "client-2" } }, {}, "issued to another client"],
    ["of no client", { claims: { azp: undefined } }, {}, "issued to another client"],
    ["of another type", { header: { typ: "id+jwt" } }, {}, "neither JWT nor at+jwt"],
    ["signed with another algorithm", {}, { algorithm: "PS256" }, "not signed with PS256"],
    ["signed by somebody else", { isForged: true }, {}, "the token's signature is invalid"],
    ["signed with a key that is not published", { header: { kid: "k2" } }, {}, "not among the published keys"],
  ])("%s is not", async (_what, variant, change, problem) => {
    expect(await verdictOf(token(variant), change)).toEqual({
      isGood: false,
      problem: expect.stringContaining(problem) as string,
    });
  });

  it.each(["PS256", "RS512"] as const)("signed with %s by a key that is published for RS256 is good", async (alg) => {
    expect(await verdictOf(tokenSignedWith(alg), { algorithm: alg })).toEqual({ isGood: true });
    expect(await verdictOf(tokenSignedWith(alg), { algorithm: "RS256" })).toMatchObject({ isGood: false });
  });

  it.each(["PS384", "RS512", "ES256", "ES512", "EdDSA"])(
    "signed with %s is good where the algorithm is not known beforehand",
    async (alg) => {
      const { keys, signed } = await tokenOfKeyFor(alg);
      expect(await verifyToken(signed, { ...EXPECTED, algorithm: undefined }, keys, NOW)).toEqual({ isGood: true });
      expect(await verifyToken(signed, { ...EXPECTED, algorithm: alg }, keys, NOW)).toEqual({ isGood: true });
      expect(await verifyToken(signed, EXPECTED, keys, NOW)).toMatchObject({ isGood: false });
    },
  );

  it.each(["RS256", undefined])("signed with a public key as a shared secret is not good (%s)", async (algorithm) => {
    expect(await verdictOf(symmetricToken(), { algorithm })).toMatchObject({ isGood: false });
  });

  it.each(["RS256", undefined])("without a signature is not good (%s)", async (algorithm) => {
    expect(await verdictOf(unsignedToken(), { algorithm })).toMatchObject({ isGood: false });
  });

  it.each(["", "opaque", "a.b.c", "a.b.c.d.e", "..", "%%%.%%%.%%%"])(
    "that is no JWT is not good: '%s'",
    async (text) => {
      expect(await verdictOf(text)).toMatchObject({ isGood: false, problem: "the token is not a signed JWT" });
    },
  );
});

describe("what is said of a token", () => {
  it("never holds a part of it", async () => {
    const variants = [
      { isForged: true },
      { claims: { scope: "x" } },
      { claims: { exp: 1 } },
      { header: { kid: "k2" } },
    ];
    for (const variant of variants) {
      const text = await token(variant);
      const verdict = JSON.stringify(await verdictOf(text));
      for (const part of text.split(".")) expect(verdict).not.toContain(part);
    }
  });

  it("stays short when thousands of scopes differ", async () => {
    const scopes = Array.from({ length: 2000 }, (_, index) => `scope-${String(index)}-${"x".repeat(250)}`);
    const verdict = await verdictOf(token({ claims: { ...GOOD, scope: scopes.join(" ") } }));
    expect(verdict).toMatchObject({ isGood: false, problem: expect.stringContaining("and others") as string });
    expect(JSON.stringify(verdict).length).toBeLessThan(2000);
  });
});
