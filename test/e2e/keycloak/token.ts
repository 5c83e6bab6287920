import { randomUUID } from "node:crypto";
import { createRemoteJWKSet, customFetch, importPKCS8, jwtVerify, type JWTVerifyResult, SignJWT } from "jose";
import { Agent, fetch } from "undici";

type SecretData = Readonly<Record<string, string>>;

/** Requests a token as a workload does that has nothing but its Secret. Returns the endpoint's answer. */
export async function requestToken(secret: SecretData, caPem: string, scope = secret["scopes"]): Promise<TokenAnswer> {
  const basic = Buffer.from(`${secret["client_id"] ?? ""}:${secret["client_secret"] ?? ""}`).toString("base64");
  return ask(secret, caPem, { authorization: `Basic ${basic}` }, scope === undefined ? {} : { scope });
}

/** The same with an assertion (RFC 7523) that the key of the Secret signs. */
export async function requestTokenByKey(secret: SecretData, caPem: string): Promise<TokenAnswer> {
  const { client_id = "", key_id: kid, private_key = "", scopes = "", signing_algorithm: alg = "" } = secret;
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .setIssuer(client_id)
    .setSubject(client_id)
    .setAudience(secret["client_assertion_audience"] ?? "")
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime("50s")
    .sign(await importPKCS8(private_key, alg));
  const client_assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
  return ask(secret, caPem, {}, { scope: scopes, client_assertion_type, client_assertion: assertion });
}

async function ask(
  secret: SecretData,
  caPem: string,
  headers: Readonly<Record<string, string>>,
  parameters: Readonly<Record<string, string>>,
): Promise<TokenAnswer> {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  try {
    const body = new URLSearchParams({ grant_type: "client_credentials", ...parameters });
    const answer = await fetch(secret["token_endpoint"] ?? "", { method: "POST", dispatcher, headers, body });
    return { status: answer.status, ...((await answer.json()) as object) };
  } finally {
    await dispatcher.close();
  }
}

/** The metadata document (RFC 8414) at its address. */
export async function metadataAt(url: string, caPem: string): Promise<{ readonly token_endpoint: string }> {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  try {
    return (await (await fetch(url, { dispatcher })).json()) as { token_endpoint: string };
  } finally {
    await dispatcher.close();
  }
}

export interface TokenAnswer {
  readonly status: number;
  readonly access_token?: string;
  readonly scope?: string;
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
