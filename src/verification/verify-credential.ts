import type { JSONWebKeySet } from "jose";
import type { Provider } from "../ports/provider.ts";
import type { CredentialValues, PublishedGrant } from "../publication/inputs.ts";
import { verifyToken } from "./verify-token.ts";

export interface VerificationRequest {
  readonly clientId: string;
  readonly credential: CredentialValues;
  readonly grant: PublishedGrant;
  /** JWS algorithm the API is set to, when the spec says so. */
  readonly algorithm: string | undefined;
  readonly now: Date;
}

export interface VerificationOutcome {
  readonly result: "Verified" | "Refused" | "CannotVerify";
  readonly message: string;
}

/** Asks for one token as the workload will, and checks it. Costs one token at the tenant. */
export async function verifyCredential(
  provider: Pick<Provider, "requestToken" | "fetchKeys">,
  { clientId, credential, grant, algorithm, now }: VerificationRequest,
): Promise<VerificationOutcome> {
  const answer = await provider.requestToken({
    tokenEndpoint: grant.tokenEndpoint,
    clientId,
    clientSecret: credential.clientSecret,
    authenticationMethod: credential.authenticationMethod,
    audience: grant.audience,
  });
  if (answer.kind === "refused") {
    const result = answer.refusal === "quota" || answer.refusal === "other" ? "CannotVerify" : "Refused";
    return { result, message: `The token endpoint refused: ${answer.message}` };
  }
  const keys = (await provider.fetchKeys(grant.jwksUri)) as unknown as JSONWebKeySet;
  const expected = { issuer: grant.issuer, audience: grant.audience, scopes: grant.scopes, algorithm };
  const verdict = await verifyToken(answer.accessToken, expected, keys, now);
  return verdict.isGood
    ? { result: "Verified", message: `A token for ${grant.audience} was obtained and checked.` }
    : { result: "Refused", message: `A token was obtained, but ${verdict.problem}.` };
}
