import { createPrivateKey } from "node:crypto";

const BY_CURVE: Readonly<Record<string, string>> = { prime256v1: "ES256", secp384r1: "ES384", secp521r1: "ES512" };

/** JWS algorithm (RFC 7518) for a key in PEM. Throws when it cannot be read or Okta takes none of its kind. */
export function algorithmOfKey(pem: string): string {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPrivateKey(pem);
  if (type === "rsa") return "RS256";
  const algorithm = BY_CURVE[details?.namedCurve ?? ""];
  if (algorithm === undefined) throw new Error("neither an RSA key nor one on a NIST curve");
  return algorithm;
}
