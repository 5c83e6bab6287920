import { createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify } from "jose";
import { Agent, fetch } from "undici";

export interface TokenReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Asks as a workload would, with nothing but its Secret; no scope, or those given. */
export async function askToken(
  secret: Readonly<Record<string, string>>,
  caPem: string,
  scope?: string,
): Promise<TokenReply> {
  const { client_id: id = "", client_secret: value = "", token_endpoint: url = "" } = secret;
  const method = secret["token_endpoint_auth_method"];
  const inBody = method === "client_secret_post" ? { client_id: id, client_secret: value } : {};
  const basic = { authorization: `Basic ${Buffer.from(`${id}:${value}`).toString("base64")}` };
  const dispatcher = new Agent({ connect: { ca: caPem } });
  try {
    const answer = await fetch(url, {
      method: "POST",
      dispatcher,
      body: new URLSearchParams({
        grant_type: "client_credentials",
        ...(scope === undefined ? {} : { scope }),
        ...inBody,
      }),
      ...(method === "client_secret_post" ? {} : { headers: basic }),
    });
    return { status: answer.status, body: (await answer.json()) as TokenReply["body"] };
  } finally {
    await dispatcher.close();
  }
}

/** The claims of a token that the keys at `jwks_uri` verify. */
export async function verified(
  token: unknown,
  { jwks_uri: jwksUri = "", issuer = "", audience = "" }: Readonly<Record<string, string>>,
  caPem: string,
): Promise<JWTPayload> {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  const keys = createRemoteJWKSet(new URL(jwksUri), {
    [customFetch]: ((url: string, init: object) =>
      fetch(url, { ...init, dispatcher })) as unknown as typeof globalThis.fetch,
  });
  try {
    return (await jwtVerify(String(token), keys, { issuer, audience })).payload;
  } finally {
    await dispatcher.close();
  }
}
