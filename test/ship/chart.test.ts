import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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
    "everything off": [
      ...["crds.enabled=false", "rbac.create=false", "service.enabled=false", "podAwareness=false"],
      ...["leaderElection.enabled=false", "serviceAccount.create=false", "serviceAccount.name=mine"],
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
  ["a setting that does not exist", "config.log-levels=debug"],
  ["a setting that the chart makes itself", "config.instance-id=mine"],
  ["an instance id that cannot be one", "instanceId=Not_One"],
])("%s is refused", async (_, setting) => {
  await expect(render("--set", setting)).rejects.toThrowError();
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
    // Helm is told of the namespace, a kustomization brings it.
    const rest = kustomized.filter(({ kind }) => kind !== "Namespace");
    expect(comparable(rest)).toEqual(comparable(chart));
  });

  it("admission policies", async () => {
    const chart = objectsOf(await render("--set", "admissionPolicies.enabled=true"));
    const kustomized = objectsOf(await kubectl("kustomize", join(ROOT, "deploy/policies")));
    const policies = chart.filter(({ kind }) => kind.startsWith("ValidatingAdmissionPolicy"));
    expect(policies).toHaveLength(10);
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
