import { generateKeyPairSync, randomBytes, webcrypto } from "node:crypto";
import type { JWK } from "jose";

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: webcrypto.CryptoKey;
  readonly publicJwk: JWK;
  role: "current" | "next" | "previous";
  revokedAt?: string;
}

/** A key takes a moment to make, and a tenant needs two. */
export async function makeSigningKey(role: SigningKey["role"]): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = privateKey.export({ format: "jwk" });
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const kid = randomBytes(16).toString("base64url").slice(0, 21);
  const imported = await webcrypto.subtle.importKey("jwk", jwk, algorithm, true, ["sign"]);
  return {
    kid,
    privateKey: imported,
    publicJwk: { kty: "RSA", n: jwk.n ?? "", e: jwk.e ?? "", kid, use: "sig", alg: "RS256" },
    role,
  };
}
