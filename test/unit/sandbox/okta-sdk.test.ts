import okta from "@okta/okta-sdk-nodejs";
import { exportJWK, generateKeyPair } from "jose";
import { Agent, fetch } from "undici";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { basic, type OpenOrg, openOrg, policyFor, ruleFor, serviceApp } from "./okta-org.ts";

let org: OpenOrg;
let client: okta.Client;
beforeAll(async () => {
  org = await openOrg();
  client = clientWith({ authorizationMode: "SSWS", token: org.sandbox.okta.apiToken });
});
afterAll(() => org.close());
beforeEach(() => {
  org.sandbox.org.reset();
});

/** The vendor's client over a transport that trusts the sandbox. */
function clientWith(credentials: object): okta.Client {
  const dispatcher = new Agent({ connect: { ca: org.sandbox.caPem } });
  const requestExecutor = {
    fetch: ({ url, ...init }: { url: string; method: string; headers: Record<string, string>; body?: string }) =>
      fetch(url, { ...init, dispatcher }),
  };
  return new okta.Client({
    ...{ orgUrl: org.sandbox.okta.url, cacheMiddleware: null, ...credentials },
    requestExecutor,
  } as never);
}

const all = async <T>(list: Promise<AsyncIterable<T | null>>): Promise<T[]> => {
  const items: T[] = [];
  for await (const item of await list) if (item !== null) items.push(item);
  return items;
};

describe("the vendor's SDK", () => {
  it("makes, reads, changes and removes everything that a machine's access needs", async () => {
    const { authorizationServerApi: servers, applicationApi: apps } = client;
    const server = await servers.createAuthorizationServer({
      authorizationServer: { name: "sdk", audiences: ["api://sdk"], description: "by the SDK" },
    });
    const authServerId = server.id ?? "";
    const scope = await servers.createOAuth2Scope({
      authServerId,
      oAuth2Scope: { name: "read", _default: true, consent: "IMPLICIT" } as never,
    });
    expect(scope).toMatchObject({ name: "read", _default: true });
    const app = await apps.createApplication({ application: serviceApp("sdk") as never, activate: true });
    const appId = app.id ?? "";
    const policy = await servers.createAuthorizationServerPolicy({
      authServerId,
      policy: policyFor("sdk", appId),
    });
    const policyId = policy.id ?? "";
    const rule = await servers.createAuthorizationServerPolicyRule({
      ...{ authServerId, policyId },
      policyRule: ruleFor("sdk", ["read"]) as never,
    });
    const ruleId = rule.id ?? "";
    const rules = await all(servers.listAuthorizationServerPolicyRules({ authServerId, policyId }) as never);
    expect(rules).toHaveLength(1);
    expect(await all(servers.listOAuth2Scopes({ authServerId, limit: 3 }) as never)).toHaveLength(8);

    await secretsAndToken(appId, authServerId);
    await keysOf(appId);

    await servers.deleteAuthorizationServerPolicyRule({ authServerId, policyId, ruleId });
    await servers.deleteAuthorizationServerPolicy({ authServerId, policyId });
    await servers.deactivateAuthorizationServer({ authServerId });
    await servers.deleteAuthorizationServer({ authServerId });
    await expect(apps.deleteApplication({ appId })).rejects.toMatchObject({ status: 403, errorCode: "E0000056" });
    await apps.deactivateApplication({ appId });
    await apps.deleteApplication({ appId });
    await expect(apps.getApplication({ appId })).rejects.toMatchObject({ status: 404, errorCode: "E0000007" });
  });

  const secretsAndToken = async (appId: string, server: string) => {
    const { applicationSSOPublicKeysApi: credentials } = client;
    const second = await credentials.createOAuth2ClientSecret({ appId });
    const secrets = await all(credentials.listOAuth2ClientSecrets({ appId }) as never);
    expect(secrets).toHaveLength(2);
    const { status, body } = await org.form(
      `/oauth2/${server}/v1/token`,
      { grant_type: "client_credentials" },
      { authorization: basic(appId, second.client_secret ?? "") },
    );
    expect([status, body.scope]).toEqual([200, "read"]);
    const secretId = second.id ?? "";
    await credentials.deactivateOAuth2ClientSecret({ appId, secretId });
    await credentials.deleteOAuth2ClientSecret({ appId, secretId });
  };

  const keysOf = async (appId: string) => {
    const { applicationApi: apps, applicationSSOPublicKeysApi: credentials } = client;
    const { publicKey } = await generateKeyPair("RS256", { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: "one", status: "ACTIVE" };
    const byKey = serviceApp("sdk", { token_endpoint_auth_method: "private_key_jwt" }, { jwks: { keys: [jwk] } });
    const changed = await apps.replaceApplication({ appId, application: byKey as never });
    expect(changed).toMatchObject({ settings: { oauthClient: { jwks: { keys: [{ kid: "one" }] } } } });
    const { publicKey: other } = await generateKeyPair("ES256", { extractable: true });
    await org.call("POST", `/api/v1/apps/${appId}/credentials/jwks`, { ...(await exportJWK(other)), kid: "two" });
    const listed = await credentials.listJwk({ appId });
    expect((listed as { keys: unknown[] }).keys).toHaveLength(2);
    const { body } = await org.call("GET", `/api/v1/apps/${appId}/credentials/jwks`);
    const keyId = body.keys[0]?.id ?? "";
    await credentials.deactivateOAuth2ClientJsonWebKey({ appId, keyId });
    await credentials.deletejwk({ appId, keyId });
    expect((await org.call("GET", `/api/v1/apps/${appId}/credentials/jwks`)).body.keys).toHaveLength(1);
    const last = (await org.call("GET", `/api/v1/apps/${appId}/credentials/jwks`)).body.keys[0]?.id ?? "";
    await expect(credentials.deactivateOAuth2ClientJsonWebKey({ appId, keyId: last })).rejects.toMatchObject({
      status: 400,
    });
  };

  it.each([false, true])("authenticates with its private key; tokens bound to a key: %s", async (operatorDpop) => {
    await org.call("PUT", "/_sandbox/knobs/okta", { operatorDpop });
    org.sandbox.calls.clear();
    const { clientId, privateKey, keyId } = org.sandbox.okta;
    const scopes = ["okta.apps.manage", "okta.authorizationServers.manage"];
    const signing = clientWith({ authorizationMode: "PrivateKey", clientId, privateKey, keyId, scopes });
    const servers = await all(signing.authorizationServerApi.listAuthorizationServers({}) as never);
    expect(servers).toMatchObject([{ name: "default" }]);
    const [{ tokenClient } = {}] = org.sandbox.calls.since(0).slice(-1);
    expect(tokenClient).toBe(clientId);
  });
});
