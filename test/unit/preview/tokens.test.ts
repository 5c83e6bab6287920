import { expect, it } from "vitest";
import { makeKeyPair } from "../../../src/kinds/m2m-client/credential/key-pair.ts";
import { verifyToken } from "../../../src/kinds/m2m-client/credential/verify-token.ts";
import { simulatedTokens } from "../../../src/preview/tenant/tokens.ts";
import { CAPABILITIES } from "../../../src/providers/keycloak/capabilities.ts";

const NOW = new Date("2026-01-02T03:04:05Z");
const ISSUER = "https://issuer.example.com";
const REQUEST = {
  ...{ tokenEndpoint: `${ISSUER}/token`, clientId: "job", audience: "https://api.example.com", scopes: ["a"] },
  authentication: { method: "client_secret_basic", clientSecret: "not-a-real-secret" },
} as const;

it.each(CAPABILITIES.signingAlgorithms)("a preview assumes a token that is signed with %s", async (algorithm) => {
  const tenant = simulatedTokens({
    key: makeKeyPair,
    issuerOf: () => ISSUER,
    signingOf: () => Promise.resolve({ algorithm, secret: undefined }),
    now: () => NOW,
  });
  const answer = await tenant.requestToken(REQUEST);
  if (answer.kind !== "token") throw new Error("no token");
  const { audience, scopes, clientId } = REQUEST;
  const keys = await tenant.fetchKeys(`${ISSUER}/keys`);
  const expected = { issuer: ISSUER, audience, scopes, clientId, algorithm };
  expect(await verifyToken(answer.accessToken, expected, keys as never, NOW)).toEqual({ isGood: true });
});
