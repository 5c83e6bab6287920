import { randomBytes } from "node:crypto";
import { jwtVerify, importJWK, type JWTPayload, SignJWT } from "jose";
import type { SigningKey } from "../signing-key.ts";

export interface AccessTokenContent {
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Claims of the authorization server's own; of those that every token has they replace `sub` alone. */
  readonly custom?: Readonly<Record<string, unknown>>;
  /** RFC 7638 thumbprint of the key that must be proven with the token. */
  readonly thumbprint: string | undefined;
  /** Seconds. */
  readonly lifetime: number;
  /** Unix seconds. */
  readonly now: number;
}

export async function signAccessToken(key: SigningKey, content: AccessTokenContent): Promise<string> {
  const { issuer, audience, clientId, scopes, custom, thumbprint, lifetime, now } = content;
  const binding = thumbprint === undefined ? {} : { cnf: { jkt: thumbprint } };
  const own = { ver: 1, jti: `AT.${randomBytes(32).toString("base64url")}`, cid: clientId, scp: scopes, ...binding };
  return new SignJWT({ sub: clientId, ...custom, ...own })
    .setProtectedHeader({ kid: key.kid, alg: "RS256" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(now)
    .setExpirationTime(now + lifetime)
    .sign(key.privateKey);
}

/** The claims of a token that one of the keys signed and that has not expired. */
export async function verifiedClaims(
  keys: readonly SigningKey[],
  token: string,
  nowMs: number,
): Promise<JWTPayload | undefined> {
  try {
    const keyOf = ({ kid }: { kid?: string | undefined }) => {
      const key = keys.find((candidate) => candidate.kid === kid);
      if (key === undefined) throw new Error("unknown key");
      return importJWK(key.publicJwk, "RS256");
    };
    return (await jwtVerify(token, keyOf, { currentDate: new Date(nowMs), algorithms: ["RS256"] })).payload;
  } catch {
    return undefined;
  }
}
