import { createRemoteJWKSet, customFetch, jwtVerify, type JWTVerifyResult } from "jose";
import { Agent, fetch } from "undici";

type SecretData = Readonly<Record<string, string>>;

/** Requests a token as a workload does that has nothing but its Secret. Returns the endpoint's answer. */
export async function requestToken(secret: SecretData, caPem: string, scope = secret["scopes"]): Promise<TokenAnswer> {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  try {
    const basic = Buffer.from(`${secret["client_id"] ?? ""}:${secret["client_secret"] ?? ""}`).toString("base64");
    const answer = await fetch(secret["token_endpoint"] ?? "", {
      method: "POST",
      dispatcher,
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ grant_type: "client_credentials", ...(scope === undefined ? {} : { scope }) }),
    });
    return { status: answer.status, ...((await answer.json()) as object) };
  } finally {
    await dispatcher.close();
  }
}

export interface TokenAnswer {
  readonly status: number;
  readonly access_token?: string;
  readonly expires_in?: number;
}

/** Checks the token as the API does that has nothing but the same Secret. */
export async function verifyToken(secret: SecretData, caPem: string, token = ""): Promise<JWTVerifyResult> {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  const keys = createRemoteJWKSet(new URL(secret["jwks_uri"] ?? ""), {
    [customFetch]: ((url: string, init: object) =>
      fetch(url, { ...init, dispatcher })) as unknown as typeof globalThis.fetch,
  });
  try {
    return await jwtVerify(token, keys, { issuer: secret["issuer"] ?? "", audience: secret["audience"] ?? "" });
  } finally {
    await dispatcher.close();
  }
}
