import { createPublicKey } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import { attachedTo } from "./credentials.ts";
import { tokenError } from "./errors.ts";
import type { Client, Credential } from "./state.ts";
import type { Tenant } from "./tenant.ts";

const TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MAX_BYTES = 2048;
const MAX_LIFETIME_SECONDS = 300;
const SKEW_SECONDS = 10;

const failed = () => tokenError(401, "invalid_client", "Failed client authentication");

/** RFC 7523 section 3, with the vendor's limits: at most five minutes, one use, the algorithm of the registered key. */
export async function authenticateByAssertion(
  tenant: Tenant,
  parameters: Readonly<Record<string, unknown>>,
  issuer: string,
  nowMs: number,
): Promise<Client> {
  const assertion = parameters["client_assertion"];
  if (typeof assertion !== "string" || assertion.length > MAX_BYTES || parameters["client_assertion_type"] !== TYPE)
    throw failed();
  const client = clientOf(tenant, assertion);
  const payload = await verified(tenant, client, assertion, issuer, nowMs);
  checkLifetime(payload);
  useOnce(tenant, client, payload, nowMs);
  return client;
}

function clientOf({ state }: Tenant, assertion: string): Client {
  let claims: JWTPayload;
  try {
    claims = decodeJwt(assertion);
  } catch {
    throw failed();
  }
  const client = state.clients.get(claims.sub ?? "");
  if (client === undefined || claims.iss !== claims.sub) throw failed();
  return client;
}

async function verified(
  tenant: Tenant,
  client: Client,
  assertion: string,
  issuer: string,
  nowMs: number,
): Promise<JWTPayload> {
  const { alg, kid } = decodeProtectedHeader(assertion);
  for (const key of keysOf(tenant, client, nowMs)) {
    if (key.spki === undefined || key.alg !== alg || (kid !== undefined && kid !== key.kid)) continue;
    try {
      const options = {
        audience: issuer,
        algorithms: [key.alg ?? "RS256"],
        clockTolerance: SKEW_SECONDS,
        currentDate: new Date(nowMs),
      };
      return (await jwtVerify(assertion, createPublicKey(key.spki), options)).payload;
    } catch {
      // Another key may be the one.
    }
  }
  throw failed();
}

function keysOf({ state }: Tenant, client: Client, nowMs: number): readonly Credential[] {
  const attached = attachedTo(client, "private_key_jwt");
  return (state.credentials.get(client.client_id) ?? []).filter(
    ({ id, expires_at: expiry }) => attached.includes(id) && (expiry === undefined || Date.parse(expiry) > nowMs),
  );
}

function checkLifetime({ exp, iat }: JWTPayload): void {
  if (exp === undefined || (iat !== undefined && exp - iat > MAX_LIFETIME_SECONDS)) throw failed();
}

function useOnce({ state }: Tenant, client: Client, { jti, exp = 0 }: JWTPayload, nowMs: number): void {
  if (jti === undefined || jti.length > 64) throw failed();
  for (const [key, expiry] of state.usedAssertions) if (expiry < nowMs) state.usedAssertions.delete(key);
  const key = `${client.client_id} ${jti}`;
  if (state.usedAssertions.has(key)) throw failed();
  state.usedAssertions.set(key, (exp + SKEW_SECONDS) * 1000);
}
