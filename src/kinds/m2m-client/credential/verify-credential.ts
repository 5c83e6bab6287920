import { cutText } from "../../../ports/cut-text.ts";
import { decodeProtectedHeader, type JSONWebKeySet } from "jose";
import type { ClientAuthentication, Provider } from "../../../ports/provider.ts";
import type { CredentialValues, PublishedGrant } from "../../../publication/inputs.ts";
import { ANNOTATIONS } from "../../schema/annotations.ts";
import { type VerificationKeys, verifyToken } from "./verify-token.ts";

interface VerificationRequest {
  readonly clientId: string;
  readonly credential: CredentialValues;
  /** With `kubernetes`: a token of the service account; `undefined` where the operator may not request one. */
  readonly assertion?: string | undefined;
  /** Its scopes are requested. */
  readonly grant: PublishedGrant;
  /** What the tenant's own grant has beside them: a token may have it too. Absent: nothing. */
  readonly furtherScopes?: readonly string[] | "all" | undefined;
  /** JWS algorithm the API is set to, when the spec says so. */
  readonly algorithm: string | undefined;
  /** The key that verifies the API's tokens, where they are signed with a shared secret. */
  readonly signingSecret: string | undefined;
  /** Id of the organization that the token is to be bound to. */
  readonly organization: string | undefined;
  readonly now: Date;
}

interface VerificationOutcome {
  /**
   * `Refused`: the tenant definitely does not take the credential, or the token is not what it should be.
   * `CannotVerify`: the operator has no credential to request a token with, or the token cannot be read. `NotIssued`:
   * there was no token for a reason that is not the credential's, and there may be one later.
   */
  readonly result: "Verified" | "Refused" | "CannotVerify" | "NotIssued";
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
  request: VerificationRequest,
): Promise<VerificationOutcome> {
  const { clientId, credential, grant, algorithm, organization, now } = request;
  const authentication = authenticationOf(request);
  if (authentication === undefined)
    return outcome(
      "CannotVerify",
      credential.authenticationMethod === "kubernetes"
        ? NO_ASSERTION
        : "Only the workload has the private key, so the operator cannot request a token.",
    );
  const answer = await provider.requestToken({
    tokenEndpoint: grant.tokenEndpoint,
    clientId,
    authentication,
    audience: grant.audience,
    scopes: grant.scopes,
    ...(organization === undefined ? {} : { organization }),
  });
  if (answer.kind === "refused") {
    const result = answer.refusal === "quota" || answer.refusal === "other" ? "NotIssued" : "Refused";
    const remedy =
      answer.refusal === "quota"
        ? QUOTA
        : `Check the client's authentication method and its grant at the tenant. ${ANOTHER_TRY}`;
    return outcome(
      result,
      `The token endpoint refused client ${clientId} for API ${grant.audience} (${answer.message}). ${remedy}`,
    );
  }
  const keys = await keysFor(provider, answer.accessToken, request);
  if (keys === undefined)
    return outcome(
      "CannotVerify",
      "The operator cannot check the token: it is encrypted, opaque, or signed with a secret that the provider does not show.",
    );
  const { issuer, audience, scopes } = grant;
  const { furtherScopes = [] } = request;
  const expected = { issuer, audience, scopes, furtherScopes, algorithm, clientId, organization };
  const verdict = await verifyToken(answer.accessToken, expected, keys, now);
  return verdict.isGood
    ? outcome("Verified", `The operator obtained a token for ${grant.audience} and checked it.`)
    : outcome(
        "Refused",
        `The token of client ${clientId} for API ${grant.audience} is wrong: ${verdict.problem}. Correct the setting at the tenant. ${ANOTHER_TRY}`,
      );
}

function outcome(result: VerificationOutcome["result"], message: string): VerificationOutcome {
  const isLong = message.length > MAX_MESSAGE_LENGTH;
  return { result, message: isLong ? `${cutText(message, MAX_MESSAGE_LENGTH - 1)}…` : message };
}

const ANOTHER_TRY = `For an immediate try, annotate this M2MClient with ${ANNOTATIONS.reconcileRequestedAt} and any new value.`;

const QUOTA =
  "The quota of tokens is used up. The operator tries again later. If it lasts, raise the quota at the tenant.";

const NO_ASSERTION =
  "The operator may not request tokens of service accounts. Grant it create on serviceaccounts/token.";

function authenticationOf({ credential, grant, assertion }: VerificationRequest): ClientAuthentication | undefined {
  const { assertionAudience: audience } = grant;
  if (credential.authenticationMethod === "kubernetes")
    return assertion === undefined ? undefined : { method: "kubernetes", assertion };
  if (credential.authenticationMethod !== "private_key_jwt")
    return { method: credential.authenticationMethod, clientSecret: credential.clientSecret };
  const { privateKey, keyId, algorithm } = credential;
  if (privateKey === undefined || keyId === undefined) return undefined;
  return { method: "private_key_jwt", privateKey, keyId, algorithm, audience };
}

/** A shared secret counts only where the API is set to one: what the token says of itself decides nothing. */
async function keysFor(
  provider: Pick<Provider, "fetchKeys">,
  token: string,
  { grant, algorithm, signingSecret }: VerificationRequest,
): Promise<VerificationKeys | undefined> {
  if (algorithm?.startsWith("HS") === true)
    return signingSecret === undefined ? undefined : new TextEncoder().encode(signingSecret);
  if (!isSignedWithPublicKey(token)) return undefined;
  return (await provider.fetchKeys(grant.jwksUri)) as unknown as JSONWebKeySet;
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
