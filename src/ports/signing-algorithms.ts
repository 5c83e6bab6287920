/** What signs client assertions: an RSA key, or a key on a curve, by the curve's name (RFC 7518, RFC 8037). */
export type KeyType = "RSA" | "P-256" | "P-384" | "P-521" | "Ed25519";

/** JWS algorithms of each type of key (RFC 7518 section 3.1, RFC 8037 section 3.1), the usual one first. */
const ALGORITHMS: Readonly<Record<KeyType, readonly [string, ...string[]]>> = {
  RSA: ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  "P-256": ["ES256"],
  "P-384": ["ES384"],
  "P-521": ["ES512"],
  Ed25519: ["EdDSA"],
};

/** The type of key that signs with this JWS algorithm. Throws a RangeError where none does. */
export function keyTypeFor(algorithm: string): KeyType {
  const types = Object.keys(ALGORITHMS) as readonly KeyType[];
  const type = types.find((candidate) => ALGORITHMS[candidate].includes(algorithm));
  if (type === undefined) throw new RangeError("no key signs assertions with this algorithm");
  return type;
}

/** The preferred JWS algorithm where a key of this type can sign with it, else the usual one of the type. */
export function algorithmFor(type: KeyType, preferred: string): string {
  const algorithms = ALGORITHMS[type];
  return algorithms.includes(preferred) ? preferred : algorithms[0];
}

/** For sentences about a key of this type. */
export function nameOfKeyType(type: KeyType): string {
  return type === "RSA" ? "an RSA key" : `a key on the curve ${type}`;
}
