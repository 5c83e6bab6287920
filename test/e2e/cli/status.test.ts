import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isKindMissing } from "../../../cli/cluster/refusal.ts";
import { createUser, kubeconfigOf } from "../../integration/admission/users.ts";
import { eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";
import { m2m, watched } from "./plugin.ts";

let world: World;
let namespace: string;
const dir = mkdtempSync(join(tmpdir(), "m2m-cli-"));
beforeAll(async () => {
  world = await createWorld();
  namespace = await world.namespace();
  await world.api(namespace, "api");
  await world.client(namespace, "importer");
  const refs = { clientRef: { name: "importer" }, apiRef: { name: "api" } };
  await world.grant(namespace, "reads", { ...refs, scopes: ["read:things"] });
  await world.ready("ScopeGrant", namespace, "reads");
  await world.ready("M2MClient", namespace, "importer");
});
afterAll(async () => {
  await world.end();
  rmSync(dir, { recursive: true });
});

const OURS = ["identityproviders", "oauthapis", "m2mclients", "scopegrants"];

/** A kubeconfig for somebody with these rules in the namespace. */
async function user(name: string, rules: readonly object[]): Promise<string> {
  const made = await createUser(world.cluster, namespace, name, rules);
  await made.close();
  const path = join(dir, name);
  writeFileSync(path, await kubeconfigOf(world.cluster, namespace, name));
  return path;
}

it("shows the tree and ends with 0 while everything is Ready", async () => {
  await world.cluster.apply({
    ...{ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace } },
  });
  await world.cluster.apply({
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "importer-1", namespace } },
    spec: { containers: [{ name: "app", image: "x", envFrom: [{ secretRef: { name: "importer" } }] }] },
  });
  const { code, stdout, stderr } = await m2m(["status", "-n", namespace]);
  expect(stderr).toBe("");
  expect(stdout).toContain(`ClusterIdentityProvider ${world.provider}  Ready  auth0`);
  expect(stdout).toContain(`├── OAuthApi ${namespace}/api  Ready  https://${namespace}.example.com/api`);
  expect(stdout).toContain(`│   └── ScopeGrant ${namespace}/reads  Ready  client importer: read:things`);
  expect(stdout).toContain(`└── M2MClient ${namespace}/importer  Ready`);
  expect(stdout).toContain(`    └── Secret ${namespace}/importer`);
  expect(stdout).toContain(`        └── Pod ${namespace}/importer-1  environment`);
  expect(stdout).toMatch(/\n4 resources: 4 Ready\n$/);
  expect(code).toBe(0);
});

it("ends with 3 and says what to do while something is wrong", async () => {
  await world.grant(namespace, "typo", {
    ...{ clientRef: { name: "importer" }, apiRef: { name: "api" } },
    scopes: ["read:thing"],
  });
  await world.reason("ScopeGrant", namespace, "typo", "UnknownScopes");
  const { code, stdout } = await m2m(["status", "sgrant/typo", "-n", namespace]);
  expect(stdout).toContain("UnknownScopes: ");
  expect(stdout).toContain("To do: Correct their names");
  expect(stdout).not.toContain(`${namespace}/reads`);
  expect(code).toBe(3);
  const waited = await m2m(["status", "-n", namespace, "--wait", "--timeout", "2s", "-o", "json"]);
  expect(waited.code).toBe(3);
  expect(JSON.parse(waited.stdout)).toMatchObject({ summary: { total: 5 } });
  await world.cluster.remove("ScopeGrant", namespace, "typo");
  await world.gone("ScopeGrant", namespace, "typo");
});

it("prints a table, and names that kubectl understands", async () => {
  const table = await m2m(["status", "-n", namespace, "-o", "table"]);
  expect(table.stdout.split("\n")[0]).toMatch(/^NAMESPACE +KIND +NAME +STATE +REASON +MESSAGE$/);
  const names = await m2m(["status", "m2mc/importer", "-n", namespace, "-o", "name"]);
  expect(names.stdout).toContain("m2mclient.m2m-operator.io/importer\n");
});

it("an unknown name gets the nearest one", async () => {
  const { code, stderr } = await m2m(["status", "m2mc/imprter", "-n", namespace]);
  expect(stderr).toContain(`M2MClient ${namespace}/imprter does not exist.\nDid you mean "importer"?`);
  expect(code).toBe(1);
});

it("with rights in one namespace alone, says what is not shown", async () => {
  const rules = [{ apiGroups: ["m2m-operator.io"], resources: OURS, verbs: ["get", "list"] }];
  const kubeconfig = await user("reader", rules);
  const { code, stdout, stderr } = await m2m(["status", "-n", namespace], kubeconfig);
  expect(stdout).toContain(`M2MClient ${namespace}/importer  Ready`);
  expect(stderr).toContain(
    "not shown: ClusterIdentityProvider (no permission to list clusteridentityproviders.m2m-operator.io in the cluster)",
  );
  expect(stderr).toContain(`not shown: Pods (no permission to list pods in namespace ${namespace})`);
  expect(code).toBe(0);
  const rotated = await m2m(["rotate", "importer", "-n", namespace], kubeconfig);
  expect(rotated.stderr).toContain(`You may not patch m2mclients.m2m-operator.io in namespace ${namespace}.`);
  expect(rotated.code).toBe(1);
});

it("without any rights, says which to ask for", async () => {
  const { code, stderr } = await m2m(["status", "-n", namespace], await user("nobody", []));
  expect(stderr).toContain(`You may list no resource of the operator in namespace ${namespace}.`);
  expect(code).toBe(1);
});

it("tells a cluster without the CRDs from an object that does not exist", async () => {
  const refusalOf = (path: string): Promise<unknown> =>
    world.cluster.connection
      .request({ method: "GET", path: `/apis/m2m-operator.io/v1alpha1/${path}` })
      .catch((error: unknown) => error);
  expect(isKindMissing(await refusalOf("nothings"))).toBe(true);
  expect(isKindMissing(await refusalOf(`namespaces/${namespace}/m2mclients/nobody`))).toBe(false);
});

it("--watch prints again when something changes", async () => {
  const watching = watched(["status", "-n", namespace, "--watch"]);
  try {
    await eventually(watching.output, (text) => text.includes("4 resources: 4 Ready"), "the first tree");
    await world.client(namespace, "second");
    await eventually(watching.output, (text) => text.includes("5 resources: 5 Ready"), "the tree with another client");
  } finally {
    watching.stop();
  }
});
