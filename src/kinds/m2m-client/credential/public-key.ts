import { createHash, createPublicKey, type KeyObject } from "node:crypto";

/** A public key in the form that providers take, with its name. */
export interface NamedPublicKey {
  /** RFC 7638 thumbprint (SHA-256, base64url), which is what `kid` is unless somebody chooses another. */
  readonly keyId: string;
  /** SubjectPublicKeyInfo. */
  readonly pem: string;
}

const MIN_BITS = 2048;

/** What is wrong with it is said in a way that can be shown: nothing of the text is quoted. */
export class UnusableKeyError extends Error {
  override readonly name = "UnusableKeyError";
}

/** Reads a PEM public key (SubjectPublicKeyInfo or PKCS#1), or the public half of a private one. */
export function publicKeyOf(pem: string): NamedPublicKey {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw new UnusableKeyError("it is not a public key in PEM");
  }
  const { e, kty, n } = key.export({ format: "jwk" });
  if (key.asymmetricKeyType !== "rsa" || (key.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_BITS)
    throw new UnusableKeyError(`it is not an RSA key of at least ${String(MIN_BITS)} bits`);
  // RFC 7638 section 3: the required members in the order of their names.
  const keyId = createHash("sha256").update(JSON.stringify({ e, kty, n })).digest("base64url");
  return { keyId, pem: key.export({ type: "spki", format: "pem" }).toString() };
}
