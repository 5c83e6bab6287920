import type { webcrypto } from "node:crypto";
import { type JWK, jwtVerify } from "jose";
import { type Auth0Error, managementError } from "./errors.ts";
import type { Tenant } from "./tenant.ts";

export interface Bearer {
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
}

/** The token of a Management call: ours, for this API, not expired. */
export async function bearerOf(tenant: Tenant, authorization: string | undefined, nowMs: number): Promise<Bearer> {
  const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) throw managementError(401, "Missing authentication");
  let payload: Record<string, unknown>;
  try {
    const audience = `https://${tenant.domain}/api/v2/`;
    const keyOf = ({ kid }: { kid?: string | undefined }) => {
      const key = tenant.keys.find((candidate) => candidate.kid === kid && candidate.revokedAt === undefined);
      if (key === undefined) throw new Error("unknown key");
      return publicKeyOf(key.publicJwk);
    };
    ({ payload } = await jwtVerify(token, keyOf, { audience, currentDate: new Date(nowMs) }));
  } catch (error) {
    throw badToken(error instanceof Error ? error.name : "");
  }
  if (Number(payload["iat"]) * 1000 < tenant.revokedBefore) throw managementError(401, "Invalid token");
  const scope = typeof payload["scope"] === "string" ? payload["scope"] : "";
  return { clientId: String(payload["azp"] ?? payload["client_id"]), scopes: new Set(scope.split(" ")) };
}

function badToken(name: string): Auth0Error {
  if (name === "JWTExpired") {
    const message = "Expired token received for JSON Web Token validation";
    return managementError(401, message, undefined, {}, { attributes: { error: message } });
  }
  const isForged = name === "JWSSignatureVerificationFailed";
  return managementError(401, isForged ? "Invalid signature received for JSON Web Token validation" : "Invalid token");
}

const publicKeys = new Map<string, Promise<webcrypto.CryptoKey>>();

function publicKeyOf(jwk: JWK): Promise<webcrypto.CryptoKey> {
  const kid = jwk.kid ?? "";
  const known = publicKeys.get(kid);
  if (known !== undefined) return known;
  const imported = crypto.subtle.importKey("jwk", jwk, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, [
    "verify",
  ]);
  publicKeys.set(kid, imported);
  return imported;
}
