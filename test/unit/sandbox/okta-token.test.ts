import { createRemoteJWKSet, customFetch, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { fetch } from "undici";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { basic, granted, type Granted, type OpenOrg, openOrg, policyFor, ruleFor, serviceApp } from "./okta-org.ts";

let org: OpenOrg;
beforeAll(async () => {
  org = await openOrg();
});
afterAll(() => org.close());
beforeEach(() => {
  org.sandbox.org.reset();
});

const ask = ({ token, clientId, secret }: Granted, scope?: string) =>
  org.form(
    token,
    { grant_type: "client_credentials", ...(scope === undefined ? {} : { scope }) },
    { authorization: basic(clientId, secret) },
  );

describe("policies and rules", () => {
  it("a token has the scopes, audience and lifetime that the rule says", async () => {
    const grant = await granted(org, ["read", "write"]);
    const { status, body, headers } = await ask(grant, "read write");
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "read write" });
    const claims = decodeJwt(body.access_token);
    expect(claims).toMatchObject({
      ...{ ver: 1, aud: "api://x", cid: grant.clientId, sub: grant.clientId, scp: ["read", "write"] },
      iss: `${org.sandbox.okta.url}/oauth2/${grant.server}`,
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3600);
    expect(decodeProtectedHeader(body.access_token)).toMatchObject({ alg: "RS256" });
  });

  it("two policies for one client never add up", async () => {
    const grant = await granted(org, ["read"]);
    const base = `/api/v1/authorizationServers/${grant.server}`;
    await org.call("POST", `${base}/scopes`, { name: "write" });
    const { body: policy } = await org.call("POST", `${base}/policies`, policyFor("other", grant.clientId));
    await org.call("POST", `${base}/policies/${policy.id}/rules`, ruleFor("write", ["write"]));
    expect((await ask(grant, "read")).status).toBe(200);
    expect((await ask(grant, "write")).status).toBe(200);
    const both = await ask(grant, "read write");
    expect([both.status, both.body.error]).toEqual([401, "access_denied"]);
  });

  it("the policy with the smaller number decides first, and inactive ones do not", async () => {
    const grant = await granted(org, ["read"]);
    const base = `/api/v1/authorizationServers/${grant.server}/policies`;
    const { body: policy } = await org.call("POST", base, policyFor("everyone", "ALL_CLIENTS"));
    await org.call("POST", `${base}/${policy.id}/rules`, ruleFor("short", ["*"], 5));
    expect((await ask(grant, "read")).body.expires_in).toBe(300);
    await org.call("POST", `${base}/${policy.id}/lifecycle/deactivate`);
    expect((await ask(grant, "read")).body.expires_in).toBe(3600);
  });

  it.each([
    [{ grant_type: "client_credentials", scope: "nonsense" }, 400, "invalid_scope", "One or more scopes"],
    [{ grant_type: "client_credentials", scope: "openid" }, 400, "invalid_scope", "Cannot request 'openid' scopes"],
    [{ grant_type: "client_credentials" }, 400, "invalid_scope", "does not have any configured default scopes"],
    [{ grant_type: "password" }, 400, "unsupported_grant_type", "not supported by the authorization server"],
    [{}, 400, "invalid_request", "must specify a 'grant_type'"],
  ])("%j is refused: %i %s", async (form, status, error, text) => {
    const { token, clientId, secret } = await granted(org);
    const answer = await org.form(token, form, { authorization: basic(clientId, secret) });
    expect([answer.status, answer.body.error]).toEqual([status, error]);
    expect(answer.body.error_description).toContain(text);
  });
});

describe("default scopes", () => {
  const scopes = [{ name: "read", default: true }, { name: "write", default: true }, "admin"];

  it("are what a request without scope gets, as far as the rule has them", async () => {
    const grant = await granted(org, scopes);
    expect((await ask(grant)).body.scope).toBe("read write");
    const rule = `/api/v1/authorizationServers/${grant.server}/policies/${grant.policy}/rules/${grant.rule}`;
    await org.call("PUT", rule, ruleFor("rule", ["write", "admin"]));
    expect((await ask(grant)).body.scope).toBe("write");
    await org.call("PUT", rule, ruleFor("rule", ["admin"]));
    expect((await ask(grant)).body.error).toBe("access_denied");
  });
});

it("a scope that requires consent is refused, for nobody is there to give it", async () => {
  const grant = await granted(org, [
    { name: "read", consent: "REQUIRED" },
    { name: "see", consent: "FLEXIBLE" },
  ]);
  expect((await ask(grant, "see")).status).toBe(200);
  const { status, body } = await ask(grant, "read");
  expect([status, body.error]).toEqual([400, "consent_required"]);
  expect(body.error_description).toContain("[read]");
});

describe("client authentication", () => {
  it("grant type and scope may come in the query with an empty body, credentials may not", async () => {
    const { token, clientId, secret } = await granted(org);
    const query = "grant_type=client_credentials&scope=read";
    const headers = { authorization: basic(clientId, secret) };
    const asked = await org.call("POST", `${token}?${query}`, undefined, headers);
    expect([asked.status, asked.body.scope]).toEqual([200, "read"]);
    const inQuery = await org.call("POST", `${token}?${query}&client_id=${clientId}&client_secret=${secret}`);
    expect(inQuery.body.error_description).toBe("Client credentials cannot be supplied via query parameters.");
  });

  it("only the configured method is accepted, and only one at a time", async () => {
    const { token, clientId, secret } = await granted(org);
    const post = { grant_type: "client_credentials", client_id: clientId, client_secret: secret };
    expect((await org.form(token, post)).body.error_description).toMatch(/^Client authentication failed/);
    const both = await org.form(token, post, { authorization: basic(clientId, secret) });
    expect([both.status, both.body.error]).toEqual([401, "invalid_request"]);
    const twice = await org.call("POST", `${token}?scope=a&scope=b`, undefined, {
      authorization: basic(clientId, secret),
    });
    expect(twice.body.error_description).toBe(
      "Duplicate parameter provided in request. Duplicated parameters: [scope].",
    );
  });

  it("two active secrets are valid at once, an inactive one is not", async () => {
    const grant = await granted(org);
    const secrets = `/api/v1/apps/${grant.app}/credentials/secrets`;
    const { body: second } = await org.call("POST", secrets);
    const renewed = { ...grant, secret: second.client_secret };
    expect([(await ask(grant, "read")).status, (await ask(renewed, "read")).status]).toEqual([200, 200]);
    const { list } = await org.call("GET", secrets);
    await org.call("POST", `${secrets}/${list[0]?.id ?? ""}/lifecycle/deactivate`);
    expect((await ask(grant, "read")).body.error).toBe("invalid_client");
    expect((await ask(renewed, "read")).status).toBe(200);
  });

  it("a new secret can take a moment to be accepted", async () => {
    await org.call("PUT", "/_sandbox/knobs/okta", { secretPropagationMs: 60_000 });
    expect((await ask(await granted(org), "read")).body.error).toBe("invalid_client");
  });

  it("an inactive app and an inactive server give no tokens", async () => {
    const grant = await granted(org);
    await org.call("POST", `/api/v1/apps/${grant.app}/lifecycle/deactivate`);
    expect((await ask(grant, "read")).body.error).toBe("invalid_client");
    await org.call("POST", `/api/v1/apps/${grant.app}/lifecycle/activate`);
    await org.call("POST", `/api/v1/authorizationServers/${grant.server}/lifecycle/deactivate`);
    expect((await ask(grant, "read")).body.error_description).toBe("The authorization server id is invalid.");
  });
});

it("claims of the server's own are in tokens with their scopes", async () => {
  const grant = await granted(org, ["read", "write"]);
  const { body: app } = await org.call("GET", `/api/v1/apps/${grant.app}`);
  await org.call("PUT", `/api/v1/apps/${grant.app}`, { ...app, profile: { team: "payroll" } });
  const claims = `/api/v1/authorizationServers/${grant.server}/claims`;
  const claim = { claimType: "RESOURCE", valueType: "EXPRESSION", alwaysIncludeInToken: true };
  const add = (name: string, value: string, scopes: readonly string[] = []) =>
    org.call("POST", claims, { ...claim, name, value, conditions: { scopes } });
  await add("text", '"x"');
  await add("client", "app.clientId");
  await add("team", "app.profile.team");
  await add("login", "user.login");
  await add("writer", '"yes"', ["write"]);
  const content = decodeJwt((await ask(grant, "read")).body.access_token);
  expect(content).toMatchObject({ text: "x", client: grant.clientId, team: "payroll" });
  expect([content["login"], content["writer"]]).toEqual([undefined, undefined]);
  expect(decodeJwt((await ask(grant, "write")).body.access_token)["writer"]).toBe("yes");
  expect((await add("scp", '"mine"')).body.errorCode).toBe("E0000001");
});

describe("metadata and keys", () => {
  const verify = async (token: string, server: string) => {
    const fetcher = (url: string) => fetch(url, { dispatcher: org.dispatcher });
    const keys = createRemoteJWKSet(new URL(`${org.sandbox.okta.url}/oauth2/${server}/v1/keys`), {
      [customFetch]: fetcher,
    });
    return jwtVerify(token, keys, { audience: "api://x" });
  };

  it("list only scopes that are published, at both well-known addresses", async () => {
    const { server } = await granted(org, ["hidden", { name: "shown", metadataPublish: "ALL_CLIENTS" }]);
    const { body } = await org.call("GET", `/oauth2/${server}/.well-known/oauth-authorization-server`);
    expect(body.token_endpoint).toBe(`${org.sandbox.okta.url}/oauth2/${server}/v1/token`);
    expect(body.scopes_supported).toContain("shown");
    expect(body.scopes_supported).not.toContain("hidden");
    expect((await org.call("GET", `/.well-known/oauth-authorization-server/oauth2/${server}`)).body).toEqual(body);
    const { body: openid } = await org.call("GET", `/oauth2/${server}/.well-known/openid-configuration`);
    expect(openid.grant_types_supported).not.toContain("client_credentials");
    expect((await org.call("GET", "/oauth2/unknown/.well-known/openid-configuration")).body.errorCode).toBe("E0000007");
  });

  it("a token stays good over one rotation of the keys, not over two", async () => {
    const grant = await granted(org);
    const { access_token: token } = (await ask(grant, "read")).body as { access_token: string };
    const rotate = (use: string) =>
      org.call("POST", `/api/v1/authorizationServers/${grant.server}/credentials/lifecycle/keyRotate`, { use });
    await verify(token, grant.server);
    expect((await rotate("enc")).body.errorSummary).toBe("Api validation failed: rotateKeys");
    const { list: keys } = await rotate("sig");
    expect(keys.map(({ status }: { status: string }) => status).sort()).toEqual(["ACTIVE", "EXPIRED", "NEXT"]);
    await verify(token, grant.server);
    const renewed = (await ask(grant, "read")).body.access_token;
    expect(decodeProtectedHeader(renewed).kid).not.toBe(decodeProtectedHeader(token).kid);
    await rotate("sig");
    await expect(verify(token, grant.server)).rejects.toThrow();
    await verify(renewed, grant.server);
  });

  it("another server's keys verify nothing", async () => {
    const [one, other] = [await granted(org), await granted(org)];
    await expect(verify((await ask(one, "read")).body.access_token, other.server)).rejects.toThrow();
  });
});

describe("introspection", () => {
  it("ends with the app, and with a revocation", async () => {
    const grant = await granted(org);
    const headers = { authorization: basic(grant.clientId, grant.secret) };
    const { access_token: token } = (await ask(grant, "read")).body as { access_token: string };
    const base = `/oauth2/${grant.server}/v1`;
    const { body } = await org.form(`${base}/introspect`, { token }, headers);
    expect(body).toMatchObject({ active: true, scope: "read", client_id: grant.clientId, aud: "api://x" });
    expect((await org.form(`${base}/introspect`, { token: "nonsense" }, headers)).body).toEqual({ active: false });
    expect((await org.form(`${base}/revoke`, { token }, headers)).status).toBe(200);
    expect((await org.form(`${base}/introspect`, { token }, headers)).body).toEqual({ active: false });
  });
});

describe("a custom domain", () => {
  const issuerAt = async (mode: string, host: string) => {
    const body = { name: mode, audiences: ["x"], issuerMode: mode };
    const { body: server } = await org.call("POST", "/api/v1/authorizationServers", body);
    const path = `/oauth2/${server.id}/.well-known/oauth-authorization-server`;
    return (await org.call("GET", `https://${host}${path}`)).body.issuer.replace(/\/oauth2.*/, "");
  };

  it("is in the issuer by the server's mode, and with DYNAMIC by the host that was asked", async () => {
    const { url, customDomain = "" } = org.sandbox.okta;
    const first = new URL(url).host;
    expect(await issuerAt("ORG_URL", customDomain)).toBe(url);
    expect(await issuerAt("CUSTOM_URL", first)).toBe(`https://${customDomain}`);
    expect(await issuerAt("DYNAMIC", first)).toBe(url);
    expect(await issuerAt("DYNAMIC", customDomain)).toBe(`https://${customDomain}`);
  });
});

it("private_key_jwt needs keys, and a key that is not there is named", async () => {
  const without = serviceApp("keys", { token_endpoint_auth_method: "private_key_jwt" });
  expect((await org.call("POST", "/api/v1/apps", without)).status).toBe(400);
});
