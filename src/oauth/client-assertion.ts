import { createPrivateKey, randomUUID } from "node:crypto";
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

/** Characters of PEM; an RSA key of 8192 bits has 6400. */
const MAX_PEM_LENGTH = 16_384;
/** The work grows with the third power: with 32768 bits one signature takes half a minute of one of few threads. */
const MAX_RSA_BITS = 8192;

/** Throws for a key so large that it would block everything else that signs or resolves names. */
function assertQuick(pem: string): void {
  if (pem.length > MAX_PEM_LENGTH) throw new RangeError("the private key is too long");
  const { modulusLength = 0 } = createPrivateKey(pem).asymmetricKeyDetails ?? {};
  if (modulusLength > MAX_RSA_BITS) throw new RangeError("the private key has too many bits");
}

/**
 * RFC 7523 section 3: proves the client's identity to the token endpoint, once. Throws when the key cannot be read, is no
 * key for the algorithm, or is an RSA key of more than 8192 bits.
 */
export async function signAssertion(clientId: string, key: AssertionKey, audience: string, now: Date): Promise<string> {
  assertQuick(key.privateKey);
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
