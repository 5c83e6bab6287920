import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { type ControlPlane, startControlPlane } from "../../control-plane/start.ts";
import { admin, type AnyObject } from "../integration/cluster.ts";
import { CHART, kubectl, ROOT, runTool } from "./programs.ts";
import { writeSchemas } from "./schemas.ts";

let controlPlane: ControlPlane;
let schemas: string;
const dir = mkdtempSync(join(tmpdir(), "m2m-chart-"));

beforeAll(async () => {
  controlPlane = await startControlPlane();
  const cluster = admin(controlPlane.kubeconfig);
  schemas = await writeSchemas(cluster.connection, dir);
  await cluster.close();
});
afterAll(async () => {
  await controlPlane.stop();
  rmSync(dir, { recursive: true, force: true });
});

const render = (...args: readonly string[]): Promise<string> =>
  runTool("helm", ["template", "m2m-operator", CHART, "--namespace", "m2m-system", ...args]);

const objectsOf = (text: string): readonly AnyObject[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as AnyObject | null)
    .filter((object) => object !== null);

/** Kinds of the Prometheus operator, whose CRDs are not here, and what only kubectl reads. */
const NOT_HERE = "ServiceMonitor,PrometheusRule,Kustomization";

async function conforms(file: string): Promise<void> {
  const args = ["-strict", "-summary", "-schema-location", schemas, "-skip", NOT_HERE, file];
  await runTool("kubeconform", args);
}

it("helm lint --strict has nothing to say against the chart", async () => {
  expect(await runTool("helm", ["lint", "--strict", CHART])).toContain("1 chart(s) linted, 0 chart(s) failed");
});

describe("what the chart renders conforms to the schemas of the API server", () => {
  const MATRIX: Readonly<Record<string, readonly string[]>> = {
    defaults: [],
    "single namespaces": ["watchNamespaces={payroll,billing}"],
    "single namespaces and cluster providers": ["watchNamespaces={payroll}", "clusterProviders=true"],
    "everything on": [
      ...["replicas=3", "podDisruptionBudget.enabled=true", "networkPolicy.enabled=true", "image.tag=1.2.3"],
      "admissionPolicies.enabled=true",
      ...["metrics.serviceMonitor.enabled=true", "priorityClassName=system-cluster-critical", "podLabels.a=b"],
      ...["config.log-level=debug", "commonLabels.team=iam", "env[0].name=HTTPS_PROXY,env[0].value=http://proxy:3128"],
      "extraManifests[0].apiVersion=v1,extraManifests[0].kind=ConfigMap,extraManifests[0].metadata.name=more",
    ],
    "replicas that share the tenants": ["replicas=3", "shards=6"],
    "everything off": [
      ...["crds.enabled=false", "rbac.create=false", "service.enabled=false", "podAwareness=false"],
      ...["leaderElection.enabled=false", "serviceAccount.create=false", "serviceAccount.name=mine"],
    ],
    "tokens of the service account": [
      "serviceAccountTokens.audiences={https://a.example.com/realms/m,https://b.example.com/realms/m}",
      "volumes[0].name=more,volumes[0].emptyDir.medium=Memory",
      "volumeMounts[0].name=more,volumeMounts[0].mountPath=/more",
    ],
  };
  it.each(Object.entries(MATRIX))("%s", async (name, settings) => {
    const file = join(dir, `${name.replaceAll(" ", "-")}.yaml`);
    writeFileSync(file, await render(...settings.flatMap((setting) => ["--set", setting])));
    await conforms(file);
  });

  it("and a field that does not exist would be found", async () => {
    const file = join(dir, "wrong.yaml");
    writeFileSync(file, (await render()).replace("enableServiceLinks:", "enableServiceLink:"));
    await expect(conforms(file)).rejects.toThrowError();
  });
});

it("every example conforms to the schemas of the CRDs", async () => {
  await conforms(join(ROOT, "deploy/examples/timesheets.yaml"));
  const rendered = join(dir, "examples.yaml");
  const all = await Promise.all(kustomizations().map((folder) => kubectl("kustomize", folder)));
  expect(all.length).toBeGreaterThan(20);
  writeFileSync(rendered, all.join("---\n"));
  await conforms(rendered);
});

function kustomizations(): readonly string[] {
  const examples = join(ROOT, "deploy/examples");
  return readdirSync(examples, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("kustomization.yaml"))
    .filter((path) => readFileSync(join(examples, path), "utf8").includes("kind: Kustomization"))
    .map((path) => dirname(join(examples, path)));
}

it.each([
  ["a value that does not exist", "replica=2"],
  ["no replica", "replicas=0"],
  ["no shard", "shards=0"],
  ["more shards than there may be", "shards=65"],
  ["a setting that does not exist", "config.log-levels=debug"],
  ["a setting that the chart makes itself", "config.instance-id=mine"],
  ["an audience that is no issuer", "serviceAccountTokens.audiences={machines}"],
  ["tokens that Keycloak would refuse before they are renewed", "serviceAccountTokens.expirationSeconds=7200"],
  ["an instance id that cannot be one", "instanceId=Not_One"],
])("%s is refused", async (_, setting) => {
  await expect(render("--set", setting)).rejects.toThrowError();
});

describe("replicas that share the tenants", () => {
  const deploymentOf = async (...values: readonly string[]) => {
    const objects = objectsOf(await render(...values.flatMap((value) => ["--set", value])));
    const deployment = objects.find(({ kind }) => kind === "Deployment");
    return { text: JSON.stringify(deployment), kinds: objects.map(({ kind }) => kind), all: JSON.stringify(objects) };
  };

  it("are told of their shards, spread over nodes, kept from evictions and allowed their Leases", async () => {
    const one = await deploymentOf("instanceId=a");
    expect(one.text).not.toMatch(/--shards|topologySpreadConstraints/);
    expect(one.kinds).not.toContain("PodDisruptionBudget");
    expect(one.all).not.toMatch(/"leases"[^}]*"delete"/);
    const three = await deploymentOf("instanceId=a", "replicas=3", "shards=6");
    expect(three.text).toMatch(/--shards=6.*topologySpreadConstraints.*kubernetes.io\/hostname/);
    expect(three.kinds).toContain("PodDisruptionBudget");
    expect(three.all).toMatch(/"leases"[^}]*"delete"/);
  });

  it("need leader election", async () => {
    await expect(render("--set", "shards=3", "--set", "leaderElection.enabled=false")).rejects.toThrowError(
      /3 shards need leader election/,
    );
  });

  it.each([
    ["one replica that works on all", ["shards=6"], "One replica works on all 6 shards"],
    ["fewer replicas than shards", ["shards=6", "replicas=3"], "3 replicas share 6 shards: each works on several"],
    ["more replicas than shards", ["shards=2", "replicas=3"], "1 of them stand by"],
  ])("are told of by the notes: %s", async (_what, values, text) => {
    const args = ["install", "m2m-operator", CHART, "--dry-run=client", "--namespace", "m2m-system"];
    const notes = await runTool("helm", [...args, ...values.flatMap((value) => ["--set", value])]);
    expect(notes).toContain(text);
  });
});

describe("a kustomization renders what the chart does", () => {
  it.each([
    ["cluster", []],
    ["namespaced", ["--set", "watchNamespaces={payroll}"]],
  ] as const)("%s", async (overlay, args) => {
    const rendered = await render("--set", "instanceId=change-me-once", ...args);
    // A kustomization may ask who reads metrics, and leaves it to its user to turn that on.
    const chart = objectsOf(rendered.replace(/^.*--metrics-access=authorized.*\n/m, "")).filter(
      ({ metadata }) => metadata.name !== "m2m-operator-metrics-reader",
    );
    const kustomized = objectsOf(await kubectl("kustomize", join(ROOT, "deploy/overlays", overlay)));
    // Helm gets the namespace by a flag, a kustomization brings it.
    const rest = kustomized.filter(({ kind }) => kind !== "Namespace");
    expect(comparable(rest)).toEqual(comparable(chart));
  });

  it("sharded, with a Role of its own for what is more", async () => {
    const values = ["instanceId=change-me-once", "replicas=3", "shards=6", "metrics.authorization.enabled=false"];
    const chart = objectsOf(await render(...values.flatMap((value) => ["--set", value])));
    const kustomized = objectsOf(await kubectl("kustomize", join(ROOT, "deploy/overlays/sharded")));
    const kinds = ["Deployment", "PodDisruptionBudget"];
    const alike = (objects: readonly AnyObject[]) => comparable(objects.filter(({ kind }) => kinds.includes(kind)));
    expect(Object.keys(alike(chart))).toHaveLength(kinds.length);
    expect(alike(kustomized)).toEqual(alike(chart));
    const leases = (objects: readonly AnyObject[]) =>
      objects
        .filter(({ kind }) => kind === "Role")
        .flatMap((role) => (role as AnyObject & { readonly rules: readonly Rule[] }).rules)
        .flatMap(allowed)
        .filter((line) => line.includes("leases"));
    expect(new Set(leases(kustomized))).toEqual(new Set(leases(chart)));
    expect(leases(chart).some((line) => line.includes("delete"))).toBe(true);
  });

  it("tokens of the service account", async () => {
    const folder = mkdtempSync(join(dir, "tokens-"));
    const overlay = relative(folder, join(ROOT, "deploy/overlays/cluster"));
    const component = relative(folder, join(ROOT, "deploy/components/service-account-tokens"));
    writeFileSync(join(folder, "kustomization.yaml"), `resources: [${overlay}]\ncomponents: [${component}]\n`);
    const audiences = "serviceAccountTokens.audiences={https://sso.example.com/realms/machines}";
    const values = ["instanceId=change-me-once", "metrics.authorization.enabled=false", audiences];
    const chart = objectsOf(await render(...values.flatMap((value) => ["--set", value])));
    const kustomized = objectsOf(await kubectl("kustomize", folder));
    const deployments = (objects: readonly AnyObject[]) =>
      comparable(objects.filter(({ kind }) => kind === "Deployment"));
    expect(JSON.stringify(deployments(chart))).toContain("https://sso.example.com/realms/machines");
    expect(deployments(kustomized)).toEqual(deployments(chart));
  });

  it("admission policies", async () => {
    const chart = objectsOf(await render("--set", "admissionPolicies.enabled=true"));
    const kustomized = objectsOf(await kubectl("kustomize", join(ROOT, "deploy/policies")));
    const policies = chart.filter(({ kind }) => kind.startsWith("ValidatingAdmissionPolicy"));
    expect(policies).toHaveLength(14);
    expect(comparable(kustomized)).toEqual(comparable(policies));
  });
});

/** By kind, namespace and name; without what only Helm writes, and with rules in one order. */
function comparable(objects: readonly AnyObject[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    objects
      .map((object) => {
        const plain = withoutHelm(object) as AnyObject & { readonly rules?: readonly Rule[] };
        const { namespace = "", name } = object.metadata;
        const rules = plain.rules === undefined ? {} : { rules: plain.rules.flatMap(allowed).sort() };
        return [`${object.kind} ${namespace}/${name}`, { ...plain, ...rules }] as const;
      })
      .sort(([left], [right]) => left.localeCompare(right)),
  );
}

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

function allowed({ apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [], verbs }: Rule) {
  const objects = apiGroups.flatMap((group) =>
    resources.map((resource) => [group, resource, ...resourceNames].join(" ")),
  );
  return [...objects, ...nonResourceURLs].flatMap((what) => verbs.map((verb) => `${verb} ${what}`));
}

const HELM_KEYS = new Set([
  "helm.sh/chart",
  "helm.sh/resource-policy",
  "app.kubernetes.io/managed-by",
  "app.kubernetes.io/version",
]);

function withoutHelm(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutHelm);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key]) => !HELM_KEYS.has(key))
    .map(([key, member]) => [key, withoutHelm(member)] as const)
    .filter(([key, member]) => key !== "annotations" || Object.keys(member as object).length > 0);
  return Object.fromEntries(entries);
}
