import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";

/** What a token must be. */
export interface TokenExpectation {
  readonly issuer: string;
  readonly audience: string;
  /** Exactly these. */
  readonly scopes: readonly string[];
  /** JWS algorithm that the API is set to; `undefined` accepts any asymmetric one. */
  readonly algorithm: string | undefined;
}

export type TokenVerdict = { readonly isGood: true } | { readonly isGood: false; readonly problem: string };

const ASYMMETRIC = ["RS256", "PS256", "RS512", "RS384", "ES256", "ES384"];

/** Checks an access token as a careful resource server would (RFC 9068 section 4). A problem never quotes the token. */
export async function verifyToken(
  token: string,
  expected: TokenExpectation,
  keys: JSONWebKeySet,
  now: Date,
): Promise<TokenVerdict> {
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(keys), {
      issuer: expected.issuer,
      audience: expected.audience,
      algorithms: expected.algorithm === undefined ? ASYMMETRIC : [expected.algorithm],
      requiredClaims: ["exp", "iat"],
      currentDate: now,
      clockTolerance: 30,
    });
    return judgeScopes(payload, expected.scopes);
  } catch (error) {
    return { isGood: false, problem: problemOf(error, expected) };
  }
}

function judgeScopes(payload: JWTPayload, expected: readonly string[]): TokenVerdict {
  const { scope } = payload;
  const got = new Set(typeof scope === "string" ? scope.split(" ").filter((part) => part !== "") : []);
  const missing = expected.filter((name) => !got.has(name));
  const extra = [...got].filter((name) => !expected.includes(name));
  if (missing.length > 0) return { isGood: false, problem: `the token lacks the scopes ${missing.join(", ")}` };
  if (extra.length > 0) return { isGood: false, problem: `the token has scopes that were not granted: ${extra.join(", ")}` };
  return { isGood: true };
}

function problemOf(error: unknown, expected: TokenExpectation): string {
  if (error instanceof errors.JWTClaimValidationFailed) {
    const wanted = { iss: expected.issuer, aud: expected.audience }[error.claim];
    return wanted === undefined ? `the claim ${error.claim} is not as expected` : `the claim ${error.claim} is not ${wanted}`;
  }
  if (error instanceof errors.JWTExpired) return "the token has expired already";
  if (error instanceof errors.JOSEAlgNotAllowed) return `the token is not signed with ${expected.algorithm ?? "a public key algorithm"}`;
  if (error instanceof errors.JWKSNoMatchingKey) return "the token's key is not among the published keys";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature is not good";
  return "the token is not a signed JWT";
}
