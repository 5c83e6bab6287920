import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AccessMap } from "../../../cli/map/model.ts";
import { createUser, kubeconfigOf } from "../../integration/admission/users.ts";
import { createWorld, type World } from "../world.ts";
import { type Ended, m2m } from "./plugin.ts";

let world: World;
let owner: string;
let asker: string;
const dir = mkdtempSync(join(tmpdir(), "m2m-map-"));
beforeAll(async () => {
  world = await createWorld();
  [owner, asker] = [await world.namespace(), await world.namespace()];
  await world.api(owner, "api", { allowedGrants: [{ namespaces: { from: "Names", names: [asker] } }] });
  await world.client(asker, "job");
  const apiRef = { name: "api", namespace: owner };
  await world.grant(asker, "reads", { clientRef: { name: "job" }, apiRef, scopes: ["read:things"] });
  await world.ready("ScopeGrant", asker, "reads");
  await world.ready("M2MClient", asker, "job");
  const { state } = world.sandbox.tenant;
  state.clients.set("legacy", {
    ...{ client_id: "legacy", client_secret: "x", name: "Old script", app_type: "non_interactive" },
    grant_types: ["client_credentials"],
  });
  state.grants.set("by-hand", {
    ...{ id: "by-hand", client_id: "legacy", audience: `https://${owner}.example.com/api`, subject_type: "client" },
    scope: ["write:things"],
  });
});
afterAll(async () => {
  await world.end();
  rmSync(dir, { recursive: true });
});

const atTenant = (...args: readonly string[]): Promise<Ended> =>
  m2m([
    ...["map", ...args, "--provider", world.provider, "--operator-namespace", world.systemNamespace],
    ...["--allowed-hosts", world.sandbox.auth0.domain, "--allow-private-addresses"],
  ]);

it("without the tenant, shows what the resources say, and says what is not shown", async () => {
  const { code, stdout, stderr } = await m2m(["map", "-n", asker]);
  expect(stdout).toContain(`${asker}/job   ${owner}/api   read:things`);
  expect(stdout).toContain(`ScopeGrant ${asker}/reads`);
  expect(stdout).not.toContain("Old script");
  expect(stderr).toContain("not shown: access of clients without an M2MClient (read the tenants with --tenant)");
  expect(code).toBe(0);
});

it("with the tenant, shows what somebody created there, from the side of the API too", async () => {
  const { code, stdout } = await atTenant("-n", owner, "-o", "json");
  const { access, clients, tenants } = JSON.parse(stdout) as AccessMap;
  const names = new Map(clients.map(({ id, namespace = "", name }) => [id, `${namespace}/${name}`]));
  const rows = access.map(({ client, scopes, origins }) => [names.get(client), scopes, origins.map(({ by }) => by)]);
  expect(rows).toEqual([
    [`${asker}/job`, ["read:things"], ["ScopeGrant"]],
    ["/Old script", ["write:things"], ["Tenant"]],
  ]);
  expect(tenants).toMatchObject([{ id: world.sandbox.auth0.domain, source: "tenant" }]);
  expect(code).toBe(0);
});

it("filters, and corrects a name that nothing has", async () => {
  const { stdout } = await m2m(["map", "-A", "--api", `${owner}/api`, "--scope", "read:*", "-o", "mermaid"]);
  expect(stdout).toContain(`c0(["${asker}/job"])`);
  const wrong = await m2m(["map", "-n", asker, "--client", `${asker}/jbo`]);
  expect(wrong.stderr).toContain(`No client "${asker}/jbo" is in the map.\nDid you mean "${asker}/job"?`);
  expect(wrong.code).toBe(1);
});

it("prints the graph and the page", async () => {
  expect((await m2m(["map", "-n", asker, "-o", "dot"])).stdout).toMatch(/^digraph access \{/);
  expect((await m2m(["map", "-n", asker, "-o", "html"])).stdout).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
});

it("without the permission to read the credential, shows the rest and says why", async () => {
  const rules = [{ apiGroups: ["m2m-operator.io"], resources: ["*"], verbs: ["get", "list"] }];
  await (await createUser(world.cluster, asker, "reader", rules)).close();
  const kubeconfig = join(dir, "reader");
  writeFileSync(kubeconfig, await kubeconfigOf(world.cluster, asker, "reader"));
  const { code, stdout, stderr } = await m2m(["map", "-n", asker, "--tenant"], kubeconfig);
  expect(stdout).toContain(`${asker}/job   ${owner}/api   read:things`);
  expect(stderr).toContain("not shown: ClusterIdentityProvider (no permission to list");
  expect(stderr).toContain("not shown: what the tenants say (you can list no provider object)");
  expect(code).toBe(0);
});
