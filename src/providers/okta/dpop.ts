import { createHash, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Clock } from "../../ports/clock.ts";

const ALGORITHM = "ES256";

/** What one proof is for (RFC 9449 section 4.2). */
export interface ProofRequest {
  readonly method: string;
  readonly url: string;
  readonly nonce?: string;
  readonly accessToken?: string;
}

export interface Proofs {
  sign(request: ProofRequest): Promise<string>;
}

/** Proofs by one key that lives as long as the process and never leaves it. */
export async function createProofs(clock: Clock): Promise<Proofs> {
  const { privateKey, publicKey } = await generateKeyPair(ALGORITHM);
  const jwk = await exportJWK(publicKey);
  return {
    sign: ({ method, url, nonce, accessToken }) =>
      new SignJWT({
        htm: method,
        htu: withoutQuery(url),
        jti: randomUUID(),
        ...(nonce === undefined ? {} : { nonce }),
        ...(accessToken === undefined ? {} : { ath: createHash("sha256").update(accessToken).digest("base64url") }),
      })
        .setProtectedHeader({ alg: ALGORITHM, typ: "dpop+jwt", jwk })
        .setIssuedAt(Math.floor(clock.now().getTime() / 1000))
        .sign(privateKey),
  };
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
