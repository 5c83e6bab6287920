import { expect, it } from "vitest";
import type { ListedClient } from "../../../../src/ports/provider.ts";
import { api, client, exported, grant, provider, ref } from "./tenant.ts";

const TENANT = { apis: [api()], clients: [client()], grants: [grant()] };

it("what is at the provider's default is not in the manifests", () => {
  const { of, remarks } = exported(TENANT);
  expect(of("OAuthApi")).toEqual([
    {
      ...{ apiVersion: "m2m-operator.io/v1alpha1", kind: "OAuthApi" },
      metadata: { name: "timesheets", namespace: "billing" },
      spec: {
        ...{ audience: "https://timesheets.example.com/", adopt: true, displayName: "Timesheets" },
        scopes: [{ name: "read:all" }, { name: "write:all", description: "Write" }],
      },
    },
  ]);
  expect(of("M2MClient")[0]).toMatchObject({
    metadata: { name: "import-job", namespace: "billing" },
    spec: { clientId: "client1", adopt: true, displayName: "Import Job" },
  });
  expect(of("ScopeGrant")[0]).toMatchObject({
    metadata: { name: "import-job-timesheets", namespace: "billing" },
    spec: { clientRef: { name: "import-job" }, apiRef: { name: "timesheets" }, scopes: ["read:all"] },
  });
  expect(remarks).toEqual([]);
});

it("everything that a spec has and that differs from the default is in the manifests", () => {
  const { of, remarks } = exported({
    apis: [
      api({
        tokens: { lifetimeSeconds: 3600, signingAlgorithm: "PS256", profile: "RFC9068", permissions: "Include" },
        settings: {
          ...{ allowOfflineAccess: true, webTokenLifetimeSeconds: 1800 },
          subjectTypeAuthorization: { client: "RequireClientGrant", user: "DenyAll" },
        },
      }),
    ],
    clients: [
      client({
        ...{ description: "Imports.", metadata: { team: "billing" }, isEnabled: false, defaultOrganization: "org_1" },
        ...{ authenticationMethod: "client_secret_basic", tokenQuota: { perHour: 10, enforce: true } },
      }),
    ],
    grants: [grant({ organizations: { usage: "Allow", any: false, ids: ["org_2", "org_1"] } })],
  });
  expect(of("OAuthApi")[0]?.spec).toMatchObject({
    tokens: { lifetime: "1h", signingAlgorithm: "PS256", profile: "RFC9068", permissions: "Include" },
    auth0: {
      ...{ allowOfflineAccess: true, webTokenLifetime: "30m" },
      subjectTypeAuthorization: { client: "RequireClientGrant", user: "DenyAll" },
    },
  });
  expect(of("M2MClient")[0]?.spec).toMatchObject({
    ...{ description: "Imports.", metadata: { team: "billing" }, enabled: false, defaultOrganization: "org_1" },
    ...{ authentication: { method: "client_secret_basic" }, tokenQuota: { perHour: 10 } },
  });
  expect(of("ScopeGrant")[0]?.spec).toMatchObject({ organizations: { usage: "Allow", names: ["org_1", "org_2"] } });
  expect(of("ClusterIdentityProvider")[0]?.spec?.["allow"]).toMatchObject([{ organizations: ["org_1", "org_2"] }]);
  expect(remarks).toEqual([]);
});

it("the rules allow what is exported, and a second export adds nothing to them", () => {
  const first = exported(TENANT).of("ClusterIdentityProvider")[0];
  expect(first?.spec).toMatchObject({
    ...{ auth0: { domain: "acme.eu.auth0.com" }, credentialsSecretRef: { name: "auth0" } },
    allow: [
      {
        namespaces: { from: "Names", names: ["billing"] },
        ...{ audiences: ["https://timesheets.example.com/"], organizations: [] },
        adopt: { clients: ["client1"], audiences: ["https://timesheets.example.com/"], shareCredential: true },
      },
    ],
  });
  const again = exported(TENANT, { provider: provider(first?.spec) });
  expect(again.of("ClusterIdentityProvider")[0]).toEqual(first);
  const others = { namespaces: { from: "All" }, audiences: ["https://*"] };
  const beside = exported(TENANT, { provider: provider({ allow: [others] }) }).of("ClusterIdentityProvider")[0];
  expect(beside?.spec?.["allow"]).toHaveLength(2);
});

it("a grant for an API of the provider names its audience, and a rule allows it", () => {
  const management = api({ ref: ref("system"), audience: "https://acme.eu.auth0.com/api/v2/", isSystem: true });
  const { of } = exported({ ...TENANT, apis: [management], grants: [grant({ audience: management.audience })] });
  expect(of("OAuthApi")).toEqual([]);
  expect(of("ScopeGrant")[0]?.spec).toMatchObject({ externalAudience: management.audience, scopes: ["read:all"] });
  expect(of("ClusterIdentityProvider")[0]?.spec?.["allow"]).toMatchObject([
    { externalAudiences: [{ audience: management.audience, scopes: ["read:all"] }] },
  ]);
});

it("an API of another namespace consents to exactly what its callers have", () => {
  const other = client({ ref: ref("client2"), clientId: "client2", displayName: "Report" });
  const { of } = exported(
    {
      ...TENANT,
      clients: [client(), other],
      grants: [grant(), grant({ client: ref("client2"), scopes: ["write:all"] })],
    },
    { namespaceOf: ({ id }) => (id === "client2" ? "reports" : "billing") },
  );
  expect(of("Namespace").map(({ metadata }) => metadata.name)).toEqual(["reports"]);
  expect(of("OAuthApi")[0]?.spec?.["allowedGrants"]).toEqual([
    { namespaces: { from: "Names", names: ["reports"] }, scopes: ["write:all"] },
  ]);
  const grants = of("ScopeGrant").map(({ spec }) => spec?.["apiRef"]);
  expect(grants).toEqual([{ name: "timesheets" }, { name: "timesheets", namespace: "billing" }]);
});

it("a client with several grants names the first for the flat keys of its Secret", () => {
  const second = api({ ref: ref("api2"), audience: "https://accounts.example.com/", displayName: "Accounts" });
  const { of, remarks } = exported({
    ...TENANT,
    apis: [api(), second],
    grants: [grant(), grant({ audience: second.audience })],
  });
  expect(of("M2MClient")[0]?.spec?.["secret"]).toEqual({ primaryGrant: "import-job-accounts" });
  expect(remarks).toEqual([expect.stringMatching(/^note: 1 clients have several grants/)]);
});

it("what an operator created itself is left out, what it adopted is exported again", () => {
  const mark = { instance: "a", object: "0123456789abcdef", uid: "1", nonce: "00112233445566ff" } as const;
  const clients: readonly ListedClient[] = [
    client({ mark: { ...mark, origin: "made" } }),
    client({ ref: ref("client2"), clientId: "client2", displayName: "Report", mark: { ...mark, origin: "adopted" } }),
  ];
  const { of, remarks } = exported({ ...TENANT, clients, grants: [grant(), grant({ client: ref("client2") })] });
  expect(of("M2MClient").map(({ metadata }) => metadata.name)).toEqual(["report"]);
  expect(of("ScopeGrant")).toHaveLength(1);
  expect(remarks).toEqual([]);
});

it.each([
  [
    "a scope that no spec can name",
    { apis: [api({ scopes: [{ name: "read:all" }, { name: "write all" }] })] },
    /scopes\[1\]/,
  ],
  ["a setting that no field has", { apis: [api({ beyond: ["token_encryption"] })] }, /token_encryption/],
  ["an audience with a space", { apis: [api({ audience: "my api" })] }, /API my api is left out/],
  ["a description that is too long", { clients: [client({ description: "x".repeat(141) })] }, /description/],
  ["more metadata than a spec has", { clients: [client({ metadata: nine() })] }, /metadata/],
  ["a client that nobody can adopt", { clients: [client({ refusal: "it belongs to a third party" })] }, /third party/],
  ["a grant without scopes", { grants: [grant({ scopes: [], refusal: "it has no scopes" })] }, /it has no scopes/],
  [
    "a scope that the API does not have",
    { grants: [grant({ scopes: ["read:all", "gone"] })] },
    /does not define scope gone/,
  ],
  ["a grant of a client that is gone", { grants: [grant({ client: ref("gone") })] }, /no such client/],
  ["a grant for an API that is gone", { grants: [grant({ audience: "https://gone/" })] }, /no such API/],
  ["what could not be read", { unreadable: ['client "x" cannot be read'] }, /client "x" cannot be read/],
])("%s is named, and never dropped silently", (_what, fields, said) => {
  const { remarks } = exported({ ...TENANT, ...fields });
  expect(remarks.filter((remark) => remark.startsWith("beyond")).join("\n")).toMatch(said);
});

function nine(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 9 }, (_each, index) => [`key${String(index)}`, "value"]));
}

it("a scope is still exported when only its description cannot be said", () => {
  const { of } = exported({ ...TENANT, apis: [api({ scopes: [{ name: "read:all", description: "x".repeat(501) }] })] });
  expect(of("OAuthApi")[0]?.spec?.["scopes"]).toEqual([{ name: "read:all" }]);
  expect(of("ScopeGrant")).toHaveLength(1);
});

it("two APIs of one audience are told apart by their ID, where a vendor has such", () => {
  const fields = {
    tokens: { signingAlgorithm: "RS256" },
    settings: { issuerMode: "OrgUrl", signingKeyRotation: "Auto" },
  };
  const apis = [api(fields), api({ ...fields, ref: ref("api2") })];
  const okta = provider({ auth0: undefined, okta: { orgUrl: "https://acme.okta.com" } });
  const { of } = exported({ apis }, { vendor: "okta", provider: okta });
  expect(of("OAuthApi").map(({ metadata }) => metadata.name)).toEqual([
    expect.stringMatching(/^timesheets-[0-9a-f]{8}$/),
    expect.stringMatching(/^timesheets-[0-9a-f]{8}$/),
  ]);
  const ids = of("OAuthApi").map(({ spec }) => spec?.["okta"]);
  expect(ids).toHaveLength(2);
  expect(ids).toContainEqual({ authorizationServerId: "api1" });
  expect(ids).toContainEqual({ authorizationServerId: "api2" });
});

it("resources of a namespaced provider name it, and its rules name no namespace", () => {
  const idp = { ...provider({}, { namespace: "billing", name: "tenant" }), kind: "IdentityProvider" };
  const { of } = exported(TENANT, { provider: idp });
  expect(of("M2MClient")[0]?.spec?.["providerRef"]).toEqual({ kind: "IdentityProvider", name: "tenant" });
  // Without rules everything could be claimed: that stays so.
  expect(of("IdentityProvider")[0]?.spec?.["allow"]).toEqual([
    { adopt: { clients: ["client1"], audiences: ["https://timesheets.example.com/"], shareCredential: true } },
  ]);
});
