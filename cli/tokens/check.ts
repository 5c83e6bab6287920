import { decodeJwt, decodeProtectedHeader, type JSONWebKeySet } from "jose";
import { verifyToken } from "../../src/kinds/m2m-client/credential/verify-token.ts";
import type { PublishedApi } from "./published.ts";

/** What a token says, without its signature. */
export interface TokenContent {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Whether a careful resource server would accept the token. */
export interface Verdict {
  readonly result: "Valid" | "Invalid" | "NotChecked";
  readonly message: string;
}

export interface CheckRequest {
  readonly token: string;
  /** What `contentOf` said of it. */
  readonly content: TokenContent | undefined;
  readonly api: PublishedApi;
  readonly clientId: string;
  readonly organization?: string | undefined;
  /** JWS algorithm that the API is set to, where it is known. */
  readonly algorithm?: string | undefined;
  readonly now: Date;
  readonly fetchKeys: () => Promise<JSONWebKeySet>;
}

/** `undefined` for a token that is opaque or encrypted. */
export function contentOf(token: string): TokenContent | undefined {
  try {
    const header = decodeProtectedHeader(token);
    return { header: { ...header }, claims: decodeJwt(token) };
  } catch {
    return undefined;
  }
}

/** Checks signature, issuer, audience, scopes and client against the published keys. */
export async function checkToken(request: CheckRequest): Promise<Verdict> {
  const { token, content, api, clientId, organization, algorithm, now } = request;
  if (content === undefined) return notChecked("The token is opaque or encrypted.");
  if (algorithm?.startsWith("HS") === true)
    return notChecked("The API's tokens are signed with a shared secret (HS256).");
  const { issuer, audience, scopes } = api;
  // The client may hold further scopes at the tenant that no ScopeGrant requests.
  const expected = { issuer, audience, scopes, furtherScopes: "all", algorithm, clientId, organization } as const;
  const verdict = await verifyToken(token, expected, await request.fetchKeys(), now);
  return verdict.isGood
    ? { result: "Valid", message: "Signature, issuer, audience, scopes and client are correct." }
    : { result: "Invalid", message: `${verdict.problem.charAt(0).toUpperCase()}${verdict.problem.slice(1)}.` };
}

const notChecked = (why: string): Verdict => ({ result: "NotChecked", message: why });
