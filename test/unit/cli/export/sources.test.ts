import { expect, it } from "vitest";
import { fromDeployCli } from "../../../../cli/export/sources/deploy-cli.ts";
import { fromTerraform } from "../../../../cli/export/sources/terraform.ts";
import type { Inventory } from "../../../../src/ports/provider.ts";
import { PROVIDERS } from "../../../../src/providers/by-name.ts";
import { exported, provider } from "./tenant.ts";

async function inventoryOf(vendor: string, documents: object): Promise<Inventory> {
  const module = await PROVIDERS[vendor]?.load();
  if (module?.inventoryOf === undefined) throw new Error(`${vendor} reads no documents`);
  return module.inventoryOf(documents as never, { ownClientId: "own", areKeysShown: false } as never);
}

const TENANT_YAML = `
resourceServers:
  - name: Timesheets
    identifier: https://timesheets.example.com/
    token_lifetime: 3600
    scopes: [{ value: "read:all", description: Read }]
clients:
  - name: Import Job
    client_id: client1
    app_type: non_interactive
    grant_types: [client_credentials]
    token_endpoint_auth_method: client_secret_basic
  - name: m2m-operator
    client_id: own
    app_type: non_interactive
    grant_types: [client_credentials]
  - name: Web
    client_id: client2
    app_type: spa
clientGrants:
  - client_id: Import Job
    audience: https://timesheets.example.com/
    scope: [read:all]
`;

it("tenant.yaml of auth0-deploy-cli becomes the manifests that the tenant would", async () => {
  const { documents, missing } = fromDeployCli(TENANT_YAML);
  const inventory = await inventoryOf("auth0", documents);
  const { of, remarks } = exported(inventory);
  expect(missing).toEqual([]);
  expect(inventory.loginClients).toBe(1);
  expect(of("OAuthApi").map(({ spec }) => spec)).toEqual([
    {
      ...{ audience: "https://timesheets.example.com/", adopt: true, displayName: "Timesheets" },
      ...{ scopes: [{ name: "read:all", description: "Read" }], tokens: { lifetime: "1h" } },
    },
  ]);
  expect(of("M2MClient").map(({ spec }) => spec)).toEqual([
    {
      ...{ clientId: "client1", adopt: true, displayName: "Import Job" },
      authentication: { method: "client_secret_basic" },
    },
  ]);
  expect(of("ScopeGrant")).toHaveLength(1);
  expect(remarks).toEqual([expect.stringMatching(/^note: client "m2m-operator" \(own\)/)]);
});

it("a client without its ID in tenant.yaml is named and left out with its grants", async () => {
  const { documents, missing } = fromDeployCli(TENANT_YAML.replace("    client_id: client1\n", ""));
  const { of } = exported(await inventoryOf("auth0", documents));
  expect(missing).toEqual([expect.stringMatching(/client "Import Job".*AUTH0_EXPORT_IDENTIFIERS/)]);
  expect([of("M2MClient"), of("ScopeGrant")]).toEqual([[], []]);
});

it.each([
  ["clients: 1", /is not tenant.yaml of auth0-deploy-cli: clients/],
  ["clients: [", /is not YAML/],
])("%j is refused", (text, said) => {
  expect(() => fromDeployCli(text)).toThrow(said);
});

const managed = (type: string, values: object) => ({ address: `${type}.x`, mode: "managed", type, values });
const stateOf = (...resources: readonly object[]): string =>
  JSON.stringify({
    format_version: "1.0",
    values: { root_module: { child_modules: [{ resources }] } },
  });

const AUTH0_STATE = stateOf(
  managed("auth0_resource_server", {
    ...{ id: "rs1", identifier: "https://timesheets.example.com/", name: "Timesheets", token_lifetime: 86_400 },
    ...{ signing_alg: "RS256", token_dialect: "rfc9068_profile", allow_offline_access: true, signing_secret: null },
    subject_type_authorization: [{ user: [{ policy: "deny_all" }], client: [{ policy: "require_client_grant" }] }],
  }),
  managed("auth0_resource_server_scopes", {
    ...{ id: "x", resource_server_identifier: "https://timesheets.example.com/" },
    scopes: [{ name: "read:all", description: "Read" }],
  }),
  managed("auth0_client", {
    ...{ id: "client1", client_id: "client1", name: "Import Job", app_type: "non_interactive", is_first_party: true },
    ...{
      grant_types: ["client_credentials"],
      client_metadata: { team: "billing" },
      client_secret: "not-a-real-secret",
    },
  }),
  managed("auth0_client_credentials", {
    ...{ id: "client1", client_id: "client1", authentication_method: "client_secret_basic" },
    client_secret: "not-a-real-secret",
  }),
  managed("auth0_client_grant", {
    ...{ id: "cgr1", client_id: "client1", audience: "https://timesheets.example.com/", scopes: ["read:all"] },
    ...{ subject_type: "client", organization_usage: "", allow_any_organization: false },
  }),
  managed("auth0_connection", { id: "con1" }),
);

it("a Terraform state of Auth0 becomes the manifests that the tenant would, without any secret of it", async () => {
  const { documents, missing } = fromTerraform(AUTH0_STATE, "auth0");
  const { manifests, of, remarks } = exported(await inventoryOf("auth0", documents));
  expect(missing).toEqual(["1 auth0_connection: not read"]);
  expect(remarks).toEqual([]);
  expect(of("OAuthApi")[0]?.spec).toMatchObject({
    ...{ scopes: [{ name: "read:all", description: "Read" }], tokens: { profile: "RFC9068" } },
    auth0: { allowOfflineAccess: true, subjectTypeAuthorization: { client: "RequireClientGrant", user: "DenyAll" } },
  });
  expect(of("M2MClient")[0]?.spec).toMatchObject({
    ...{ clientId: "client1", metadata: { team: "billing" }, authentication: { method: "client_secret_basic" } },
  });
  expect(of("ScopeGrant")[0]?.spec).toMatchObject({ scopes: ["read:all"] });
  expect(JSON.stringify(manifests)).not.toContain("not-a-real-secret");
});

const OKTA_STATE = stateOf(
  managed("okta_auth_server", {
    ...{ id: "aus1", name: "Timesheets", description: "Hours.", audiences: ["https://timesheets.example.com/"] },
    ...{ issuer: "https://acme.okta.com/oauth2/aus1", issuer_mode: "DYNAMIC", status: "ACTIVE" },
    credentials_rotation_mode: "AUTO",
  }),
  managed("okta_auth_server_scope", {
    ...{ id: "s1", auth_server_id: "aus1", name: "read:all", consent: "IMPLICIT", default: true, system: false },
  }),
  managed("okta_auth_server_claim", {
    ...{ id: "c1", auth_server_id: "aus1", name: "team", value: '"x"', value_type: "EXPRESSION", status: "ACTIVE" },
    ...{ claim_type: "RESOURCE", always_include_in_token: true, scopes: [] },
  }),
  managed("okta_app_oauth", {
    ...{ id: "app1", client_id: "client1", label: "Import Job", type: "service", status: "ACTIVE" },
    ...{ grant_types: ["client_credentials"], token_endpoint_auth_method: "client_secret_post" },
    ...{ profile: '{"team":"billing"}', client_secret: "not-a-real-secret", admin_note: "Imports." },
  }),
  managed("okta_auth_server_policy", {
    ...{ id: "p1", auth_server_id: "aus1", name: "Import", status: "ACTIVE", priority: 1 },
    client_whitelist: ["client1"],
  }),
  managed("okta_auth_server_policy_rule", {
    ...{ id: "r1", auth_server_id: "aus1", policy_id: "p1", name: "Machines", status: "ACTIVE", priority: 1 },
    ...{ grant_type_whitelist: ["client_credentials"], scope_whitelist: ["*"], access_token_lifetime_minutes: 30 },
  }),
  managed("okta_auth_server_policy", {
    ...{ id: "p2", auth_server_id: "aus1", name: "Everybody", status: "ACTIVE", priority: 2 },
    client_whitelist: ["ALL_CLIENTS"],
  }),
);

it("a Terraform state of Okta becomes the manifests that the org would, and names the policy that no grant stands for", async () => {
  const { documents, missing } = fromTerraform(OKTA_STATE, "okta");
  const okta = { vendor: "okta", provider: provider({ auth0: undefined, okta: { orgUrl: "https://acme.okta.com" } }) };
  const { manifests, of, remarks } = exported(await inventoryOf("okta", documents), okta);
  expect(missing).toEqual([]);
  expect(of("OAuthApi")[0]?.spec).toMatchObject({
    ...{ description: "Hours.", scopes: [{ name: "read:all", default: true }] },
    okta: { issuerMode: "Dynamic", claims: [{ name: "team", expression: '"x"' }] },
  });
  expect(of("M2MClient")[0]?.spec).toMatchObject({
    ...{ clientId: "client1", description: "Imports.", metadata: { team: "billing" } },
    authentication: { method: "client_secret_post" },
  });
  expect(of("ScopeGrant")[0]?.spec).toMatchObject({ allScopes: true, tokenLifetime: "30m" });
  expect(remarks).toEqual([expect.stringMatching(/^beyond: .*policy "Everybody" is for all clients$/)]);
  expect(JSON.stringify(manifests)).not.toContain("not-a-real-secret");
});

it.each([
  ["{", /is not JSON/],
  ['{"version": 4}', /is not the output of terraform show -json/],
])("%j is refused", (text, said) => {
  expect(() => fromTerraform(text, "auth0")).toThrow(said);
});
