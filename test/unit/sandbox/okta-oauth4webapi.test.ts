import * as oauth from "oauth4webapi";
import { fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { granted, type Granted, type OpenOrg, openOrg, serviceApp } from "./okta-org.ts";

let org: OpenOrg;
let grant: Granted;
let options: { [oauth.customFetch]: (url: string, init: object) => Promise<Response> };
beforeAll(async () => {
  org = await openOrg();
  grant = await granted(org, [{ name: "read", default: true }]);
  options = {
    [oauth.customFetch]: async (url, init) => {
      const answer = await fetch(url, { ...init, dispatcher: org.dispatcher });
      return answer;
    },
  };
});
afterAll(() => org.close());

async function tokenBy(authentication: oauth.ClientAuth): Promise<oauth.TokenEndpointResponse> {
  const issuer = new URL(`${org.sandbox.okta.url}/oauth2/${grant.server}`);
  const found = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...options } as never);
  const server = await oauth.processDiscoveryResponse(issuer, found);
  const client = { client_id: grant.clientId };
  const answer = await oauth.clientCredentialsGrantRequest(
    ...([
      server,
      client,
      authentication,
      new URLSearchParams({ scope: "read" }),
      options,
    ] as const as never as Parameters<typeof oauth.clientCredentialsGrantRequest>),
  );
  return oauth.processClientCredentialsResponse(server, client, answer);
}

const change = (oauthClient: object, settings: object = {}) =>
  org.call("PUT", `/api/v1/apps/${grant.app}`, serviceApp("worker", oauthClient, settings));

it("a client of another maker discovers the server and gets a token by each method", async () => {
  expect(await tokenBy(oauth.ClientSecretBasic(grant.secret))).toMatchObject({ scope: "read", expires_in: 3600 });

  await change({ token_endpoint_auth_method: "client_secret_post" });
  expect(await tokenBy(oauth.ClientSecretPost(grant.secret))).toMatchObject({ scope: "read" });

  const { privateKey, publicKey } = await oauth.generateKeyPair("ES256", { extractable: true });
  const jwk = { ...(await crypto.subtle.exportKey("jwk", publicKey)), kid: "one" };
  await change({ token_endpoint_auth_method: "private_key_jwt" }, { jwks: { keys: [jwk] } });
  const toTheEndpoint = {
    // Okta: the audience is the endpoint that is asked, not the issuer.
    [oauth.modifyAssertion]: (_header: unknown, payload: Record<string, unknown>) => {
      payload["aud"] = org.sandbox.okta.url + grant.token;
    },
  };
  const byKey = oauth.PrivateKeyJwt({ key: privateKey, kid: "one" }, toTheEndpoint);
  expect(await tokenBy(byKey)).toMatchObject({ scope: "read" });
  await expect(tokenBy(oauth.PrivateKeyJwt({ key: privateKey, kid: "one" }))).rejects.toMatchObject({
    error: "invalid_client",
  });
  await expect(tokenBy(oauth.ClientSecretBasic(grant.secret))).rejects.toMatchObject({ error: "invalid_client" });
});
