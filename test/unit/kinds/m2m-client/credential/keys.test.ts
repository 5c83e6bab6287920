import { createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { makeKeyPair } from "../../../../../src/kinds/m2m-client/credential/key-pair.ts";
import { publicKeyOf } from "../../../../../src/kinds/m2m-client/credential/public-key.ts";
import { plan } from "../../../../../src/kinds/m2m-client/plan.ts";
import { signAssertion } from "../../../../../src/oauth/client-assertion.ts";
import { CAPABILITIES as KEYCLOAK } from "../../../../../src/providers/keycloak/capabilities.ts";
import { CAPABILITIES as OKTA } from "../../../../../src/providers/okta/capabilities.ts";
import { CAPABILITIES as AUTH0 } from "../../../../../src/providers/auth0/capabilities.ts";
import type { Capabilities } from "../../../../../src/ports/provider.ts";
import { FACTS } from "../../provider-facts.ts";
import { desiredBy, observedWith } from "../observed.ts";

const NOW = new Date("2026-01-02T03:04:05Z");
const AUDIENCE = "https://tenant.example/token";

const pemOf = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }).toString();
const rsa = pemOf(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey);
const curve = (namedCurve: string): string => pemOf(generateKeyPairSync("ec", { namedCurve }).publicKey);
const edwards = pemOf(generateKeyPairSync("ed25519").publicKey);

describe("a key pair", () => {
  it.each(KEYCLOAK.assertionAlgorithms)(
    "for %s signs an assertion that its public half verifies",
    async (algorithm) => {
      const { privateKey, keyId } = await makeKeyPair(algorithm);
      const { pem } = publicKeyOf(privateKey);
      const assertion = await signAssertion("job", { privateKey, keyId, algorithm }, AUDIENCE, NOW);
      const checks = { audience: AUDIENCE, issuer: "job", subject: "job", algorithms: [algorithm], currentDate: NOW };
      const { payload, protectedHeader } = await jwtVerify(assertion, createPublicKey(pem), checks);
      expect(protectedHeader).toEqual({ alg: algorithm, kid: keyId });
      expect(Number(payload.exp) - Number(payload.iat)).toBe(60);
      expect(keyId).toBe(await calculateJwkThumbprint(await exportJWK(createPublicKey(pem))));
      expect(publicKeyOf(pem).keyId).toBe(keyId);
    },
  );

  it("is new each time, and there is none for an algorithm with a shared secret", async () => {
    const [one, two] = await Promise.all([makeKeyPair("ES256"), makeKeyPair("ES256")]);
    expect(one.keyId).not.toBe(two.keyId);
    await expect(makeKeyPair("HS256")).rejects.toThrow(RangeError);
  });
});

describe("a public key that no provider takes", () => {
  it.each([
    ["too short", pemOf(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey)],
    ["on a curve without a JWS algorithm here", curve("secp256k1")],
    ["on Ed448", pemOf(generateKeyPairSync("ed448").publicKey)],
    ["for an exchange of keys", pemOf(generateKeyPairSync("x25519").publicKey)],
  ])("is refused with what is possible: %s", (_what, pem) => {
    expect(() => publicKeyOf(pem)).toThrow(/neither an RSA key of at least 2048 bits nor .*P-256.*P-521 or Ed25519/);
  });
});

describe("the user's keys", () => {
  const halt = (capabilities: Capabilities, pems: readonly string[], algorithm?: string) => {
    const privateKeyJwt = {
      publicKeys: pems.map((pem) => ({ pem })),
      ...(algorithm === undefined ? {} : { algorithm }),
    };
    const desired = desiredBy({ authentication: { method: "private_key_jwt", privateKeyJwt } });
    const provider = { state: "ready", facts: { ...FACTS, vendor: "any", capabilities } } as const;
    const observed = observedWith({ provider, remote: { kind: "absent" } });
    return plan(desired, observed, NOW).halt;
  };

  it("may be of several types where the spec names no algorithm", () => {
    expect(halt(KEYCLOAK, [rsa, curve("P-256"), curve("P-384"), curve("P-521"), edwards])).toBeUndefined();
    expect(halt(OKTA, [rsa, curve("P-256"), curve("P-384"), curve("P-521")])).toBeUndefined();
  });

  it.each([
    [AUTH0, [rsa, curve("P-256")], /publicKeys\[1\]\.pem ES256\. Use RS256 or RS384 or PS256/],
    [OKTA, [edwards], /publicKeys\[0\]\.pem EdDSA\. Use RS256 .* or ES512/],
  ] as const)("that the provider cannot take are named", (capabilities, pems, message) => {
    expect(halt(capabilities, pems)).toMatchObject({ reason: "UnsupportedByProvider", message });
  });

  it("that do not fit the algorithm of the spec are named, with what it needs", () => {
    expect(halt(KEYCLOAK, [rsa, edwards], "PS256")).toMatchObject({
      reason: "InvalidRequest",
      message: expect.stringMatching(/publicKeys\[1\]\.pem: it is a key on .*Ed25519, and PS256 needs an RSA key\./),
    });
    expect(halt(KEYCLOAK, [rsa], "ES384")).toMatchObject({ message: expect.stringContaining("the curve P-384") });
  });
});
