import { describe, expect, it } from "vitest";
import type { Provider, TokenAnswer, TokenRequest } from "../../../../../src/ports/provider.ts";
import { ProviderError } from "../../../../../src/ports/provider-error.ts";
import { verifyCredential } from "../../../../../src/kinds/m2m-client/credential/verify-credential.ts";
import { grant, inputs, SECRET } from "../../../publication/secret-inputs.ts";
import { KEYS, NOW, symmetricToken, token } from "./tokens.ts";

const request = {
  clientId: "client-1",
  credential: inputs().credential,
  grant: grant("uploads", "https://api.example/timesheets", ["batch:upload", "read:all"]),
  algorithm: undefined,
  signingSecret: undefined,
  assertionAudience: "https://acme.eu.auth0.example/",
  organization: undefined,
  now: NOW,
};

function providerThat(answer: TokenAnswer | ProviderError) {
  const asked: (TokenRequest | string)[] = [];
  const provider: Pick<Provider, "requestToken" | "fetchKeys"> = {
    requestToken: async (given) => {
      asked.push(given);
      if (answer instanceof ProviderError) throw answer;
      return answer;
    },
    fetchKeys: async (jwksUri) => {
      asked.push(jwksUri);
      return { keys: KEYS.keys.map((key) => ({ ...key })) };
    },
  };
  return { provider, asked };
}

const tokenAnswer = (accessToken: string): TokenAnswer => ({ kind: "token", accessToken, expiresInSeconds: 3600 });

const ANOTHER_TRY =
  "For an immediate try, annotate this M2MClient with m2m-operator.io/reconcile-requested-at and any new value.";

describe("a published credential", () => {
  it("is verified by one token, asked for as the workload will, and the published keys", async () => {
    const { provider, asked } = providerThat(tokenAnswer(await token()));
    expect(await verifyCredential(provider, request)).toMatchObject({ result: "Verified" });
    expect(asked).toEqual([
      {
        tokenEndpoint: request.grant.tokenEndpoint,
        clientId: "client-1",
        authentication: { method: "client_secret_post", clientSecret: SECRET },
        audience: request.grant.audience,
        scopes: request.grant.scopes,
      },
      request.grant.jwksUri,
    ]);
  });

  it.each([
    ["client", "Refused"],
    ["grant", "Refused"],
    ["quota", "NotIssued"],
    ["other", "NotIssued"],
  ] as const)("whose token is refused because of the %s is %s", async (refusal, result) => {
    const { provider } = providerThat({ kind: "refused", refusal, message: "no" });
    expect(await verifyCredential(provider, request)).toEqual({
      result,
      message: `The token endpoint refused client client-1 for API https://api.example/timesheets (no). ${refusal === "quota" ? "The quota of tokens is used up. The operator tries again later. If it lasts, raise the quota at the tenant." : `Check the client's authentication method and its grant at the tenant. ${ANOTHER_TRY}`}`,
    });
  });

  it("is refused when the token is not what it should be", async () => {
    const { provider } = providerThat(tokenAnswer(await token({ claims: { scope: "read:all" } })));
    expect(await verifyCredential(provider, request)).toEqual({
      result: "Refused",
      message: `The token of client client-1 for API https://api.example/timesheets is wrong: the token lacks the scopes batch:upload. Correct the setting at the tenant. ${ANOTHER_TRY}`,
    });
  });

  it("is refused when the token was issued to another client", async () => {
    const { provider } = providerThat(tokenAnswer(await token({ claims: { azp: "client-2" } })));
    expect(await verifyCredential(provider, request)).toMatchObject({ result: "Refused" });
  });

  it.each([
    ["opaque", async () => "opaque"],
    ["signed with a shared secret", symmetricToken],
    ["encrypted", async () => `${Buffer.from('{"alg":"RSA-OAEP-256","enc":"A256GCM"}').toString("base64url")}.a.b.c.d`],
  ])("cannot be verified when the token is %s", async (_what, make) => {
    const { provider, asked } = providerThat(tokenAnswer(await make()));
    expect(await verifyCredential(provider, request)).toMatchObject({ result: "CannotVerify" });
    expect(asked).toHaveLength(1);
  });

  it("is left unjudged when the provider does not answer", async () => {
    const { provider } = providerThat(new ProviderError("unavailable", "down"));
    await expect(verifyCredential(provider, request)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("gets a message that fits into status, without the secret", async () => {
    const { provider } = providerThat({ kind: "refused", refusal: "other", message: "x".repeat(5000) });
    const { message } = await verifyCredential(provider, request);
    expect(message).toHaveLength(1024);
    expect(message).not.toContain(SECRET);
  });
});
