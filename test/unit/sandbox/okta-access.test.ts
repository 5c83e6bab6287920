import { createHash, createPrivateKey, randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, importPKCS8, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type OpenOrg, openOrg } from "./okta-org.ts";

const APPS = "/api/v1/apps";
const SERVERS = "/api/v1/authorizationServers";
const TOKEN = "/oauth2/v1/token";

let org: OpenOrg;
beforeAll(async () => {
  org = await openOrg();
});
afterAll(() => org.close());
beforeEach(() => {
  org.sandbox.org.reset();
});

const assertion = async (use: "rsa" | "ec", audience = org.sandbox.okta.url + TOKEN): Promise<string> => {
  const { clientId, ec, privateKey, keyId } = org.sandbox.okta;
  const [pem, kid, alg] = use === "rsa" ? [privateKey, keyId, "RS256"] : [ec.privateKey, ec.keyId, "ES256"];
  return new SignJWT()
    .setProtectedHeader({ alg, kid })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime("5m")
    .sign(await importPKCS8(pem, alg));
};

const tokenForm = async (use: "rsa" | "ec", scope: string) => ({
  ...{ grant_type: "client_credentials", scope },
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion: await assertion(use),
});

const bearer = async (scope: string): Promise<{ authorization: string }> => {
  const { body } = await org.form(TOKEN, await tokenForm("rsa", scope));
  return { authorization: `Bearer ${body.access_token}` };
};

describe("an API token", () => {
  it("is refused with 403 when there is none, and with 401 when it is unknown", async () => {
    const none = await org.call("GET", APPS, undefined, { authorization: "" });
    expect([none.status, none.body.errorCode]).toEqual([403, "E0000005"]);
    const unknown = await org.call("GET", APPS, undefined, { authorization: "SSWS unknown" });
    expect([unknown.status, unknown.body.errorCode]).toEqual([401, "E0000011"]);
  });

  it("may do what the role of its maker may", async () => {
    const tokenOf = async (role: string): Promise<Record<string, string>> => {
      const { body } = await org.call("POST", "/_sandbox/api-tokens/okta", { role });
      return { authorization: `SSWS ${body.apiToken}` };
    };
    const reader = await tokenOf("READ_ONLY_ADMIN");
    expect((await org.call("GET", SERVERS, undefined, reader)).status).toBe(200);
    const write = await org.call("POST", SERVERS, { name: "a", audiences: ["x"] }, reader);
    expect([write.status, write.body.errorCode]).toEqual([403, "E0000006"]);
    const apps = await tokenOf("APP_ADMIN");
    expect((await org.call("GET", APPS, undefined, apps)).status).toBe(200);
    expect((await org.call("GET", SERVERS, undefined, apps)).body.errorCode).toBe("E0000006");
  });

  it("without the API Access Management product is told so with 401", async () => {
    await org.call("PUT", "/_sandbox/knobs/okta", { apiAccessManagement: false });
    const list = await org.call("GET", SERVERS);
    expect([list.status, list.body.errorCode]).toEqual([401, "E0000015"]);
    expect((await org.call("GET", APPS)).status).toBe(200);
  });
});

describe("the operator's app", () => {
  it.each(["rsa", "ec"] as const)("gets a token with its %s key", async (use) => {
    const { status, body } = await org.form(TOKEN, await tokenForm(use, "okta.apps.manage"));
    expect([status, body.token_type, body.scope]).toEqual([200, "Bearer", "okta.apps.manage"]);
  });

  it("may use an assertion once", async () => {
    const form = await tokenForm("rsa", "okta.apps.manage");
    expect((await org.form(TOKEN, form)).status).toBe(200);
    expect((await org.form(TOKEN, form)).body.error_description).toBe(
      "The client_assertion token has already been used.",
    );
  });

  it("gets only the scopes that it is granted", async () => {
    const some = await org.form(TOKEN, await tokenForm("rsa", "okta.apps.manage okta.users.read"));
    expect(some.body.scope).toBe("okta.apps.manage");
    const none = await org.form(TOKEN, await tokenForm("rsa", "okta.users.read"));
    expect([none.status, none.body.error]).toEqual([400, "consent_required"]);
  });

  it("without a scope is refused with an empty body and a header that names the scope", async () => {
    const headers = await bearer("okta.apps.manage");
    expect((await org.call("GET", APPS, undefined, headers)).status).toBe(200);
    const refused = await org.call("GET", SERVERS, undefined, headers);
    expect([refused.status, refused.text]).toEqual([403, ""]);
    expect(refused.headers.get("www-authenticate")).toMatch(
      /^Bearer .*scope="okta\.authorizationServers\.read", error="insufficient_scope"/,
    );
  });

  it("without a role is refused with E0000006", async () => {
    await org.call("PUT", "/_sandbox/knobs/okta", { operatorRole: "NONE" });
    const refused = await org.call("GET", APPS, undefined, await bearer("okta.apps.manage"));
    expect([refused.status, refused.body.errorCode]).toEqual([403, "E0000006"]);
  });

  it("must not use a secret at the org's own authorization server", async () => {
    const { body } = await org.form(TOKEN, { grant_type: "client_credentials" }, { authorization: "Basic YTpi" });
    expect(body.error_description).toContain("must use the private_key_jwt token_endpoint_auth_method");
  });

  it("loses its tokens when they are revoked", async () => {
    const headers = await bearer("okta.apps.manage");
    await org.call("PUT", "/_sandbox/knobs/okta", { revokedBefore: Date.now() + 1000 });
    const refused = await org.call("GET", APPS, undefined, headers);
    expect([refused.status, refused.body.errorCode]).toEqual([401, "E0000011"]);
  });
});

describe("DPoP", () => {
  const proving = async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const jwk = await exportJWK(publicKey);
    return (method: string, path: string, claims: object = {}): Promise<string> =>
      new SignJWT({ htm: method, htu: org.sandbox.okta.url + path, jti: randomUUID(), ...claims })
        .setProtectedHeader({ typ: "dpop+jwt", alg: "ES256", jwk })
        .setIssuedAt()
        .sign(privateKey);
  };

  it("asks for a nonce first, then binds the token to the key of the proof", async () => {
    await org.call("PUT", "/_sandbox/knobs/okta", { operatorDpop: true });
    const prove = await proving();
    const missing = await org.form(TOKEN, await tokenForm("rsa", "okta.apps.manage"));
    expect([missing.status, missing.body.error]).toEqual([400, "invalid_dpop_proof"]);
    const first = await org.form(TOKEN, await tokenForm("rsa", "okta.apps.manage"), {
      dpop: await prove("POST", TOKEN),
    });
    expect([first.status, first.body.error]).toEqual([400, "use_dpop_nonce"]);
    const nonce = first.headers.get("dpop-nonce") ?? "";
    const second = await org.form(TOKEN, await tokenForm("rsa", "okta.apps.manage"), {
      dpop: await prove("POST", TOKEN, { nonce }),
    });
    expect([second.status, second.body.token_type]).toEqual([200, "DPoP"]);
    const token = second.body.access_token;
    const ath = createHash("sha256").update(token).digest("base64url");
    const authorization = `DPoP ${token}`;
    const good = await org.call("GET", APPS, undefined, { authorization, dpop: await prove("GET", APPS, { ath }) });
    expect(good.status).toBe(200);
    const otherPath = await org.call("GET", APPS, undefined, {
      authorization,
      dpop: await prove("GET", SERVERS, { ath }),
    });
    expect([otherPath.status, otherPath.text]).toEqual([400, ""]);
    expect(otherPath.headers.get("www-authenticate")).toContain(`'htu' claim in the DPoP proof JWT is invalid.`);
    const otherKey = await proving();
    const stolen = await org.call("GET", APPS, undefined, {
      authorization,
      dpop: await otherKey("GET", APPS, { ath }),
    });
    expect(stolen.status).toBe(400);
    const plain = await org.call("GET", APPS, undefined, { authorization: `Bearer ${token}` });
    expect(plain.status).toBe(400);
  });
});

it("sandbox.json's keys are PKCS#8", () => {
  const { privateKey, ec } = org.sandbox.okta;
  expect(createPrivateKey(privateKey).asymmetricKeyType).toBe("rsa");
  expect(createPrivateKey(ec.privateKey).asymmetricKeyType).toBe("ec");
});
