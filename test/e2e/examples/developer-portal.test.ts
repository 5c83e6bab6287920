import { readFileSync } from "node:fs";
import { join } from "node:path";
import { JwtVerifier } from "aws-jwt-verify";
import { fetch } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf, eventually } from "../../integration/cluster.ts";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";

const NAMESPACE = "developer-portal";
const SCOPES = ["create:client_grants", "read:users", "create:users", "update:users", "create:clients"].concat(
  ["create:organizations", "read:organizations", "update:organizations"],
  ["create:organization_members", "create:organization_client_grants"],
);

let world: ExampleWorld;
let folder: string;
let management: string;
beforeAll(async () => {
  world = await createExampleWorld();
  folder = join(world.dir, "developer-portal");
  management = `https://${world.sandbox.auth0.domain}/api/v2/`;
});
afterAll(async () => {
  await world.kubectl("delete", "-k", folder, "--ignore-not-found", "--timeout=60s");
  await world.end();
});

const RESOURCES = [
  ["OAuthApi", "portal"],
  ["M2MClient", "portal-provisioner"],
  ["ScopeGrant", "portal-provisions"],
] as const;

async function applied(): Promise<void> {
  await world.kubectl("apply", "-k", folder);
  for (const [kind, name] of RESOURCES) await world.ready(kind, NAMESPACE, name);
}

const grantOn = (namespace: string, name: string, scopes: readonly string[]): object => ({
  apiVersion: "m2m-operator.io/v1alpha1",
  kind: "ScopeGrant",
  metadata: { name, namespace },
  spec: { clientRef: { name: "portal-provisioner" }, externalAudience: management, scopes },
});

const remoteGrants = (): readonly string[][] =>
  [...world.sandbox.tenant.state.grants.values()]
    .filter(({ audience, client_id: id }) => audience === management && id !== world.sandbox.auth0.clientId)
    .map(({ scope = [] }) => scope);

const messageOf = async (kind: string, name: string): Promise<string> =>
  conditionOf(await world.cluster.get(kind, NAMESPACE, name), "Ready")?.message ?? "";

it("a portal provisions customers with nothing but its variables, and what it makes is left alone", async () => {
  const before = await world.tenantState();
  await applied();
  expect(remoteGrants()).toEqual([[...SCOPES].sort()]);
  const variables = (await world.cluster.secret(NAMESPACE, "portal-provisioner-env")) ?? {};
  expect(Object.keys(variables).sort()).toEqual(
    ["API_AUDIENCE", "API_SCOPE", "CLIENT_ID", "CLIENT_SECRET", "DOMAIN"].map((name) => `PLUGIN_AUTH0_M2M_${name}`),
  );
  expect(variables).toMatchObject({
    PLUGIN_AUTH0_M2M_API_AUDIENCE: "https://portal.example.com/api",
    PLUGIN_AUTH0_M2M_API_SCOPE: "create:orders read:orders",
  });

  const tokenFile = join(world.dir, "customer-token");
  const printed = await world.run("developer-portal/portal.ts", ["globex", tokenFile], variables);
  const made = JSON.parse(printed) as { organization: string; clientId: string; grantId: string };
  const issuer = `${world.sandbox.auth0.url}/`;
  const jwksUri = `${issuer}.well-known/jwks.json`;
  const verifier = JwtVerifier.create({ issuer, audience: "https://portal.example.com/api", jwksUri });
  const keys = await fetch(jwksUri, { dispatcher: world.trust });
  verifier.cacheJwks((await keys.json()) as Parameters<typeof verifier.cacheJwks>[0]);
  expect(await verifier.verify(readFileSync(tokenFile, "utf8"))).toMatchObject({
    azp: made.clientId,
    org_id: made.organization,
    scope: "create:orders read:orders",
  });

  await leftAlone(made);
  await namedWhenItsApiGoes(made);
  await world.kubectl("delete", "-k", folder, "--ignore-not-found", "--timeout=60s");
  world.sandbox.tenant.state.organizations.delete(made.organization);
  expect(await world.tenantState()).toEqual(before);
}, 120_000);

interface Made {
  readonly organization: string;
  readonly clientId: string;
  readonly grantId: string;
}

/** A resync of everything, and a requested refresh, change nothing of what the portal made. */
async function leftAlone({ clientId, grantId, organization }: Made): Promise<void> {
  const { clients, grants, grantOrganizations } = world.sandbox.tenant.state;
  const seen = () =>
    structuredClone([clients.get(clientId), grants.get(grantId), [...(grantOrganizations.get(grantId) ?? [])]]);
  const before = seen();
  const writes = (): number =>
    world.sandbox.calls.since(0).filter(({ method, path }) => method !== "GET" && path.startsWith("/api/")).length;
  const count = writes();
  for (const [kind, name] of RESOURCES) {
    const [plural, at] = [`${kind.toLowerCase()}s.m2m-operator.io`, "m2m-operator.io/reconcile-requested-at=again"];
    await world.kubectl("-n", NAMESPACE, "annotate", `${plural}/${name}`, at);
    await eventually(
      () => world.cluster.get(kind, NAMESPACE, name),
      (object) => object?.status?.["lastHandledReconcileAt"] === "again",
      `${name} looked again`,
    );
  }
  expect(seen()).toEqual(before);
  expect(writes()).toBe(count);
  expect(before[2]).toEqual([organization]);
}

async function namedWhenItsApiGoes({ clientId, grantId }: Made): Promise<void> {
  const { clients, grants, grantOrganizations, resourceServers } = world.sandbox.tenant.state;
  const isThere = (): boolean => [...resourceServers.values()].some(({ name }) => name === "Portal API");
  await world.kubectl("-n", NAMESPACE, "delete", "oauthapi/portal", "--wait=false");
  await world.reason("OAuthApi", NAMESPACE, "portal", "GrantsRemain");
  expect(await messageOf("OAuthApi", "portal")).toContain(clientId);
  expect(isThere()).toBe(true);
  for (const map of [clients, grants, grantOrganizations]) {
    map.delete(clientId);
    map.delete(grantId);
  }
  await world.kubectl(
    "-n",
    NAMESPACE,
    "annotate",
    "oauthapi/portal",
    "m2m-operator.io/reconcile-requested-at=gone",
    "--overwrite",
  );
  await eventually(
    () => world.cluster.get("OAuthApi", NAMESPACE, "portal"),
    (api) => api === undefined,
    "the API gone",
  );
  expect(isThere()).toBe(false);
}

it("another namespace, and one scope more, are refused; a scope that the tenant lacks is named", async () => {
  await applied();
  const other = await world.cluster.createNamespace({ m2m: "allowed" });
  await world.kubectl("-n", other, "apply", "-f", join(folder, "portal.yaml"), "-l", "does-not=exist").catch(() => "");
  await world.cluster.apply({
    apiVersion: "m2m-operator.io/v1alpha1",
    kind: "M2MClient",
    metadata: { name: "portal-provisioner", namespace: other },
    spec: {},
  });
  await world.cluster.apply(grantOn(other, "copy", SCOPES));
  await world.reason("ScopeGrant", other, "copy", "NotAllowedOrMissing");
  await world.cluster.apply(grantOn(NAMESPACE, "more", ["read:users", "delete:users"]));
  await world.reason("ScopeGrant", NAMESPACE, "more", "NotAllowedOrMissing");
  expect(await messageOf("ScopeGrant", "more")).toContain("delete:users");
  expect(remoteGrants()).toEqual([[...SCOPES].sort()]);

  const provider = await world.cluster.get("ClusterIdentityProvider", "", "default");
  const rules = (provider?.spec?.["allow"] ?? []) as readonly { readonly externalAudiences?: unknown }[];
  const rule = rules.findIndex(({ externalAudiences }) => externalAudiences !== undefined);
  const path = `/spec/allow/${String(rule)}/externalAudiences/0/scopes/-`;
  const patch = JSON.stringify([{ op: "add", path, value: "read:nothing_real" }]);
  await world.kubectl("patch", "clusteridentityprovider", "default", "--type=json", "-p", patch);
  await world.cluster.apply(grantOn(NAMESPACE, "more", ["read:users", "read:nothing_real"]));
  const partial = await eventually(
    () => world.cluster.get("ScopeGrant", NAMESPACE, "more"),
    (grant) => conditionOf(grant, "ScopesGranted")?.reason === "UnknownScopes",
    "the unknown scope named",
  );
  expect(conditionOf(partial, "ScopesGranted")).toMatchObject({
    status: "False",
    message: expect.stringContaining("read:nothing_real") as string,
  });
  expect(partial?.status?.["grantedScopes"]).toEqual(["read:users"]);
  expect(remoteGrants()).toEqual([[...SCOPES].sort()]);
  await world.kubectl("delete", "namespace", other, "--timeout=60s");
  await world.kubectl("delete", "-k", folder, "--ignore-not-found", "--timeout=60s");
}, 120_000);
