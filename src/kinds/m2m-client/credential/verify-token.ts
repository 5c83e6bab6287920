import { cutText } from "../../../ports/cut-text.ts";
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from "jose";

/** What a token must be. */
export interface TokenExpectation {
  readonly issuer: string;
  readonly audience: string;
  /** All of these. */
  readonly scopes: readonly string[];
  /** Scopes that it may have beside them; `all`: whatever the API has. Absent: none. */
  readonly furtherScopes?: readonly string[] | "all";
  /** JWS algorithm that the API is set to; `undefined` accepts any asymmetric one. */
  readonly algorithm: string | undefined;
  /** Compared with `client_id` (RFC 9068), `azp` (Auth0's classic tokens) or `cid` (Okta) when given. */
  readonly clientId?: string;
  /** Compared with `org_id` when given. */
  readonly organization?: string | undefined;
}

/** Published keys, or the secret of an API whose tokens are signed with one. */
export type VerificationKeys = JSONWebKeySet | Uint8Array;

export type TokenVerdict = { readonly isGood: true } | { readonly isGood: false; readonly problem: string };

/** RFC 9068 section 2.1, the classic one, and none, as at Okta (RFC 7515: optional); media types without their `application/` (RFC 7515 section 4.1.9). */
const TOKEN_TYPES = ["jwt", "at+jwt"];

/** Clocks of tenant and operator may differ by so much. */
const CLOCK_TOLERANCE_SECONDS = 30;

const MAX_SHOWN_NAMES = 10;
const MAX_SHOWN_LENGTH = 100;

const ASYMMETRIC = [...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"], ...["ES256", "ES384", "ES512", "EdDSA"]];

/**
 * Checks an access token as a careful resource server would (RFC 9068 section 4, RFC 8725). Never throws for what a
 * token may contain; a problem names claims, never a part of the token or a key. `now` may be off by 30 seconds.
 */
export async function verifyToken(
  token: string,
  expected: TokenExpectation,
  keys: VerificationKeys,
  now: Date,
): Promise<TokenVerdict> {
  try {
    const options = {
      issuer: expected.issuer,
      audience: expected.audience,
      algorithms: expected.algorithm === undefined ? ASYMMETRIC : [expected.algorithm],
      requiredClaims: ["iss", "aud", "exp", "iat"],
      currentDate: now,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    };
    const { payload, protectedHeader } =
      keys instanceof Uint8Array
        ? await jwtVerify(token, keys, options)
        : await jwtVerify(token, createLocalJWKSet(forAnyAlgorithm(keys)), options);
    const problem =
      typeProblem(protectedHeader.typ) ?? claimsProblem(payload, expected) ?? scopesProblem(payload, expected);
    return problem === undefined ? { isGood: true } : { isGood: false, problem };
  } catch (error) {
    return { isGood: false, problem: problemOf(error, expected) };
  }
}

/**
 * An RSA key verifies RS256, RS512 and PS256 alike, whatever single `alg` is published with it. Which algorithm a token
 * may be signed with is the API's setting, and is checked.
 */
function forAnyAlgorithm({ keys }: JSONWebKeySet): JSONWebKeySet {
  return { keys: keys.map(({ alg: _alg, ...key }) => key) };
}

function typeProblem(typ: string | undefined): string | undefined {
  const type = typ?.toLowerCase().replace(/^application\//, "") ?? "";
  return typ === undefined || TOKEN_TYPES.includes(type) ? undefined : "the token's type is neither JWT nor at+jwt";
}

function claimsProblem(
  payload: JWTPayload,
  { audience, clientId, organization }: TokenExpectation,
): string | undefined {
  if (organization !== undefined && payload["org_id"] !== organization)
    return "the token is not bound to the requested organization";
  // A token that is good elsewhere too could be replayed there.
  if (Array.isArray(payload.aud) && payload.aud.length > 1) return `the claim aud contains more than ${audience}`;
  const issuedTo = payload["client_id"] ?? payload["azp"] ?? payload["cid"];
  return clientId === undefined || issuedTo === clientId ? undefined : "the token was issued to another client";
}

function scopesProblem(payload: JWTPayload, { scopes, furtherScopes = [] }: TokenExpectation): string | undefined {
  const got = scopesOf(payload);
  const missing = scopes.filter((name) => !got.has(name));
  const extra =
    furtherScopes === "all" ? [] : [...got].filter((name) => !scopes.includes(name) && !furtherScopes.includes(name));
  if (missing.length === 0 && extra.length === 0) return undefined;
  const problems = [
    ...(missing.length > 0 ? [`lacks the scopes ${listed(missing)}`] : []),
    ...(extra.length > 0 ? [`has scopes that were not granted: ${listed(extra)}`] : []),
  ];
  return `the token ${problems.join(" and ")}`;
}

/** RFC 8693 section 4.2: one text separated by spaces. Okta has a list named `scp`. */
function scopesOf(payload: JWTPayload): ReadonlySet<string> {
  const value = payload["scope"] ?? payload["scp"];
  if (typeof value === "string") return new Set(value.split(" ").filter((part) => part !== ""));
  return new Set(Array.isArray(value) ? value.filter((part) => typeof part === "string") : []);
}

/** Short enough for a status, however many there are. */
function listed(names: readonly string[]): string {
  const shown = [...names].sort().slice(0, MAX_SHOWN_NAMES);
  const texts = shown.map((name) => (name.length > MAX_SHOWN_LENGTH ? `${cutText(name, MAX_SHOWN_LENGTH)}…` : name));
  return names.length > MAX_SHOWN_NAMES ? `${texts.join(", ")} and others` : texts.join(", ");
}

function problemOf(error: unknown, expected: TokenExpectation): string {
  if (error instanceof errors.JWTClaimValidationFailed) {
    const wanted = { iss: expected.issuer, aud: expected.audience }[error.claim];
    return wanted === undefined
      ? `the claim ${error.claim} is not as expected`
      : `the claim ${error.claim} is not ${wanted}`;
  }
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JOSEAlgNotAllowed)
    return `the token is not signed with ${expected.algorithm ?? "a public key algorithm"}`;
  if (error instanceof errors.JWKSNoMatchingKey) return "the token's key is not among the published keys";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "the token's signature is invalid";
  return "the token is not a signed JWT";
}
