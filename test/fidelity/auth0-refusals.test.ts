import { describe, expect, it } from "vitest";
import { fetch } from "undici";
import {
  type Answer,
  API,
  call,
  dispatcher,
  key,
  made,
  management,
  managementToken,
  newClient,
  required,
  sandbox,
  send,
  SERVICE,
  useTenant,
} from "./caller.ts";

useTenant();

/** What the vendor documents, or was quoted with, word for word; recordings hold few refusals. */
type Refusal = readonly [
  what: string,
  act: () => Promise<Answer>,
  status: number,
  message: string | RegExp,
  code?: string,
];

const tenKeys = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`key${String(index)}`, "value"]));

describe("what a client may not send", () => {
  it("is a secret with a raw percent sign in a Basic header, which is no form-encoded text", async () => {
    const id = await newClient({ token_endpoint_auth_method: "client_secret_basic" });
    const basic = Buffer.from(`${id}:100%!`).toString("base64");
    const body = new URLSearchParams({ grant_type: "client_credentials", audience: management() });
    const headers = { authorization: `Basic ${basic}` };
    const answer = await fetch(`${sandbox.auth0.url}/oauth/token`, { method: "POST", body, headers, dispatcher });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: "access_denied" });
  });

  it("is an eleventh key of metadata, counted after the change is merged", async () => {
    const id = await newClient({ client_metadata: tenKeys });
    const change = (client_metadata: object) => call("PATCH", `clients/${id}`, { client_metadata });
    expect((await change({ another: "value" })).body).toMatchObject({ statusCode: 400, errorCode: "invalid_body" });
    expect((await change({ key0: "changed" })).status).toBe(200);
    expect((await change({ key0: null, another: "value" })).status).toBe(200);
    expect(Object.keys(sandbox.tenant.state.clients.get(id)?.["client_metadata"] as object)).toHaveLength(10);
  });
});

const systemApi = (): string =>
  [...sandbox.tenant.state.resourceServers.values()].find((api) => api["is_system"] === true)?.id ?? "";

async function times(count: number, act: (index: number) => Promise<Answer>): Promise<Answer> {
  for (let index = 0; index < count - 1; index++) expect((await act(index)).status).toBeLessThan(300);
  return act(count - 1);
}

const REFUSALS: readonly Refusal[] = [
  ["no such client", () => call("GET", "clients/none"), 404, "The client does not exist", "inexistent_client"],
  [
    "no such API",
    () => call("GET", "resource-servers/none"),
    404,
    "The resource server does not exist",
    "inexistent_resource_server",
  ],
  [
    "no such grant",
    () => call("GET", "client-grants/none"),
    404,
    "The grant does not exist.",
    "inexistent_client_grant",
  ],
  [
    "no such organization",
    () => call("GET", "organizations/org_AAAAAAAAAAAAAAA1"),
    404,
    "No organization found by that id or name",
  ],
  [
    "an id that is none",
    () => call("GET", "organizations/nonsense"),
    400,
    /^Path validation error: 'Object didn't pass validation for format .*: nonsense' on property id \(.*\)\.$/,
    "invalid_uri",
  ],
  [
    "a grant on an unknown API",
    async () => call("POST", "client-grants", { client_id: await newClient(), audience: "https://none/", scope: [] }),
    404,
    "No resource with identifier https://none/",
  ],
  [
    "a grant for an unknown client",
    () => call("POST", "client-grants", { client_id: "none", audience: management(), scope: [] }),
    404,
    "Client not found",
  ],
  [
    "a second grant of a pair",
    async () => {
      await made("resource-servers", API);
      const grant = { client_id: await newClient(), audience: API.identifier, scope: ["read"] };
      return times(2, () => call("POST", "client-grants", grant));
    },
    409,
    /^A client grant already exists between \w{32} and https:\/\/a\/$/,
  ],
  [
    "a second API of an identifier",
    () => times(2, () => call("POST", "resource-servers", API)),
    409,
    "A resource server with the same identifier already exists.",
  ],
  [
    "an identifier of Auth0's own",
    () => call("POST", "resource-servers", { identifier: "urn:auth0:express-configure" }),
    400,
    "The selected identifier is reserved.",
  ],
  [
    "a change of a system API",
    () => call("PATCH", `resource-servers/${systemApi()}`, { name: "Mine" }),
    400,
    "System resource servers cannot be patched.",
  ],
  [
    "scopes of a system API",
    () => call("PATCH", `resource-servers/${systemApi()}`, { scopes: [] }),
    400,
    "Payload validation error: 'Additional properties not allowed: scopes'.",
    "invalid_body",
  ],
  [
    "the end of a system API",
    () => call("DELETE", `resource-servers/${systemApi()}`),
    400,
    "System resource servers cannot be deleted.",
  ],
  [
    "a scope without its name",
    () => call("POST", "resource-servers", { identifier: "https://b/", scopes: [{ value: "a" }, {}] }),
    400,
    "Payload validation error: 'Missing required property: value' on property scopes[1].",
    "invalid_body",
  ],
  [
    "a property that nobody knows",
    () => call("POST", "resource-servers", { identifier: "https://b/", nonsense: 1 }),
    400,
    "Payload validation error: 'Additional properties not allowed: nonsense'.",
    "invalid_body",
  ],
  [
    "a parameter that nobody knows",
    () => call("GET", "resource-servers?nonsense=1"),
    400,
    /^Query validation error: 'Additional properties not allowed: nonsense'/,
    "invalid_query_string",
  ],
  [
    "a lifetime for browsers above that for all",
    () => call("POST", "resource-servers", { ...API, token_lifetime: 600, token_lifetime_for_web: 601 }),
    400,
    /token_lifetime_for_web/,
    "invalid_body",
  ],
  [
    "a default organization without flows",
    () => call("POST", "clients", { ...SERVICE, default_organization: { organization_id: "org_AAAAAAAAAAAAAAA1" } }),
    400,
    /Missing required property: flows/,
    "invalid_body",
  ],
  [
    "an id of the caller's own choice",
    () => call("POST", "clients", { ...SERVICE, client_id: "mine" }),
    400,
    "This operation must be authorized by Auth0",
  ],
  [
    "an alias that is taken",
    () => times(2, () => call("POST", "clients", { ...SERVICE, client_aliases: ["job"] })),
    409,
    "Another client exists with the same alias.",
  ],
  [
    "a permission that is missing",
    async () => send("POST", "/api/v2/clients", SERVICE, await managementToken(["read:clients"])),
    403,
    "Insufficient scope, expected any of: create:clients",
    "insufficient_scope",
  ],
  [
    "secrets, asked for by name without the permission",
    async () => send("GET", "/api/v2/clients?fields=client_secret", undefined, await managementToken(["read:clients"])),
    403,
    "You cannot read the following fields: client_secret",
  ],
  [
    "keys on a plan without them",
    async () => {
      const client = await newClient();
      sandbox.tenant.setPlan("professional");
      return call("POST", `clients/${client}/credentials`, key());
    },
    403,
    /^Please upgrade your subscription/,
    "insufficient_entitlement",
  ],
  [
    "more than the plan holds",
    () => {
      sandbox.tenant.plan = "free";
      return times(11, (index) => call("POST", "resource-servers", { identifier: `https://${String(index)}/` }));
    },
    403,
    "You reached the limit of entities of this type for this tenant.",
    "too_many_entities",
  ],
  [
    "a third key in a slot",
    async () => {
      const client = await newClient();
      const ids: unknown[] = [];
      for (let i = 0; i < 3; i++) ids.push({ id: (await made(`clients/${client}/credentials`, key()))["id"] });
      const methods = { private_key_jwt: { credentials: ids } };
      return call("PATCH", `clients/${client}`, { client_authentication_methods: methods });
    },
    400,
    /'Array is too long \(3\), maximum 2'/,
    "invalid_body",
  ],
  [
    "a fifth key in the pool",
    async () => {
      const client = await newClient();
      return times(5, () => call("POST", `clients/${client}/credentials`, key()));
    },
    400,
    "A client can have a maximum of 4 credentials.",
  ],
  [
    "the same key twice",
    async () => {
      const [client, same] = [await newClient(), key()];
      return times(2, () => call("POST", `clients/${client}/credentials`, same));
    },
    400,
    "credentials contains public keys that already exist in client",
  ],
  [
    "an organization that has the grant",
    async () => {
      await made("resource-servers", API);
      const { id } = await made("client-grants", { client_id: await newClient(), audience: API.identifier, scope: [] });
      const { id: organization } = await made("organizations", { name: "acme" });
      return times(2, () => call("POST", `organizations/${String(organization)}/client-grants`, { grant_id: id }));
    },
    409,
    "The client grant has already been added to this organization.",
  ],
  ["no token", () => send("GET", "/api/v2/clients", undefined), 401, "Missing authentication"],
  ["no such token", () => send("GET", "/api/v2/clients", undefined, "nonsense"), 401, "Invalid token"],
  [
    "a token of somebody else's making",
    async () => {
      const [header = "", payload = ""] = (await managementToken()).split(".");
      return send("GET", "/api/v2/clients", undefined, `${header}.${payload}.${"A".repeat(342)}`);
    },
    401,
    "Invalid signature received for JSON Web Token validation",
  ],
  [
    "too much at once",
    async () => {
      sandbox.tenant.setPlan("free");
      const answers = await Promise.all(Array.from({ length: 5 }, () => send("GET", "/api/v2/clients", undefined)));
      return required(answers.find(({ status }) => status === 429));
    },
    429,
    "Global limit has been reached",
    "too_many_requests",
  ],
];

const PHRASES: Readonly<Record<number, string>> = {
  ...{ 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden" },
  ...{ 404: "Not Found", 409: "Conflict", 429: "Too Many Requests" },
};

describe("refusals of the Management API", () => {
  it.each(REFUSALS.map(([what, ...rest]) => [what, rest] as const))("%s", async (_what, rest) => {
    const [act, status, message, errorCode] = rest;
    const answer = await act();
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      statusCode: status,
      error: PHRASES[status],
      message: typeof message === "string" ? message : (expect.stringMatching(message) as string),
      ...(errorCode === undefined ? {} : { errorCode }),
    });
  });

  it("a token that is too old says so twice", async () => {
    sandbox.tenant.knobs.managementTokenSeconds = -10;
    const text = "Expired token received for JSON Web Token validation";
    expect(await call("GET", "clients")).toMatchObject({
      status: 401,
      body: { statusCode: 401, error: "Unauthorized", message: text, attributes: { error: text } },
    });
  });
});
