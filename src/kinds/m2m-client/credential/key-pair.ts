import { generateKeyPair, type KeyPairKeyObjectResult } from "node:crypto";
import { promisify } from "node:util";
import { type KeyType, keyTypeFor } from "../../../ports/signing-algorithms.ts";
import { publicKeyOf } from "./public-key.ts";

/** A fresh key pair for client assertions. */
export interface KeyPair {
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  /** RFC 7638 thumbprint of the public half. */
  readonly keyId: string;
}

const MODULUS_BITS = 2048;

const generate = promisify(generateKeyPair);

/** A key pair that signs with this JWS algorithm. Rejects with a RangeError where no key can. */
export async function makeKeyPair(algorithm: string): Promise<KeyPair> {
  const { privateKey } = await generated(keyTypeFor(algorithm));
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { privateKey: pem, keyId: publicKeyOf(pem).keyId };
}

function generated(type: KeyType): Promise<KeyPairKeyObjectResult> {
  if (type === "RSA") return generate("rsa", { modulusLength: MODULUS_BITS });
  return type === "Ed25519" ? generate("ed25519") : generate("ec", { namedCurve: type });
}
