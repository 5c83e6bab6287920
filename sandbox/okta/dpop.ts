import { createHash, randomBytes } from "node:crypto";
import { calculateJwkThumbprint, compactVerify, decodeJwt, decodeProtectedHeader, importJWK, type JWK } from "jose";
import { isFirstUse, type OktaIncoming, seenUrl } from "./exchange.ts";
import { type Reason, refusal } from "./oauth-errors.ts";
import type { Org } from "./org.ts";

/** Algorithms of DPoP proofs, RFC 9449 section 5.1. */
export const DPOP_ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

const MAX_AGE_SECONDS = 300;
const LEEWAY_SECONDS = 5;
const HOUR_MS = 3_600_000;
const NONCE_RENEWED_MS = 24 * HOUR_MS;
const NONCE_ACCEPTED_MS = 72 * HOUR_MS;

export interface Proof {
  /** RFC 7638 thumbprint of the key that signed. */
  readonly thumbprint: string;
  readonly nonce: unknown;
  readonly ath: unknown;
}

/** The proof that came with a request, RFC 9449 section 4.3; without the nonce and the token, which callers judge. */
export async function proofOf(org: Org, incoming: OktaIncoming): Promise<Proof> {
  const { dpop, nowMs } = incoming;
  if (dpop === undefined) throw refusal("invalid_dpop_proof_missing_header");
  if (dpop.includes(",")) throw refusal("invalid_dpop_proof_multiple_headers_not_allowed");
  const { header, claims } = parts(dpop);
  const { jwk, alg = "", typ } = header;
  if (typ !== "dpop+jwt") throw refusal("invalid_dpop_proof_invalid_type");
  if (!DPOP_ALGORITHMS.includes(alg)) throw refusal("invalid_dpop_proof_invalid_signature_algorithm");
  if (jwk === undefined || "d" in jwk) throw refusal("invalid_dpop_proof");
  try {
    await compactVerify(dpop, await importJWK(jwk as JWK, alg));
  } catch {
    throw refusal("invalid_dpop_proof_invalid_signature");
  }
  const wrong = whatIsWrong(org, incoming, claims);
  if (wrong !== undefined) throw refusal(wrong);
  const thumbprint = await calculateJwkThumbprint(jwk);
  const expires = nowMs + (MAX_AGE_SECONDS + LEEWAY_SECONDS) * 1000;
  if (!isFirstUse(org, `proof ${thumbprint} ${String(claims["jti"])}`, expires, nowMs))
    throw refusal("dpop_proof_already_used");
  return { thumbprint, nonce: claims["nonce"], ath: claims["ath"] };
}

function parts(proof: string): {
  readonly header: ReturnType<typeof decodeProtectedHeader>;
  readonly claims: Readonly<Record<string, unknown>>;
} {
  try {
    return { header: decodeProtectedHeader(proof), claims: decodeJwt(proof) };
  } catch {
    throw refusal("invalid_dpop_proof_invalid_jwt");
  }
}

/** The URL is compared whole: it has no query, and a doubled slash is another path. */
function whatIsWrong(org: Org, incoming: OktaIncoming, claims: Readonly<Record<string, unknown>>): Reason | undefined {
  const { iat, exp, jti, htm, htu } = claims;
  const now = Math.floor(incoming.nowMs / 1000);
  if (htm !== incoming.method) return "invalid_dpop_proof_invalid_htm";
  if (htu !== seenUrl(org, incoming.host) + incoming.path) return "invalid_dpop_proof_invalid_htu";
  if (typeof iat !== "number") return "invalid_dpop_proof_invalid_iat";
  if (iat > now + LEEWAY_SECONDS) return "invalid_dpop_proof_jwt_issued_in_future";
  if (iat < now - MAX_AGE_SECONDS) return "invalid_dpop_proof_jwt_too_old";
  if (typeof exp === "number" && exp <= now) return "invalid_dpop_proof_jwt_expired";
  if (typeof jti !== "string" || jti === "") return "invalid_dpop_proof_invalid_jti";
  return undefined;
}

/** Thumbprint of the key to which a new token is bound: to one whenever a proof is sent, and always when it must be. */
export async function bindingOf(org: Org, incoming: OktaIncoming, isRequired: boolean): Promise<string | undefined> {
  if (incoming.dpop === undefined && !isRequired) return undefined;
  const { nonce, thumbprint } = await proofOf(org, incoming);
  const newest = currentNonce(org, incoming.nowMs);
  if (typeof nonce !== "string" || !org.state.nonces.has(nonce))
    throw refusal("use_dpop_nonce", [], { "dpop-nonce": newest });
  return thumbprint;
}

/** Nonces are not of one caller and not for one use: the newest is given out for a day. */
function currentNonce({ state: { nonces } }: Org, nowMs: number): string {
  for (const [nonce, madeAt] of nonces) if (madeAt + NONCE_ACCEPTED_MS < nowMs) nonces.delete(nonce);
  const [newest, madeAt] = [...nonces].at(-1) ?? ["", Number.NEGATIVE_INFINITY];
  if (madeAt + NONCE_RENEWED_MS > nowMs) return newest;
  const made = randomBytes(24).toString("base64url");
  nonces.set(made, nowMs);
  return made;
}

/** RFC 9449 section 4.2, `ath`. */
export const hashOf = (token: string): string => createHash("sha256").update(token).digest("base64url");
