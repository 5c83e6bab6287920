import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";

/** Every field that reaches the tenant: what it makes there, and what a later change of it changes there. */
let world: World;
let ns: string;
beforeAll(async () => {
  world = await createWorld();
  ns = await world.namespace();
  const { organizations } = world.sandbox.tenant.state;
  for (const [id, name] of [
    ["org_AAAAAAAAAAAAAAA1", "acme"],
    ["org_BBBBBBBBBBBBBBB2", "globex"],
  ] as const)
    organizations.set(id, { id, name, display_name: name });
});
afterAll(async () => {
  await world.end();
});

type Case = readonly [field: string, before: object, there: object, after: object, then: object];
type Remote = Readonly<Record<string, unknown>> | undefined;

const matches = (remote: Remote, wanted: object): boolean => {
  try {
    expect(remote).toMatchObject(wanted);
    return true;
  } catch {
    return false;
  }
};

let counter = 0;
const freshName = (): string => `field-${String(counter++)}`;

const auth0 = (section: object): object => ({ auth0: section });
const tokens = (section: object): object => ({ tokens: section });
const policies = (client: string, user: string): object => ({
  subject_type_authorization: { client: { policy: client }, user: { policy: user } },
});

describe("OAuthApi", () => {
  it.each<Case>([
    ["displayName", { displayName: "One" }, { name: "One" }, { displayName: "Two" }, { name: "Two" }],
    [
      "scopes",
      { scopes: [{ name: "a", description: "A" }] },
      { scopes: [{ value: "a", description: "A" }] },
      { scopes: [{ name: "a", description: "B" }, { name: "c" }] },
      { scopes: [{ value: "a", description: "B" }, { value: "c" }] },
    ],
    [
      "tokens.lifetime",
      tokens({ lifetime: "4h" }),
      { token_lifetime: 14_400, token_lifetime_for_web: 7200 },
      tokens({ lifetime: "10m" }),
      { token_lifetime: 600, token_lifetime_for_web: 600 },
    ],
    [
      "tokens.signingAlgorithm RS256, PS256",
      tokens({ signingAlgorithm: "RS256" }),
      { signing_alg: "RS256" },
      tokens({ signingAlgorithm: "PS256" }),
      { signing_alg: "PS256" },
    ],
    [
      "tokens.signingAlgorithm RS512, HS256",
      tokens({ signingAlgorithm: "RS512" }),
      { signing_alg: "RS512" },
      tokens({ signingAlgorithm: "HS256" }),
      { signing_alg: "HS256" },
    ],
    [
      "tokens.profile and permissions: the classic dialects",
      tokens({ profile: "Auth0", permissions: "Omit" }),
      { token_dialect: "access_token", enforce_policies: false },
      tokens({ profile: "Auth0", permissions: "Include" }),
      { token_dialect: "access_token_authz", enforce_policies: true },
    ],
    [
      "tokens.profile and permissions: the RFC 9068 dialects",
      tokens({ profile: "RFC9068", permissions: "Include" }),
      { token_dialect: "rfc9068_profile_authz", enforce_policies: true },
      tokens({ profile: "RFC9068", permissions: "Omit" }),
      { token_dialect: "rfc9068_profile", enforce_policies: false },
    ],
    [
      "auth0.subjectTypeAuthorization",
      auth0({ subjectTypeAuthorization: { client: "RequireClientGrant", user: "DenyAll" } }),
      policies("require_client_grant", "deny_all"),
      auth0({ subjectTypeAuthorization: { client: "DenyAll" } }),
      policies("deny_all", "deny_all"),
    ],
    [
      "auth0.subjectTypeAuthorization.user",
      auth0({ subjectTypeAuthorization: { user: "RequireClientGrant" } }),
      policies("require_client_grant", "require_client_grant"),
      auth0({ subjectTypeAuthorization: { user: "AllowAll" } }),
      policies("require_client_grant", "allow_all"),
    ],
    [
      "auth0.allowOfflineAccess",
      auth0({ allowOfflineAccess: true }),
      { allow_offline_access: true },
      auth0({ allowOfflineAccess: false }),
      { allow_offline_access: false },
    ],
    [
      "auth0.allowOnlineAccess",
      auth0({ allowOnlineAccess: true }),
      { allow_online_access: true },
      auth0({ allowOnlineAccess: false }),
      { allow_online_access: false },
    ],
    [
      "auth0.skipUserConsent",
      auth0({ skipUserConsent: true }),
      { skip_consent_for_verifiable_first_party_clients: true },
      auth0({ skipUserConsent: false }),
      { skip_consent_for_verifiable_first_party_clients: false },
    ],
    [
      "auth0.proofOfPossession",
      auth0({ proofOfPossession: { mechanism: "DPoP", required: true, requiredFor: "PublicClients" } }),
      { proof_of_possession: { mechanism: "dpop", required: true, required_for: "public_clients" } },
      auth0({ proofOfPossession: { mechanism: "MTLS", required: true, requiredFor: "AllClients" } }),
      { proof_of_possession: { mechanism: "mtls", required: true, required_for: "all_clients" } },
    ],
    [
      "auth0.proofOfPossession.mechanism alone",
      auth0({ proofOfPossession: { mechanism: "DPoP" } }),
      { proof_of_possession: { mechanism: "dpop", required: false } },
      auth0({ proofOfPossession: { mechanism: "MTLS" } }),
      { proof_of_possession: { mechanism: "mtls", required: false } },
    ],
    [
      "auth0.webTokenLifetime",
      { ...tokens({ lifetime: "4h" }), ...auth0({ webTokenLifetime: "1h" }) },
      { token_lifetime: 14_400, token_lifetime_for_web: 3600 },
      { ...tokens({ lifetime: "1h" }), ...auth0({ webTokenLifetime: "30m" }) },
      { token_lifetime: 3600, token_lifetime_for_web: 1800 },
    ],
  ])("%s", async (_field, before, there, after, then) => {
    const name = freshName();
    const remote = (): Remote => world.remoteApi(`https://${ns}.example.com/${name}`);
    await world.api(ns, name, before);
    await world.ready("OAuthApi", ns, name);
    expect(remote()).toMatchObject(there);
    await world.api(ns, name, after);
    await eventually(remote, (api) => matches(api, then), "the change at the tenant");
    await world.ready("OAuthApi", ns, name);
  });

  it("a lifetime for browsers above the one in force is refused by name, and never there", async () => {
    const name = freshName();
    const remote = (): Remote => world.remoteApi(`https://${ns}.example.com/${name}`);
    await world.api(ns, name, tokens({ lifetime: "1h" }));
    await world.ready("OAuthApi", ns, name);
    await world.api(ns, name, auth0({ webTokenLifetime: "2h" }));
    const api = await world.reason("OAuthApi", ns, name, "InvalidRequest");
    expect(conditionOf(api, "Ready")?.message).toContain("token_lifetime_for_web");
    expect(remote()).toMatchObject({ token_lifetime: 3600, token_lifetime_for_web: 3600 });
    await world.api(ns, name, { ...tokens({ lifetime: "2h" }), ...auth0({ webTokenLifetime: "2h" }) });
    await world.ready("OAuthApi", ns, name);
    expect(remote()).toMatchObject({ token_lifetime: 7200, token_lifetime_for_web: 7200 });
  });

  it("taken out again, proof of possession is gone with mechanism None", async () => {
    const name = freshName();
    await world.api(ns, name, auth0({ proofOfPossession: { mechanism: "DPoP", required: true } }));
    await world.ready("OAuthApi", ns, name);
    await world.api(ns, name, auth0({ proofOfPossession: { mechanism: "None" } }));
    await eventually(
      () => world.remoteApi(`https://${ns}.example.com/${name}`),
      (api) => api !== undefined && !("proof_of_possession" in api),
      "no proof of possession",
    );
    await world.ready("OAuthApi", ns, name);
  });

  it("the signing secret follows the tenant into its Secret, and away", async () => {
    const name = freshName();
    const spec = { ...tokens({ signingAlgorithm: "HS256" }), signingSecret: { name: `${name}-key` } };
    await world.api(ns, name, spec);
    await world.ready("OAuthApi", ns, name);
    const remote = world.remoteApi(`https://${ns}.example.com/${name}`);
    const published = await world.cluster.secret(ns, `${name}-key`);
    expect(published).toMatchObject({ signing_algorithm: "HS256", audience: `https://${ns}.example.com/${name}` });
    expect(published?.["signing_secret"] === remote?.["signing_secret"]).toBe(true);
    // Somebody edits it: the operator reverts the edit.
    await world.cluster.patch("Secret", ns, `${name}-key`, { data: { signing_secret: "" } });
    await eventually(
      () => world.cluster.secret(ns, `${name}-key`),
      (data) => data?.["signing_secret"] === remote?.["signing_secret"],
      "the key put right",
    );
    await world.api(ns, name, tokens({ signingAlgorithm: "RS256" }));
    await eventually(
      () => world.cluster.get("Secret", ns, `${name}-key`),
      (secret) => secret === undefined,
      "the Secret gone",
    );
  });
});

describe("M2MClient", () => {
  it.each<Case>([
    ["displayName", { displayName: "One" }, { name: "One" }, { displayName: "Two" }, { name: "Two" }],
    ["description", { description: "One" }, { description: "One" }, { description: "Two" }, { description: "Two" }],
    [
      "authentication.method",
      { authentication: { method: "client_secret_post" } },
      { token_endpoint_auth_method: "client_secret_post" },
      {
        authentication: { method: "client_secret_basic" },
        // Announced for five minutes otherwise.
        rotation: { announce: "0s", waitForPods: "None" },
      },
      { token_endpoint_auth_method: "client_secret_basic" },
    ],
    [
      "metadata",
      { metadata: { team: "a", tier: "1" } },
      { client_metadata: { team: "a", tier: "1" } },
      { metadata: { team: "b" } },
      { client_metadata: { team: "b" } },
    ],
    [
      "tokenQuota",
      { tokenQuota: { perHour: 100, perDay: 1000 } },
      { token_quota: { client_credentials: { per_hour: 100, per_day: 1000, enforce: true } } },
      { tokenQuota: { perHour: 50, enforce: false } },
      { token_quota: { client_credentials: { per_hour: 50, enforce: false } } },
    ],
    [
      "defaultOrganization, by name and by id",
      { defaultOrganization: "acme" },
      { default_organization: { organization_id: "org_AAAAAAAAAAAAAAA1", flows: ["client_credentials"] } },
      { defaultOrganization: "org_BBBBBBBBBBBBBBB2" },
      { default_organization: { organization_id: "org_BBBBBBBBBBBBBBB2", flows: ["client_credentials"] } },
    ],
    ["enabled", { enabled: true }, { grant_types: ["client_credentials"] }, { enabled: false }, { grant_types: [] }],
    [
      "enabled, switched on later",
      { enabled: false },
      { grant_types: [] },
      { enabled: true },
      { grant_types: ["client_credentials"] },
    ],
  ])("%s", async (_field, before, there, after, then) => {
    const name = freshName();
    await world.client(ns, name, before);
    const { status } = await world.ready("M2MClient", ns, name);
    const remote = (): Remote => world.remoteClient(status?.["clientId"]);
    expect(remote()).toMatchObject(there);
    await world.client(ns, name, after);
    await eventually(remote, (client) => matches(client, then), "the change at the tenant");
    await world.ready("M2MClient", ns, name);
    expect(remote()?.["client_id"]).toBe(status?.["clientId"]);
  });

  it("a default organization that the tenant does not have is waited for, by name", async () => {
    const name = freshName();
    await world.client(ns, name, { defaultOrganization: "nobody" });
    const client = await world.reason("M2MClient", ns, name, "OrganizationNotFound");
    expect(conditionOf(client, "Ready")?.message).toContain("nobody");
    expect(conditionOf(client, "Stalled")).toBeUndefined();
  });

  it("a quota that is used up says nothing about the credential", async () => {
    const name = freshName();
    await world.api(ns, name);
    await world.client(ns, name, { tokenQuota: { perHour: 1 } });
    await world.ready("M2MClient", ns, name);
    const clientId = (await world.cluster.get("M2MClient", ns, name))?.status?.["clientId"];
    const hour = Math.floor(Date.now() / 3_600_000);
    world.sandbox.tenant.state.quotaUse.set(`${String(clientId)} per_hour ${String(hour)}`, 1);
    await world.grant(ns, name, { clientRef: { name }, apiRef: { name }, allScopes: true });
    await world.ready("ScopeGrant", ns, name);
    await eventually(
      () => world.cluster.get("M2MClient", ns, name),
      (client) => conditionOf(client, "Verified")?.reason === "CannotVerify",
      "CannotVerify",
    );
    await world.ready("M2MClient", ns, name);
  });
});

describe("ScopeGrant", () => {
  it.each<Case>([
    [
      "scopes",
      { scopes: ["read:things"] },
      { scope: ["read:things"] },
      { scopes: ["read:things", "write:things"] },
      { scope: ["read:things", "write:things"] },
    ],
    [
      "allScopes",
      { scopes: ["read:things"] },
      { scope: ["read:things"] },
      { allScopes: true },
      { scope: ["read:things", "write:things"] },
    ],
    [
      "organizations.usage and any",
      { allScopes: true, organizations: { usage: "Allow", any: true } },
      { organization_usage: "allow", allow_any_organization: true },
      { allScopes: true, organizations: { usage: "Require", any: false } },
      { organization_usage: "require", allow_any_organization: false },
    ],
    [
      "organizations.usage Deny",
      { allScopes: true, organizations: { usage: "Allow" } },
      { organization_usage: "allow" },
      { allScopes: true, organizations: { usage: "Deny" } },
      { organization_usage: "deny" },
    ],
  ])("%s", async (_field, before, there, after, then) => {
    const name = freshName();
    await world.api(ns, name);
    await world.client(ns, name);
    const refs = { clientRef: { name }, apiRef: { name } };
    await world.grant(ns, name, { ...refs, ...before });
    await world.ready("ScopeGrant", ns, name);
    const clientId = (await world.cluster.get("M2MClient", ns, name))?.status?.["clientId"];
    const remote = (): Remote => world.remoteGrants(clientId)[0];
    expect(remote()).toMatchObject(there);
    await world.grant(ns, name, { ...refs, ...after });
    await eventually(remote, (grant) => matches(grant, then), "the change at the tenant");
    await world.ready("ScopeGrant", ns, name);
  });

  it("organizations.names, linked and unlinked, by name or id", async () => {
    const name = freshName();
    await world.api(ns, name);
    await world.client(ns, name);
    const spec = (...names: string[]): object => ({
      clientRef: { name },
      apiRef: { name },
      allScopes: true,
      organizations: { usage: "Allow", names },
    });
    await world.grant(ns, name, spec("acme", "org_BBBBBBBBBBBBBBB2"));
    const { status } = await world.ready("ScopeGrant", ns, name);
    const links = (): string[] => [
      ...(world.sandbox.tenant.state.grantOrganizations.get(String(status?.["externalId"])) ?? []),
    ];
    expect(links().sort()).toEqual(["org_AAAAAAAAAAAAAAA1", "org_BBBBBBBBBBBBBBB2"]);
    await world.grant(ns, name, spec("acme"));
    await eventually(links, (ids) => ids.length === 1, "one organization left");
    await world.ready("ScopeGrant", ns, name);
    const grants = JSON.parse((await world.cluster.secret(ns, name))?.["grants"] ?? "[]") as {
      organizations?: unknown;
    }[];
    expect(grants[0]?.organizations).toEqual(["org_AAAAAAAAAAAAAAA1"]);
  });
});

describe("the provider", () => {
  it("customDomain is the host of issuer and URLs that workloads get, and tokens come from there", async () => {
    const name = freshName();
    await world.api(ns, name);
    await world.client(ns, name);
    await world.grant(ns, name, { clientRef: { name }, apiRef: { name }, allScopes: true });
    await world.ready("ScopeGrant", ns, name);
    const { customDomain = "", domain } = world.sandbox.tenant;
    expect((await world.cluster.secret(ns, name))?.["issuer"]).toBe(`https://${domain}/`);
    await world.configure({ auth0: { domain, customDomain } });
    const secret = await eventually(
      () => world.cluster.secret(ns, name),
      (data) => data?.["issuer"] === `https://${customDomain}/`,
      "the custom domain in the Secret",
    );
    expect(secret).toMatchObject({ domain: customDomain, token_endpoint: `https://${customDomain}/oauth/token` });
    await world.configure({ auth0: { domain, customDomain: null } });
  });
});
