import { importPKCS8 } from "jose";
import * as oauth from "oauth4webapi";
import { JwtVerifier } from "aws-jwt-verify";
import { fetch } from "undici";
import { expect } from "vitest";
import type { ExampleWorld } from "./harness.ts";

type Values = Readonly<Record<string, string>>;

/** What an API checks that knows the document at the Metadata URI and its own audience. */
export async function claimsOf({ trust }: Pick<ExampleWorld, "trust">, url: string, audience: string, token: string) {
  const document = await fetch(url, { dispatcher: trust });
  const { issuer, jwks_uri: jwksUri } = (await document.json()) as { issuer: string; jwks_uri: string };
  expect(url).toBe(`${issuer}/.well-known/oauth-authorization-server`);
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri });
  const keys = await fetch(jwksUri, { dispatcher: trust });
  verifier.cacheJwks((await keys.json()) as Parameters<typeof verifier.cacheJwks>[0]);
  return verifier.verify(token);
}

/** A token for a client that signs assertions, from its Secret and a private key. */
export async function tokenByKey({ trust }: ExampleWorld, secret: Values, privateKey: string): Promise<string> {
  const { client_id: id = "", issuer = "", key_id: kid, well_known_url: url = "", signing_algorithm = "" } = secret;
  const trusting = {
    [oauth.customFetch]: (url: string, init: object) =>
      fetch(url, { ...init, dispatcher: trust }) as unknown as Promise<Response>,
  };
  const server = await oauth.processDiscoveryResponse(new URL(issuer), await trusting[oauth.customFetch](url, {}));
  const client: oauth.Client = { client_id: id };
  const key = await importPKCS8(privateKey, signing_algorithm);
  const authentication = oauth.PrivateKeyJwt(kid === undefined ? key : { key, kid }, {
    [oauth.modifyAssertion]: (_header, payload) => {
      payload["aud"] = secret["client_assertion_audience"] ?? "";
    },
  });
  const parameters = { scope: secret["scopes"] ?? "" };
  const response = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, trusting);
  return (await oauth.processClientCredentialsResponse(server, client, response)).access_token;
}
