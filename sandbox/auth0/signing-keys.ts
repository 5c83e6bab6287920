import { generateKeyPairSync, randomBytes, webcrypto } from "node:crypto";
import type { JWK } from "jose";
import { managementError } from "./errors.ts";

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

const FAKE_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nnot-a-real-certificate\n-----END CERTIFICATE-----";

function shown({ kid, role, revokedAt }: SigningKey): object {
  return {
    kid,
    cert: FAKE_CERTIFICATE,
    pkcs7: FAKE_CERTIFICATE,
    current: role === "current",
    next: role === "next",
    previous: role === "previous",
    fingerprint: "not-a-real-fingerprint",
    thumbprint: "not-a-real-thumbprint",
    revoked: revokedAt !== undefined,
    ...(revokedAt === undefined ? {} : { revoked_at: revokedAt }),
  };
}

interface KeyRing {
  readonly keys: SigningKey[];
}

export const listSigningKeys = ({ keys }: KeyRing): readonly object[] => keys.map(shown);

function find({ keys }: KeyRing, kid: string): SigningKey {
  const key = keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw managementError(404, "The signing key does not exist");
  return key;
}

export const getSigningKey = (ring: KeyRing, kid: string): object => shown(find(ring, kid));

/** The next key signs from now on; the one that did so far still verifies. */
export async function rotateSigningKeys({ keys }: KeyRing): Promise<object> {
  const [current, next] = [keys.find(({ role }) => role === "current"), keys.find(({ role }) => role === "next")];
  if (current === undefined || next === undefined) throw managementError(400, "There is no key to rotate to.");
  current.role = "previous";
  next.role = "current";
  keys.push(await makeSigningKey("next"));
  return shown(next);
}

/** A revoked key leaves the key set: tokens that it signed are no longer good. */
export function revokeSigningKey(ring: KeyRing, kid: string, nowMs: number): object {
  const key = find(ring, kid);
  if (key.role === "current") throw managementError(400, "The current signing key cannot be revoked; rotate first.");
  key.revokedAt ??= new Date(nowMs).toISOString();
  return shown(key);
}
