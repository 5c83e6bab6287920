import { createHash } from "node:crypto";
import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK, type JWK, type JWTPayload } from "jose";
import { isFirstUse } from "./exchange.ts";
import { type Reason, refusal } from "./oauth-errors.ts";
import type { Org } from "./org.ts";
import { activeClient, type Presented } from "./presented.ts";
import type { App } from "./state.ts";
import { isAccepted } from "./visibility.ts";

const TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MAX_AHEAD_SECONDS = 3600;
const LEEWAY_SECONDS = 5;

/** RFC 7523 section 3: signed by a key of the app, or with its secret, and good for one use. */
export async function byAssertion(
  org: Org,
  { form, endpoint }: Presented,
  assertion: string,
  nowMs: number,
): Promise<App> {
  if (form["client_assertion_type"] !== TYPE) throw refusal("client_assertion_type_invalid");
  const claims = claimsOf(assertion);
  const app = activeClient(org, claims.iss ?? "");
  if (app === undefined) throw refusal("client_assertion_invalid_issuer");
  if (claims.sub !== claims.iss) throw refusal("client_assertion_invalid_subject");
  const wrong = whatIsWrong(claims, endpoint, Math.floor(nowMs / 1000));
  if (wrong !== undefined) throw refusal(wrong);
  await checkSignature(org, app, assertion, nowMs);
  const digest = createHash("sha256").update(assertion).digest("hex");
  const use = claims.jti === undefined ? digest : `${app.clientId} ${claims.jti}`;
  if (!isFirstUse(org, `assertion ${use}`, (claims.exp ?? 0) * 1000, nowMs))
    throw refusal("client_assertion_already_used");
  return app;
}

function claimsOf(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw refusal("client_assertion_invalid_jwt");
  }
}

function whatIsWrong({ aud, exp, iat }: JWTPayload, endpoint: string, now: number): Reason | undefined {
  const audiences = Array.isArray(aud) ? aud : [aud ?? ""];
  if (!audiences.includes(endpoint)) return "client_assertion_invalid_audience";
  if (exp === undefined) return "client_assertion_expiration_required";
  if (exp <= now) return "client_assertion_expired_token";
  if (exp - now > MAX_AHEAD_SECONDS) return "client_assertion_expires_too_far_in_future";
  if (iat !== undefined && iat > now + LEEWAY_SECONDS) return "client_assertion_issued_at_in_future";
  return undefined;
}

async function checkSignature(org: Org, app: App, assertion: string, nowMs: number): Promise<void> {
  const { alg = "", kid } = decodeProtectedHeader(assertion);
  const keys = app.authMethod === "client_secret_jwt" ? secretsFor(org, app, alg, nowMs) : keysFor(app, alg, kid);
  for (const key of keys) {
    try {
      await compactVerify(assertion, key instanceof Uint8Array ? key : await importJWK(key, alg));
      return;
    } catch {
      // Another key, or another secret, may be the one.
    }
  }
  throw refusal("client_assertion_invalid_signature");
}

function secretsFor(org: Org, app: App, alg: string, nowMs: number): readonly Uint8Array[] {
  if (!/^HS(256|384|512)$/.test(alg)) throw refusal("client_assertion_invalid_signature_algorithm");
  const accepted = app.secrets.filter((secret) => isAccepted(org, secret, nowMs));
  return accepted.map((secret) => new TextEncoder().encode(secret.client_secret));
}

function keysFor(app: App, alg: string, kid: string | undefined): readonly JWK[] {
  if (app.authMethod !== "private_key_jwt") throw refusal("invalid_token_endpoint_auth_method");
  if (app.keys.length === 0) {
    const { jwks_uri: uri } = app.settings["oauthClient"] as { readonly jwks_uri?: unknown };
    // Nothing is fetched from here.
    throw refusal(typeof uri === "string" ? "jwks_uri_error" : "client_assertion_jwks_not_configured");
  }
  if (!/^(RS|ES)(256|384|512)$/.test(alg)) throw refusal("client_assertion_invalid_signature_algorithm");
  const candidates = app.keys.filter((key) => key.status === "ACTIVE" && (kid === undefined || key.kid === kid));
  if (candidates.length === 0) throw refusal("client_assertion_invalid_kid");
  const type = alg.startsWith("RS") ? "RSA" : "EC";
  return candidates.filter((key) => key["kty"] === type).map(({ alg: _alg, use: _use, ...key }) => key as JWK);
}
