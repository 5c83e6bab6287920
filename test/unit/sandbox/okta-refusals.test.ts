import { createHash, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { REFUSALS } from "../../../sandbox/okta/oauth-errors.ts";
import { type Answer, basic, granted, type Granted, type OpenOrg, openOrg, ruleFor, serviceApp } from "./okta-org.ts";

const ORG_TOKEN = "/oauth2/v1/token";
const TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const APPS = "/api/v1/apps";
const GRANT = { grant_type: "client_credentials" };
const now = (): number => Math.floor(Date.now() / 1000);

type Form = Readonly<Record<string, string>>;
type Case = (grant: Granted) => Promise<Answer>;
type Keys = Awaited<ReturnType<typeof generateKeyPair>>;

let org: OpenOrg;
let keys: Keys;
let strangers: Keys;
let jwk: JWK;
beforeAll(async () => {
  org = await openOrg();
  [keys, strangers] = await Promise.all([generateKeyPair("ES256", { extractable: true }), generateKeyPair("ES256")]);
  jwk = { ...(await exportJWK(keys.publicKey)), kid: "one" };
});
afterAll(() => org.close());
beforeEach(() => {
  org.sandbox.org.reset();
});

const byBasic = ({ token, clientId, secret }: Granted, form: Form, id = clientId, text = secret) =>
  org.form(token, form, { authorization: basic(id, text) });

/** An app that signs, at the authorization server of the grant. */
async function signing(grant: Granted, settings: object = { jwks: { keys: [jwk] } }): Promise<void> {
  const app = serviceApp("worker", { token_endpoint_auth_method: "private_key_jwt" }, settings);
  await org.call("PUT", `${APPS}/${grant.app}`, app);
}

interface Assertion {
  readonly claims?: Record<string, unknown>;
  readonly header?: object;
  readonly key?: Keys["privateKey"];
  readonly path?: string;
}

async function assert(grant: Granted, { claims = {}, header = {}, key, path = grant.token }: Assertion = {}) {
  const content = {
    ...{ iss: grant.clientId, sub: grant.clientId, aud: org.sandbox.okta.url + path, jti: randomUUID() },
    ...{ exp: now() + 60, iat: now() },
    ...claims,
  };
  return new SignJWT(content).setProtectedHeader({ alg: "ES256", ...header }).sign(key ?? keys.privateKey);
}

const byAssertion =
  (how: Assertion, settings?: object): Case =>
  async (grant) => {
    await signing(grant, settings);
    return org.form(grant.token, { ...GRANT, client_assertion_type: TYPE, client_assertion: await assert(grant, how) });
  };

/** A token for the org's own API, for whichever app the grant is of. */
async function orgToken(grant: Granted, form: Form): Promise<Answer> {
  const client_assertion = await assert(grant, { path: ORG_TOKEN });
  return org.form(ORG_TOKEN, { ...GRANT, client_assertion_type: TYPE, client_assertion, ...form });
}

const CLIENTS: Partial<Record<keyof typeof REFUSALS, Case>> = {
  missing_client_credentials: ({ token }) => org.form(token, GRANT),
  invalid_basic_auth_creds: ({ token }) => org.form(token, GRANT, { authorization: "Basic YWI=" }),
  invalid_client_id: (grant) => byBasic(grant, GRANT, "unknown"),
  invalid_client_secret: (grant) => byBasic(grant, GRANT, grant.clientId, "wrong"),
  invalid_token_endpoint_auth_method: ({ token, clientId, secret }) =>
    org.form(token, { ...GRANT, client_id: clientId, client_secret: secret }),
  multiple_client_credentials: (grant) => byBasic(grant, { ...GRANT, client_secret: grant.secret }),
  client_credentials_in_query: ({ token, clientId }) => org.call("POST", `${token}?client_id=${clientId}`),
  illegal_duplicated_parameters: ({ token }) => org.call("POST", `${token}?scope=a&scope=b`),
  token_request_missing_grant_type: (grant) => byBasic(grant, {}),
  unsupported_grant_type: (grant) => byBasic(grant, { grant_type: "password" }),
  unauthorized_client: async (grant) => {
    const app = serviceApp("worker", {}, { grant_types: ["urn:ietf:params:oauth:grant-type:token-exchange"] });
    await org.call("PUT", `${APPS}/${grant.app}`, app);
    return byBasic(grant, GRANT);
  },
  disallowed_network_zone: async (grant) => {
    const network = { connection: "ZONE", include: ["office"] };
    await org.call("PUT", `${APPS}/${grant.app}`, serviceApp("worker", {}, { network }));
    return byBasic(grant, { ...GRANT, scope: "read" });
  },
  invalid_authorization_server: async (grant) => {
    await org.call("POST", `/api/v1/authorizationServers/${grant.server}/lifecycle/deactivate`);
    return byBasic(grant, GRANT);
  },
  request_missing_token: (grant) =>
    byBasic({ ...grant, token: grant.token.replace("/token", "/introspect") }, {}, grant.clientId, grant.secret),
};

const SCOPES: typeof CLIENTS = {
  no_default_scopes: (grant) => byBasic(grant, GRANT),
  no_matching_scope: (grant) => byBasic(grant, { ...GRANT, scope: "read nothing" }),
  openid_not_allowed_client_creds: (grant) => byBasic(grant, { ...GRANT, scope: "read openid" }),
  no_matching_policy: async (grant) => {
    await org.call("POST", `/api/v1/authorizationServers/${grant.server}/scopes`, { name: "other" });
    return byBasic(grant, { ...GRANT, scope: "other" });
  },
  no_scope_allowed: async (grant) => {
    await org.call("PUT", "/_sandbox/knobs/okta", { noDefaultCovered: "no_scope_allowed" });
    const base = `/api/v1/authorizationServers/${grant.server}`;
    await org.call("POST", `${base}/scopes`, { name: "other", default: true });
    await org.call("PUT", `${base}/policies/${grant.policy}/rules/${grant.rule}`, ruleFor("rule", ["read"]));
    return byBasic(grant, GRANT);
  },
  consent_required_client_credentials: async (grant) => {
    const base = `/api/v1/authorizationServers/${grant.server}`;
    const { list } = await org.call("GET", `${base}/scopes?q=read`);
    await org.call("PUT", `${base}/scopes/${list[0]?.id ?? ""}`, { name: "read", consent: "REQUIRED" });
    return byBasic(grant, { ...GRANT, scope: "read" });
  },
};

const ASSERTIONS: typeof CLIENTS = {
  client_assertion_type_invalid: async (grant) =>
    org.form(grant.token, { ...GRANT, client_assertion_type: "x", client_assertion: await assert(grant) }),
  client_assertion_invalid_jwt: ({ token }) =>
    org.form(token, { ...GRANT, client_assertion_type: TYPE, client_assertion: "nonsense" }),
  client_assertion_invalid_issuer: byAssertion({ claims: { iss: "unknown" } }),
  client_assertion_invalid_subject: byAssertion({ claims: { sub: "unknown" } }),
  client_assertion_invalid_audience: byAssertion({ claims: { aud: "https://elsewhere" } }),
  client_assertion_expiration_required: byAssertion({ claims: { exp: undefined } }),
  client_assertion_expired_token: byAssertion({ claims: { exp: 1 } }),
  client_assertion_expires_too_far_in_future: byAssertion({ claims: { exp: now() + 7200 } }),
  client_assertion_issued_at_in_future: byAssertion({ claims: { iat: now() + 600 } }),
  client_assertion_invalid_signature: async (grant) => byAssertion({ key: strangers.privateKey })(grant),
  client_assertion_invalid_kid: byAssertion({ header: { kid: "two" } }),
  client_assertion_invalid_signature_algorithm: async (grant) =>
    byAssertion({ header: { alg: "EdDSA" }, key: (await generateKeyPair("EdDSA")).privateKey })(grant),
  client_assertion_already_used: async (grant) => {
    const how = { claims: { jti: "same" } };
    await byAssertion(how)(grant);
    return byAssertion(how)(grant);
  },
  client_assertion_jwks_not_configured: async (grant) => {
    await signing(grant);
    const app = org.sandbox.org.state.apps.get(grant.app);
    if (app !== undefined) app.keys = [];
    return org.form(grant.token, { ...GRANT, client_assertion_type: TYPE, client_assertion: await assert(grant) });
  },
  jwks_uri_error: byAssertion({}, { jwks_uri: "https://keys.example.com/jwks" }),
};

const ORG: typeof CLIENTS = {
  unsupported_auth_method_client_creds: (grant) => byBasic({ ...grant, token: ORG_TOKEN }, GRANT),
  invalid_application_type_client_credentials: async () => {
    const settings = { application_type: "web", jwks: { keys: [jwk] } };
    const web = serviceApp("web", { token_endpoint_auth_method: "private_key_jwt" }, settings);
    const { body } = await org.call("POST", APPS, web);
    return orgToken({ clientId: body.id } as Granted, { scope: "okta.apps.read" });
  },
  missing_scopes: async (grant) => {
    await signing(grant);
    return orgToken(grant, {});
  },
  illegal_custom_scope: async (grant) => {
    await signing(grant);
    return orgToken(grant, { scope: "read" });
  },
  no_org_scopes_granted: async (grant) => {
    await signing(grant);
    return orgToken(grant, { scope: "okta.apps.read" });
  },
};

interface Proof {
  readonly claims?: Record<string, unknown>;
  readonly header?: object;
  readonly key?: Keys["privateKey"];
}

const prove = ({ claims = {}, header = {}, key }: Proof, method: string, path: string): Promise<string> =>
  new SignJWT({ htm: method, htu: org.sandbox.okta.url + path, jti: randomUUID(), iat: now(), ...claims })
    .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk, ...header })
    .sign(key ?? keys.privateKey);

const byProof =
  (how: Proof): Case =>
  async ({ token, clientId, secret }) =>
    org.form(
      token,
      { ...GRANT, scope: "read" },
      { authorization: basic(clientId, secret), dpop: await prove(how, "POST", token) },
    );

/** A call of the org's own API with a token that is bound to the key. */
const bound =
  (how: Proof, scheme = "DPoP"): Case =>
  async () => {
    const token = await boundToken();
    const ath = createHash("sha256").update(token).digest("base64url");
    const dpop = await prove({ ...how, claims: { ath, ...how.claims } }, "GET", APPS);
    return org.call("GET", APPS, undefined, { authorization: `${scheme} ${token}`, dpop });
  };

async function boundToken(): Promise<string> {
  const { clientId } = org.sandbox.okta;
  org.sandbox.org.state.apps.get(clientId)?.keys.push({ ...jwk, id: "pks", kid: "one", status: "ACTIVE" });
  const ask = async (claims: Record<string, unknown>) => {
    const client_assertion = await assert({ clientId } as Granted, { path: ORG_TOKEN, header: { kid: "one" } });
    const form = { ...GRANT, scope: "okta.apps.manage", client_assertion_type: TYPE, client_assertion };
    return org.form(ORG_TOKEN, form, { dpop: await prove({ claims }, "POST", ORG_TOKEN) });
  };
  const nonce = (await ask({})).headers.get("dpop-nonce");
  return (await ask({ nonce })).body.access_token;
}

const DPOP: typeof CLIENTS = {
  use_dpop_nonce: byProof({}),
  invalid_dpop_proof: byProof({ header: { jwk: undefined } }),
  invalid_dpop_proof_invalid_htm: byProof({ claims: { htm: "GET" } }),
  invalid_dpop_proof_invalid_htu: byProof({ claims: { htu: "https://elsewhere" } }),
  invalid_dpop_proof_invalid_iat: byProof({ claims: { iat: undefined } }),
  invalid_dpop_proof_invalid_jti: byProof({ claims: { jti: undefined } }),
  invalid_dpop_proof_invalid_jwt: ({ token, clientId, secret }) =>
    org.form(token, GRANT, { authorization: basic(clientId, secret), dpop: "nonsense" }),
  invalid_dpop_proof_invalid_signature: async (grant) => byProof({ key: strangers.privateKey })(grant),
  invalid_dpop_proof_invalid_signature_algorithm: async (grant) =>
    byProof({ header: { alg: "EdDSA" }, key: (await generateKeyPair("EdDSA")).privateKey })(grant),
  invalid_dpop_proof_invalid_type: byProof({ header: { typ: "JWT" } }),
  invalid_dpop_proof_jwt_expired: byProof({ claims: { exp: now() - 10 } }),
  invalid_dpop_proof_jwt_issued_in_future: byProof({ claims: { iat: now() + 600 } }),
  invalid_dpop_proof_jwt_too_old: byProof({ claims: { iat: now() - 600 } }),
  invalid_dpop_proof_missing_header: async (grant) => {
    await org.call("PUT", `${APPS}/${grant.app}`, serviceApp("worker", {}, { dpop_bound_access_tokens: true }));
    return byBasic(grant, GRANT);
  },
  invalid_dpop_proof_multiple_headers_not_allowed: ({ token, clientId, secret }) =>
    org.form(token, GRANT, { authorization: basic(clientId, secret), dpop: "one, two" }),
  dpop_proof_already_used: async (grant) => {
    const how = { claims: { jti: "same" } };
    await byProof(how)(grant);
    return byProof(how)(grant);
  },
  dpop_proof_invalid_ath: bound({ claims: { ath: "wrong" } }),
  dpop_authentication_scheme_required: bound({}, "Bearer"),
  invalid_access_token_dpop_binding: async (grant) => {
    const publicKey = await exportJWK(strangers.publicKey);
    return bound({ header: { jwk: publicKey }, key: strangers.privateKey })(grant);
  },
};

/** In the body, or at a resource in the header. */
const textOf = ({ body, headers }: Answer): string =>
  body.error_description ?? /error_description="([^"]*)"/.exec(headers.get("www-authenticate") ?? "")?.[1] ?? "";

const CASES = { ...CLIENTS, ...SCOPES, ...ASSERTIONS, ...ORG, ...DPOP };

describe("a refusal", () => {
  it.each(Object.entries(CASES))("%s is given for its reason", async (code, attempt) => {
    const [status, , text] = REFUSALS[code as keyof typeof REFUSALS];
    const answer = await attempt(await granted(org));
    expect([answer.status, textOf(answer).replace(/\[.*\]/, "[…]")]).toEqual([status, text]);
  });

  it("of every kind has a case", () => {
    expect(Object.keys(CASES).sort()).toEqual(Object.keys(REFUSALS).sort());
  });
});
