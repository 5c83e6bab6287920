import { describe, expect, it } from "vitest";
import { fetch } from "undici";
import {
  API,
  ask,
  call,
  dispatcher,
  granted,
  made,
  management,
  managementToken,
  newClient,
  required,
  sandbox,
  send,
  useTenant,
} from "./caller.ts";

useTenant();

const denied = (description: string | RegExp) => ({
  error: "access_denied",
  error_description: typeof description === "string" ? description : (expect.stringMatching(description) as string),
});

describe("the token endpoint", () => {
  it.each<
    readonly [
      what: string,
      change: object,
      setup: readonly [client: object, grant: object],
      status: number,
      body: object,
    ]
  >([
    ["a wrong secret", { client_secret: "wrong" }, [{}, {}], 401, denied("Unauthorized")],
    ["no such client", { client_id: "none" }, [{}, {}], 401, denied("Unauthorized")],
    ["the wrong channel", {}, [{ token_endpoint_auth_method: "client_secret_basic" }, {}], 401, denied("Unauthorized")],
    [
      "a bad assertion",
      {
        client_assertion: "nonsense",
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      },
      [{}, {}],
      401,
      { error: "invalid_client", error_description: expect.stringContaining("Failed client authentication") as string },
    ],
    [
      "a grant type that is off",
      {},
      [{ grant_types: [] }, {}],
      403,
      {
        error: "unauthorized_client",
        error_description: "Grant type 'client_credentials' not allowed for the client.",
        error_uri: "https://auth0.com/docs/clients/client-grant-types",
      },
    ],
    ["no audience", { audience: "" }, [{}, {}], 403, denied("Non-global clients are not allowed access to APIv1")],
    [
      "no such API",
      { audience: "https://none/" },
      [{}, {}],
      403,
      denied("Service not enabled within domain: https://none/"),
    ],
    [
      "a grant on behalf of users alone",
      {},
      [{}, { subject_type: "user" }],
      403,
      denied(
        /^Client "\w{32}" is not authorized to access resource server "https:\/\/a\/"\. You need to create a "client-grant" associated to this API\.$/,
      ),
    ],
    [
      "a scope that was not granted",
      { scope: "read write" },
      [{}, {}],
      403,
      denied("Client has not been granted scopes: write"),
    ],
    ["no organization", {}, [{}, { organization_usage: "require" }], 403, denied(/./)],
    ["an organization that is denied", { organization: "org_AAAAAAAAAAAAAAA1" }, [{}, {}], 403, denied(/./)],
  ])("refuses %s", async (_what, change, [client, grant], status, body) => {
    const { parameters } = await granted(client, grant);
    const answer = await ask({ ...parameters, ...change });
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual(body);
  });

  it("counts a client's quota, says what is left of it and until when", async () => {
    const { parameters } = await granted({ token_quota: { client_credentials: { enforce: true, per_hour: 1 } } });
    expect((await ask(parameters)).status).toBe(200);
    const { status, body, headers } = await ask(parameters);
    expect([status, body]).toEqual([429, { error: "too_many_requests", error_description: "Client quota exceeded" }]);
    expect(headers.get("auth0-client-quota-limit")).toMatch(/^b=per_hour;q=1;r=0;t=\d+$/);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("takes the secret before and after within the propagation window, and only the new one later", async () => {
    const { id, parameters } = await granted();
    sandbox.tenant.knobs.secretPropagationMs = 30_000;
    const { status } = await call("PATCH", `clients/${id}`, { client_secret: "a-secret-of-our-own-choice" });
    expect(status).toBe(200);
    const fresh = { ...parameters, client_secret: "a-secret-of-our-own-choice" };
    expect((await ask(parameters)).status).toBe(200);
    expect((await ask(fresh)).status).toBe(200);
    const { formerSecrets } = sandbox.tenant.state;
    formerSecrets.set(id, { ...required(formerSecrets.get(id)), until: Date.now() });
    expect((await ask(parameters)).status).toBe(401);
    expect((await ask(fresh)).status).toBe(200);
  });
});

describe("the Management API", () => {
  it("shows secrets and keys only to who may read them", async () => {
    const { id } = await granted();
    const seen = async (scopes: readonly string[]): Promise<boolean> => {
      const { body } = await send("GET", `/api/v2/clients/${id}`, undefined, await managementToken(scopes));
      expect(body["name"]).toBe("Job");
      return "client_secret" in body;
    };
    expect(await seen(["read:clients"])).toBe(false);
    expect(await seen(["read:client_keys"])).toBe(true);
    expect(await seen(["read:client_credentials"])).toBe(true);
  });

  it("deletes grants with their client and their API, and what is gone once more without complaint", async () => {
    const { id, grant } = await granted();
    for (let i = 0; i < 2; i++) expect((await call("DELETE", `clients/${id}`)).status).toBe(204);
    expect((await call("GET", `client-grants/${grant}`)).status).toBe(404);
    expect((await call("DELETE", `client-grants/${grant}`)).status).toBe(204);
    const { state } = sandbox.tenant;
    const other = { client_id: await newClient(), audience: API.identifier, scope: [] };
    await made("client-grants", other);
    const api = required([...state.resourceServers.values()].find(({ identifier }) => identifier === API.identifier));
    for (let i = 0; i < 2; i++) expect((await call("DELETE", `resource-servers/${api.id}`)).status).toBe(204);
    expect([...state.grants.values()].filter(({ audience }) => audience === API.identifier)).toEqual([]);
    const { id: organization } = await made("organizations", { name: "acme" });
    const ends = [await call("DELETE", `organizations/${String(organization)}`)];
    ends.push(await call("DELETE", `organizations/${String(organization)}`));
    expect(ends.map(({ status }) => status)).toEqual([204, 404]);
  });

  it("drops scopes that its own API does not have, and keeps those of others unseen", async () => {
    const { grant } = await granted({}, { scope: ["read", "undeclared"] });
    expect((await call("GET", `client-grants/${grant}`)).body["scope"]).toEqual(["read", "undeclared"]);
    const client_id = await newClient();
    const scope = ["read:clients", "read:nothing_real"];
    expect((await made("client-grants", { client_id, audience: management(), scope }))["scope"]).toEqual([
      "read:clients",
    ]);
  });

  it("lowers the lifetime for browsers with the one for all", async () => {
    const { token_lifetime_for_web: web, id } = await made("resource-servers", { ...API, token_lifetime: 3600 });
    expect(web).toBe(3600);
    expect((await call("PATCH", `resource-servers/${String(id)}`, { token_lifetime: 60 })).body).toMatchObject({
      ...{ token_lifetime: 60, token_lifetime_for_web: 60 },
    });
  });

  it("takes requests without a body that say they have one", async () => {
    const client = await newClient();
    const headers = { authorization: `Bearer ${await managementToken()}`, "content-type": "application/json" };
    const answer = await fetch(`${sandbox.auth0.url}/api/v2/clients/${client}`, {
      ...{ method: "DELETE", dispatcher, headers },
    });
    expect(answer.status).toBe(204);
  });
});
