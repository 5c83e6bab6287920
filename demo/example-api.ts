import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify } from "jose";
import type { Agent } from "undici";
import { fetch } from "undici";
import { mintCertificate } from "../sandbox/certificates.ts";

export interface ExampleApi {
  readonly url: string;
  readonly caPem: string;
  close(): Promise<void>;
}

/** What the API's own team would write: it knows nothing but the ConfigMap, and asks for one scope per path. */
export async function startExampleApi(
  config: { readonly issuer: string; readonly audience: string; readonly jwks_uri: string },
  dispatcher: Agent,
): Promise<ExampleApi> {
  const keys = createRemoteJWKSet(new URL(config.jwks_uri), {
    [customFetch]: ((url: string, init: object) =>
      fetch(url, { ...init, dispatcher })) as unknown as typeof globalThis.fetch,
  });
  const certificate = await mintCertificate(["localhost"]);
  const server = createServer({ key: certificate.keyPem, cert: certificate.certificatePem }, (request, response) => {
    const token = (request.headers.authorization ?? "").replace(/^Bearer /i, "");
    const needed = request.url === "/approve" ? "approve:timesheets" : "batch:upload";
    jwtVerify(token, keys, { issuer: config.issuer, audience: config.audience })
      .then(({ payload }) => {
        const isAllowed = scopesOf(payload).includes(needed);
        response.writeHead(isAllowed ? 200 : 403).end(isAllowed ? "uploaded" : `insufficient_scope: ${needed}`);
      })
      .catch(() => {
        response.writeHead(401).end("invalid_token");
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://localhost:${String((server.address() as AddressInfo).port)}`,
    caPem: certificate.caPem,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Auth0 writes them as RFC 9068 says, Okta as a list of its own. */
function scopesOf({ scope, scp }: JWTPayload): readonly unknown[] {
  if (Array.isArray(scp)) return scp;
  return typeof scope === "string" ? scope.split(" ") : [];
}
