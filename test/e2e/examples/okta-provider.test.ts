import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { conditionOf } from "../../integration/cluster.ts";
import { createExampleWorld, type ExampleWorld } from "./harness.ts";
import { claimsOf } from "./okta-token.ts";

interface Variant {
  readonly claim: string;
  readonly folder: string;
  /** Whether the app's tokens must be bound to a key. */
  readonly isBound: boolean;
  /** What the operator asks the org's own server for tokens with. */
  readonly asks: boolean;
}

const VARIANTS: readonly Variant[] = [
  { claim: "an administrator's API token", folder: "provider", isBound: false, asks: false },
  { claim: "a service app with a key", folder: "provider-service-app", isBound: false, asks: true },
  { claim: "a service app whose tokens are bound to a key", folder: "provider-service-app", isBound: true, asks: true },
];

let world: ExampleWorld;
beforeAll(async () => {
  world = await createExampleWorld("okta");
});
afterAll(async () => {
  await world.end();
});

async function tokenOfKeyManager(): Promise<string> {
  const files = ["default-token", "token"].map((name) => join(world.dir, name));
  await world.run("key-manager/consumer.ts", [await world.mount("key-manager-okta", "key-manager-oauth"), ...files]);
  return readFileSync(files[1] ?? "", "utf8");
}

it.each(VARIANTS)("$claim is enough for everything, and the org is as before", async ({ folder, isBound, asks }) => {
  const { org, calls } = world.sandbox;
  const before = await world.tenantState();
  await world.kubectl("delete", "-k", join(world.dir, "provider"), "--timeout=60s");
  org.knobs.operatorDpop = isBound;
  calls.clear();
  await world.kubectl("apply", "-k", join(world.dir, folder));
  const provider = await world.ready("ClusterIdentityProvider", "", "okta");
  expect(conditionOf(provider, "Authenticated")?.status).toBe("True");
  expect(provider.status?.["missingPermissions"] ?? []).toEqual([]);
  expect(await world.tenantState()).toEqual(before);
  const asked = calls.since(0).filter(({ path }) => path === "/oauth2/v1/token");
  expect(asked.length > 0).toBe(asks);

  await world.kubectl("apply", "-k", join(world.dir, "key-manager"));
  await world.ready("ScopeGrant", "key-manager-okta", "key-manager-scans");
  const { metadataUri = "", clientId } = (await world.cluster.secret("key-manager-okta", "key-manager-oauth")) ?? {};
  const claims = await claimsOf(world, metadataUri, "KI-Scanner", await tokenOfKeyManager());
  expect(claims).toMatchObject({ cid: clientId, scp: ["scan:read", "scan:write"] });
  await world.kubectl("delete", "-k", join(world.dir, "key-manager"), "--timeout=60s");
  expect(await world.tenantState()).toEqual(before);
});

it("two scopes for reading are enough to be told what would be done, and nothing is done", async () => {
  const { org } = world.sandbox;
  const before = await world.tenantState();
  await world.kubectl("delete", "-k", join(world.dir, "provider"), "--timeout=60s");
  org.knobs.operatorDpop = false;
  org.knobs.operatorScopes = ["okta.apps.read", "okta.authorizationServers.read"];
  await world.kubectl("apply", "-k", join(world.dir, "provider-service-app"));
  const observing = JSON.stringify({ spec: { managementPolicy: "ObserveOnly" } });
  await world.kubectl("patch", "clusteridentityprovider/okta", "--type=merge", "-p", observing);
  await world.ready("ClusterIdentityProvider", "", "okta");
  await world.kubectl("apply", "-k", join(world.dir, "key-manager"));
  const server = await world.reason("OAuthApi", "key-manager-okta", "ki-scanner", "ObserveOnly");
  expect(conditionOf(server, "Ready")?.message).toMatch(/would/);
  await world.reason("M2MClient", "key-manager-okta", "key-manager", "ObserveOnly");
  expect(await world.tenantState()).toEqual(before);
  await world.kubectl("delete", "-k", join(world.dir, "key-manager"), "--timeout=60s");
  expect(await world.tenantState()).toEqual(before);
});
