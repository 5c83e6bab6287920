import { randomUUID } from "node:crypto";
import { importPKCS8, SignJWT } from "jose";

export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** Well below the five minutes that Auth0 takes at most. */
const LIFETIME_SECONDS = 60;

export interface AssertionKey {
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  readonly keyId: string | undefined;
  readonly algorithm: string;
}

/** RFC 7523 section 3: proves the client's identity to the token endpoint, once. */
export async function signAssertion(clientId: string, key: AssertionKey, audience: string, now: Date): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  const { algorithm: alg, keyId } = key;
  return new SignJWT({ jti: randomUUID() })
    .setProtectedHeader({ alg, ...(keyId === undefined ? {} : { kid: keyId }) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + LIFETIME_SECONDS)
    .sign(await importPKCS8(key.privateKey, alg));
}
