import { decodeProtectedHeader, type JSONWebKeySet } from "jose";
import type { Provider } from "../ports/provider.ts";
import type { CredentialValues, PublishedGrant } from "../publication/inputs.ts";
import { verifyToken } from "./verify-token.ts";

interface VerificationRequest {
  readonly clientId: string;
  readonly credential: CredentialValues;
  readonly grant: PublishedGrant;
  /** JWS algorithm the API is set to, when the spec says so. */
  readonly algorithm: string | undefined;
  readonly now: Date;
}

interface VerificationOutcome {
  /**
   * `Refused`: the tenant definitely does not take the credential, or the token is not what it should be.
   * `CannotVerify`: no token can be had, or none that can be read, which says nothing about the credential.
   */
  readonly result: "Verified" | "Refused" | "CannotVerify";
  /** Safe to show, at most 1024 characters. */
  readonly message: string;
}

const MAX_MESSAGE_LENGTH = 1024;

/**
 * Asks for one token as the workload will, and checks it. Costs one token at the tenant. What may pass by itself
 * (`unavailable`, `rate_limited` …) is thrown as the port's `ProviderError` and proves nothing.
 */
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
    return outcome(result, `The token endpoint refused: ${answer.message}`);
  }
  if (!isSignedWithPublicKey(answer.accessToken))
    return outcome("CannotVerify", "The token is encrypted, opaque or signed with a shared secret.");
  const keys = (await provider.fetchKeys(grant.jwksUri)) as unknown as JSONWebKeySet;
  const expected = { issuer: grant.issuer, audience: grant.audience, scopes: grant.scopes, algorithm, clientId };
  const verdict = await verifyToken(answer.accessToken, expected, keys, now);
  return verdict.isGood
    ? outcome("Verified", `A token for ${grant.audience} was obtained and checked.`)
    : outcome("Refused", `A token was obtained, but ${verdict.problem}.`);
}

function outcome(result: VerificationOutcome["result"], message: string): VerificationOutcome {
  const isLong = message.length > MAX_MESSAGE_LENGTH;
  return { result, message: isLong ? `${message.slice(0, MAX_MESSAGE_LENGTH - 1)}…` : message };
}

/** Only decides whether checking makes sense; which algorithm is accepted is not the token's to say. */
function isSignedWithPublicKey(token: string): boolean {
  try {
    const { alg, enc } = decodeProtectedHeader(token);
    // RFC 7516 section 9: `enc` tells an encrypted token from a signed one.
    return enc === undefined && alg !== undefined && !alg.startsWith("HS");
  } catch {
    return false;
  }
}
