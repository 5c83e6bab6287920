import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import type { Provider, Ref } from "../../../src/ports/provider.ts";
import { clientFromApp } from "../../../src/providers/okta/client-bodies.ts";
import { apiFromServer } from "../../../src/providers/okta/api-bodies.ts";
import { connected } from "../../contract/connected.ts";

let sandbox: Sandbox;
let provider: Provider;
beforeAll(async () => {
  sandbox = await startSandbox();
  const { auth0, tenant } = sandbox;
  const { clients, grants, resourceServers } = tenant.state;
  const put = (map: Map<string, unknown>, id: string, document: object): void => {
    map.set(id, document);
  };
  // As public recordings have them: what was never set is missing. Others say null.
  const client = { name: "bare", client_secret: "not-a-real-secret", grant_types: ["client_credentials"] };
  put(clients, "missing", { ...client, client_id: "missing" });
  put(clients, "nulls", {
    ...{ ...client, client_id: "nulls", app_type: null, token_endpoint_auth_method: null, client_metadata: null },
    ...{ description: null, default_organization: null, client_authentication_methods: null, is_first_party: null },
    token_quota: { client_credentials: { enforce: null, per_hour: 10, per_day: null } },
  });
  const api = { name: "bare" };
  put(resourceServers, "api-missing", { ...api, id: "api-missing", identifier: "https://missing" });
  put(resourceServers, "api-nulls", {
    ...{ ...api, id: "api-nulls", identifier: "https://nulls", scopes: [{ value: "a", description: null }] },
    ...{ token_lifetime: null, token_lifetime_for_web: null, signing_alg: null, token_dialect: null },
    ...{ subject_type_authorization: { client: null, user: null }, allow_offline_access: null },
    proof_of_possession: { mechanism: "mtls", required: null, required_for: null },
  });
  const grant = { client_id: "missing", audience: "https://missing" };
  put(grants, "grant-missing", { ...grant, id: "grant-missing" });
  put(grants, "grant-nulls", {
    ...{ ...grant, client_id: "nulls", id: "grant-nulls", scope: null, subject_type: null, default_for: null },
    ...{ organization_usage: null, allow_any_organization: null, allow_all_scopes: null },
  });
  const credentials = { client_id: auth0.clientId, client_secret: auth0.clientSecret };
  provider = await connected("auth0", sandbox, { domain: auth0.domain }, credentials);
});
afterAll(async () => {
  provider.close();
  await sandbox.close();
});

it.each(["missing", "nulls"])("an Auth0 client with values that are %s is at the vendor's defaults", async (id) => {
  const client = await provider.clients.get(id as Ref);
  expect(client).toMatchObject({
    ...{ authenticationMethod: "client_secret_post", isService: true, isEnabled: true, isSystem: false },
    ...{ description: undefined, defaultOrganization: undefined, metadata: {}, keyRefs: [] },
  });
  expect(client?.tokenQuota).toEqual(id === "nulls" ? { perHour: 10, enforce: true } : undefined);
});

it.each(["missing", "nulls"])("an Auth0 API with values that are %s is at the vendor's defaults", async (id) => {
  const api = await provider.apis.findByAudience(`https://${id}`);
  expect(api).toMatchObject({
    tokens: { lifetimeSeconds: 86_400, signingAlgorithm: "RS256", profile: "Auth0", permissions: "Omit" },
    scopes: id === "nulls" ? [{ name: "a" }] : [],
    settings: {
      ...{ subjectTypeAuthorization: { client: "RequireClientGrant", user: "AllowAll" }, allowOfflineAccess: false },
      proofOfPossession: { mechanism: id === "nulls" ? "MTLS" : "None", required: false },
      webTokenLifetimeSeconds: 7200,
    },
  });
});

it.each(["missing", "nulls"])("an Auth0 grant with values that are %s is one for the client", async (id) => {
  const grant = await provider.grants.find(id as Ref, { audience: "https://missing" } as never, false);
  expect(grant).toMatchObject({
    ...{ client: id, scopes: [], allScopes: false, isSystem: false },
    organizations: { usage: "Deny", any: false },
  });
});

const APP = { id: "0oa", label: "Job", signOnMode: "OPENID_CONNECT", status: "ACTIVE" };
const SERVER = { id: "aus", name: "API", audiences: ["https://a"], issuer: "https://acme.example.com/oauth2/aus" };

it("an Okta app that tells no method has Okta's default, and one of no client of ours has none", () => {
  const method = (token_endpoint_auth_method?: string | null) =>
    clientFromApp(
      {
        ...APP,
        credentials: {
          oauthClient: { client_id: "0oa", token_endpoint_auth_method: token_endpoint_auth_method ?? null },
        },
      },
      undefined,
      new Date(0),
    ).authenticationMethod;
  expect([method(), method(null), method("none"), method("client_secret_post")]).toEqual([
    ...["client_secret_basic", "client_secret_basic", undefined, "client_secret_post"],
  ]);
  const { isService, isServiceType } = clientFromApp(
    {
      ...APP,
      settings: { oauthClient: { application_type: "service", grant_types: null, dpop_bound_access_tokens: null } },
    },
    undefined,
    new Date(0),
  );
  expect([isService, isServiceType]).toEqual([true, false]);
});

it("an Okta server that tells no issuer mode or rotation has Okta's defaults", () => {
  const parts = { scopes: [], claims: undefined, policies: [], readAt: new Date(0) };
  expect(apiFromServer(SERVER, parts, new Date(0)).settings).toEqual({
    issuerMode: "OrgUrl",
    signingKeyRotation: "Auto",
  });
});
