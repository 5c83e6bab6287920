import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import type { KeyType } from "../../../ports/signing-algorithms.ts";

/** A public key in the form that providers take, with its name. */
export interface NamedPublicKey {
  /** RFC 7638 thumbprint (SHA-256, base64url), which is what `kid` is unless somebody chooses another. */
  readonly keyId: string;
  /** SubjectPublicKeyInfo. */
  readonly pem: string;
  readonly type: KeyType;
}

const MIN_BITS = 2048;

/** What is wrong with it is said in a way that can be shown: nothing of the text is quoted. */
export class UnusableKeyError extends Error {
  override readonly name = "UnusableKeyError";
}

/**
 * Reads a PEM public key (SubjectPublicKeyInfo or PKCS#1), or the public half of a private one. Throws an
 * `UnusableKeyError` for what is no key, and for a key that no provider takes.
 */
export function publicKeyOf(pem: string): NamedPublicKey {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw new UnusableKeyError("it is not a public key in PEM");
  }
  const type = typeOf(key);
  if (type === undefined)
    throw new UnusableKeyError(
      `it is neither an RSA key of at least ${String(MIN_BITS)} bits nor a key on P-256, P-384, P-521 or Ed25519`,
    );
  return { keyId: thumbprintOf(key), pem: key.export({ type: "spki", format: "pem" }).toString(), type };
}

/** OpenSSL's names of the curves. */
const CURVES: Readonly<Record<string, KeyType>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

function typeOf({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject): KeyType | undefined {
  if (type === "rsa") return (details.modulusLength ?? 0) < MIN_BITS ? undefined : "RSA";
  if (type === "ec") return CURVES[details.namedCurve ?? ""];
  return type === "ed25519" ? "Ed25519" : undefined;
}

/** RFC 7638 section 3: the required members in the order of their names (RFC 8037 section 2 for Ed25519). */
function thumbprintOf(key: KeyObject): string {
  const { crv, e, kty, n, x, y } = key.export({ format: "jwk" });
  return createHash("sha256").update(JSON.stringify({ crv, e, kty, n, x, y })).digest("base64url");
}
