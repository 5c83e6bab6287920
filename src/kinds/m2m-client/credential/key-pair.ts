import { generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { publicKeyOf } from "./public-key.ts";

/** A fresh key pair for client assertions. */
export interface KeyPair {
  /** PKCS#8 PEM. */
  readonly privateKey: string;
  /** RFC 7638 thumbprint of the public half. */
  readonly keyId: string;
}

const MODULUS_BITS = 2048;

/** RSA, which every provider and every algorithm that is offered takes. */
export async function makeKeyPair(): Promise<KeyPair> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: MODULUS_BITS,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return { privateKey, keyId: publicKeyOf(privateKey).keyId };
}
