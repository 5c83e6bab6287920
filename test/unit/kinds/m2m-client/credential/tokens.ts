import { exportJWK, generateKeyPair, importJWK, type JSONWebKeySet, type JWTPayload, SignJWT } from "jose";

export const NOW = new Date("2026-01-02T03:04:05Z");
const NOW_SECONDS = NOW.getTime() / 1000;

export const GOOD: JWTPayload = {
  iss: "https://acme.eu.auth0.example/",
  aud: "https://api.example/timesheets",
  iat: NOW_SECONDS,
  exp: NOW_SECONDS + 3600,
  scope: "read:all batch:upload",
  azp: "client-1",
};

const pair = await generateKeyPair("RS256", { extractable: true });
const strangers = await generateKeyPair("RS256");

export const KEYS: JSONWebKeySet = {
  keys: [{ ...(await exportJWK(pair.publicKey)), kid: "k1", use: "sig", alg: "RS256" }],
};

interface Variant {
  /** `undefined` takes a claim away. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Signed by a key that is not published. */
  readonly isForged?: boolean;
}

/** A token that is good, apart from what is named. */
export function token({ claims = {}, header = {}, isForged = false }: Variant = {}): Promise<string> {
  return new SignJWT({ ...GOOD, ...claims })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: "k1", ...header })
    .sign(isForged ? strangers.privateKey : pair.privateKey);
}

/** By the same RSA key with another algorithm than the one that is published with it, as tenants do. */
export async function tokenSignedWith(alg: "PS256" | "RS512"): Promise<string> {
  const jwk = await exportJWK(pair.privateKey);
  const key = await importJWK({ ...jwk, alg }, alg);
  return new SignJWT(GOOD).setProtectedHeader({ alg, typ: "JWT", kid: "k1" }).sign(key);
}

/** By a key of its own, and the key set that has its public half. */
export async function tokenOfKeyFor(alg: string): Promise<{ readonly signed: string; readonly keys: JSONWebKeySet }> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const signed = await new SignJWT(GOOD).setProtectedHeader({ alg, typ: "JWT", kid: "k2" }).sign(privateKey);
  return { signed, keys: { keys: [{ ...(await exportJWK(publicKey)), kid: "k2", use: "sig", alg }] } };
}

/** Signed with a shared secret: what an attacker makes of a public key. */
export function symmetricToken(): Promise<string> {
  const secret = new TextEncoder().encode(JSON.stringify(KEYS.keys[0]));
  return new SignJWT(GOOD).setProtectedHeader({ alg: "HS256", typ: "JWT", kid: "k1" }).sign(secret);
}

export function unsignedToken(): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none", typ: "JWT" })}.${part(GOOD)}.`;
}
