import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ControlPlane, startControlPlane } from "../../control-plane/start.ts";
import { apply, prepare, readExample, waitReady } from "../../demo/environment.ts";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { admin, type AnyObject, type Cluster, eventually } from "../integration/cluster.ts";
import { type NodeAgent, startNodeAgent } from "./node-agent.ts";
import { CHART, kubectl, ROOT, runTool } from "./programs.ts";

// One story, in order: install, use, upgrade, uninstall, install again. Deployment, ReplicaSets and Pods are made by the
// real controllers, admitted under Pod Security "restricted", and the Pods' processes run.
const SYSTEM = "m2m-system";
let controlPlane: ControlPlane;
let cluster: Cluster;
let sandbox: Sandbox;
let node: NodeAgent;
const dir = mkdtempSync(join(tmpdir(), "m2m-ship-"));

beforeAll(async () => {
  controlPlane = await startControlPlane({
    // ServiceAccount is the admission that gives Pods their token.
    apiServerFlags: {
      "disable-admission-plugins": null,
      "enable-admission-plugins": "OwnerReferencesPermissionEnforcement",
    },
    controllers: [
      ...["deployment-controller", "replicaset-controller", "disruption-controller"],
      "root-ca-certificate-publisher-controller",
    ],
  });
  cluster = admin(controlPlane.kubeconfig);
  sandbox = await startSandbox();
  await prepare(cluster.connection, sandbox);
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  await cluster.patch("Namespace", "", SYSTEM, { metadata: { labels } });
  node = startNodeAgent(cluster, SYSTEM);
});
afterAll(async () => {
  await node.stop();
  await sandbox.close();
  await cluster.close();
  await controlPlane.stop();
  rmSync(dir, { recursive: true, force: true });
});

function helm(...args: readonly string[]): Promise<string> {
  const home = { HELM_CACHE_HOME: join(dir, "cache"), HELM_CONFIG_HOME: join(dir, "config"), HELM_DATA_HOME: dir };
  return runTool("helm", [...args, "--namespace", SYSTEM], { ...home, KUBECONFIG: controlPlane.kubeconfig });
}

const values = (): readonly string[] => [
  ...["--set-string", `config.allowed-hosts=${sandbox.auth0.domain}`],
  ...["--set", "config.allow-private-addresses=true", "--set", "podAwareness=true"],
];

const deploymentOf = (name: string): Promise<AnyObject | undefined> => cluster.get("Deployment", SYSTEM, name);
const instanceId = async (): Promise<string | undefined> =>
  (await cluster.get("ConfigMap", SYSTEM, "m2m-operator-instance"))?.data?.["id"];
let madeId: string | undefined;

it("helm install --wait comes back when the operator, started from the admitted Pod, is ready", async () => {
  await helm("install", "m2m-operator", CHART, "--wait", "--timeout", "90s", ...values());
  expect((await deploymentOf("m2m-operator"))?.status?.["readyReplicas"]).toBe(1);
  madeId = await instanceId();
  expect(madeId).toMatch(/^[a-z0-9]{12}$/);
  expect(node.problems).toEqual([]);
});

it("the demo's manifests become Ready with the chart's roles alone", async () => {
  const tenants = { ...sandbox, moreOrgs: {} };
  const documents = [
    ...readExample("auth0/provider/provider.yaml", tenants),
    ...readExample("timesheets.yaml", tenants),
  ];
  for (const document of documents) await apply(cluster.connection, document);
  for (const document of documents.filter(({ apiVersion }) => apiVersion.startsWith("m2m-operator.io")))
    await waitReady(cluster.connection, document);
  expect(await cluster.secret("payroll", "timesheet-importer-oauth")).toMatchObject({ scopes: "batch:upload" });
  for (const log of node.logs.values()) expect(log).not.toContain('"code":403');
});

it("an upgrade rolls to two replicas, keeps the instance id and makes nothing anew at the tenant", async () => {
  const before = sandbox.tenant.state.clients.size;
  const more = [
    "--set",
    "replicas=2",
    "--set",
    "podDisruptionBudget.enabled=true",
    "--set",
    "networkPolicy.enabled=true",
  ];
  const pods = new Set((await cluster.list("Pod", SYSTEM)).map(({ metadata }) => metadata.uid));
  const anew = ["--set", "config.log-level=debug"];
  await helm("upgrade", "m2m-operator", CHART, "--wait", "--timeout", "90s", ...values(), ...more, ...anew);
  expect((await deploymentOf("m2m-operator"))?.status?.["readyReplicas"]).toBe(2);
  await eventually(
    () => cluster.list("Pod", SYSTEM),
    (now) => now.length === 2 && now.every(({ metadata }) => !pods.has(metadata.uid)),
    "the Pods of before are gone",
  );
  expect(await instanceId()).toBe(madeId);
  await eventually(
    () => cluster.get("Lease", SYSTEM, "m2m-operator"),
    (lease) => lease?.spec?.["holderIdentity"] !== "",
    "one of them leads",
  );
  expect(sandbox.tenant.state.clients.size).toBe(before);
});

it("another instance id is refused", async () => {
  const upgrade = helm("upgrade", "m2m-operator", CHART, ...values(), "--set", "instanceId=another");
  await expect(upgrade).rejects.toThrowError(/instanceId is/);
});

it("an uninstall ends the operator and leaves CRDs, resources, Secrets and the instance id", async () => {
  await helm("uninstall", "m2m-operator", "--wait", "--timeout", "90s");
  await eventually(
    () => cluster.list("Pod", SYSTEM),
    (pods) => pods.length === 0,
    "no Pod is left",
  );
  expect(await instanceId()).toBe(madeId);
  expect(await cluster.get("M2MClient", "payroll", "timesheet-importer")).toBeDefined();
  expect(await cluster.secret("payroll", "timesheet-importer-oauth")).toBeDefined();
  expect(await cluster.get("ClusterRole", "", "m2m-operator")).toBeUndefined();
});

it("installed again for single namespaces it goes on under the same id, with Roles only", async () => {
  const scope = ["--set", "watchNamespaces={payroll}", "--set", "clusterProviders=true"];
  await helm("install", "m2m-operator", CHART, "--wait", "--timeout", "90s", ...values(), ...scope);
  expect(await instanceId()).toBe(madeId);
  expect(await cluster.get("Role", "payroll", "m2m-operator")).toBeDefined();
  await cluster.patch("M2MClient", "payroll", "timesheet-importer", { spec: { displayName: "Renamed" } });
  const [, , client] = readExample("timesheets.yaml", { ...sandbox, moreOrgs: {} });
  expect(client?.kind).toBe("M2MClient");
  await eventually(
    () => [...sandbox.tenant.state.clients.values()].map(({ name }) => name),
    (names) => names.includes("Renamed"),
    "the change at the tenant",
  );
  expect(node.problems).toEqual([]);
  await helm("uninstall", "m2m-operator", "--wait", "--timeout", "90s");
});

it.each(["cluster", "namespaced"])("kubectl apply --server-side -k of the overlay %s ends ready", async (overlay) => {
  const kubeconfig = `--kubeconfig=${controlPlane.kubeconfig}`;
  // The chart's instance id is immutable, as it should be; this is another installation.
  if (overlay === "cluster") await cluster.remove("ConfigMap", SYSTEM, "m2m-operator-instance");
  const folder = join(ROOT, "deploy/overlays", overlay);
  await kubectl(kubeconfig, "apply", "--server-side", "--force-conflicts", "--validate=strict", "-k", folder);
  const rollout = ["rollout", "status", "deployment/m2m-operator", "--timeout=60s", "-n", SYSTEM];
  expect(await kubectl(kubeconfig, ...rollout)).toContain("successfully rolled out");
  expect(await instanceId()).toBe("change-me-once");
  expect(node.problems).toEqual([]);
});
