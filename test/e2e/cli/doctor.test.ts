import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Finding } from "../../../cli/doctor/examine.ts";
import { OPERATOR_VERSION } from "../../../src/version.ts";
import { createUser, kubeconfigOf } from "../../integration/admission/users.ts";
import { eventually } from "../../integration/cluster.ts";
import { createWorld, type World } from "../world.ts";
import { m2m } from "./plugin.ts";

const RBAC = "rbac.authorization.k8s.io";
let world: World;
let namespace: string;
const dir = mkdtempSync(join(tmpdir(), "m2m-cli-"));

beforeAll(async () => {
  world = await createWorld();
  namespace = await world.namespace();
  await world.api(namespace, "api", { tokens: { lifetime: "48h", signingAlgorithm: "HS256" } });
  await world.client(namespace, "importer");
  const refs = { clientRef: { name: "importer" }, apiRef: { name: "api" } };
  await world.grant(namespace, "reads", { ...refs, allScopes: true });
  await world.ready("ScopeGrant", namespace, "reads");
  await world.ready("M2MClient", namespace, "importer");
  await world.cluster.apply(deployment());
});
afterAll(async () => {
  await world.end();
  rmSync(dir, { recursive: true });
});

/** As the chart makes it, of an older version. */
const deployment = () => ({
  ...{ apiVersion: "apps/v1", kind: "Deployment" },
  metadata: { name: "operator", namespace: world.systemNamespace, labels: { "app.kubernetes.io/version": "0.0.9" } },
  spec: {
    selector: { matchLabels: { app: "operator" } },
    template: {
      metadata: { labels: { app: "operator" } },
      spec: { containers: [{ name: "operator", image: "x", env: [{ name: "M2M_INSTANCE_ID", value: "x" }] }] },
    },
  },
});

/** A Pod that reads the Secret from its environment, and another one that does not use it. */
async function startPods(): Promise<void> {
  const env = [{ name: "S", valueFrom: { secretKeyRef: { name: "importer", key: "client_secret" } } }];
  for (const [name, container] of [["importer-1", { env }] as const, ["other-1", {}] as const]) {
    await world.cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
    await world.cluster.apply({
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace } },
      spec: { serviceAccountName: name, containers: [{ name: "app", image: "x", ...container }] },
    });
  }
}

/** Lets a subject read every Secret of the namespace. */
async function bindReader(name: string, subject: object): Promise<void> {
  const metadata = { name, namespace };
  const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }];
  await world.cluster.apply({ apiVersion: `${RBAC}/v1`, kind: "Role", metadata, rules });
  await world.cluster.apply({
    ...{ apiVersion: `${RBAC}/v1`, kind: "RoleBinding", metadata, subjects: [subject] },
    roleRef: { apiGroup: RBAC, kind: "Role", name },
  });
}

/** A kubeconfig for somebody with these rules in the namespace. */
async function user(name: string, rules: readonly object[]): Promise<string> {
  await (await createUser(world.cluster, namespace, name, rules)).close();
  const path = join(dir, name);
  writeFileSync(path, await kubeconfigOf(world.cluster, namespace, name));
  return path;
}

interface Answer {
  readonly code: number;
  readonly stderr: string;
  readonly findings: readonly Finding[];
  readonly notChecked: readonly string[];
  /** `check Kind name` of each finding. */
  readonly names: readonly string[];
}

async function doctor(args: readonly string[], kubeconfig?: string): Promise<Answer> {
  const { code, stderr, stdout } = await m2m(["doctor", "-o", "json", ...args], kubeconfig);
  const parsed = JSON.parse(stdout === "" ? '{"findings":[],"notChecked":[]}' : stdout) as Answer;
  const names = parsed.findings.map(({ check, object }) => `${check} ${object.kind} ${object.name}`);
  return { ...parsed, code, stderr, names };
}
const ofWorld = () => ["--provider", world.provider];

it("as an administrator, finds what is wrong in the whole setup", async () => {
  const { findings, names, notChecked } = await doctor(ofWorld());
  expect(names).toEqual(
    expect.arrayContaining([
      `wide-provider-consent ClusterIdentityProvider ${world.provider}`,
      ...["symmetric-signing OAuthApi api", "long-lifetime OAuthApi api", "all-scopes ScopeGrant reads"],
      ...["unused-grant ScopeGrant reads", "no-rotation M2MClient importer"],
      `crd-version CustomResourceDefinition m2mclients.m2m-operator.io`,
      "plugin-version Deployment operator",
    ]),
  );
  expect(names).not.toContain("readable-secret M2MClient importer");
  expect(findings.find(({ check }) => check === "crd-version")?.why).toBe(
    `The CRD is of version ${OPERATOR_VERSION}. The operator is of version 0.0.9.`,
  );
  expect(notChecked.join("\n")).toMatch(/no-alerts: PrometheusRules \(the cluster does not have prometheusrules/);
});

it("reports permissions that the operator does not need, and not once they are removed", async () => {
  const grant = [...world.sandbox.tenant.state.grants.values()].find(({ audience }) => audience.endsWith("/api/v2/"));
  if (grant === undefined) throw new Error("the operator has no grant");
  const before = grant.scope ?? [];
  for (const [scope, isFound] of [[[...before, "read:users"], true] as const, [before, false] as const]) {
    grant.scope = [...scope];
    await world.stopOperator();
    await world.startOperator();
    await eventually(
      () => doctor(ofWorld()),
      ({ findings }) => findings.some(({ why }) => why.includes("read:users")) === isFound,
      `excess-permissions: ${String(isFound)}`,
      60_000,
    );
  }
});

it("reports workloads without fallback, and who can read a credential", async () => {
  await startPods();
  await bindReader("everybody", { apiGroup: RBAC, kind: "Group", name: "system:authenticated" });
  await bindReader("other", { kind: "ServiceAccount", name: "other-1", namespace });
  const { findings, names } = await doctor([...ofWorld(), "-n", namespace]);
  expect(names).toEqual(
    expect.arrayContaining([
      ...["no-fallback M2MClient importer", "readable-secret M2MClient importer"],
      ...["secret-binding RoleBinding everybody", "secret-binding RoleBinding other"],
    ]),
  );
  expect(names).not.toContain("unused-grant ScopeGrant reads");
  const readable = findings.find(({ check, why }) => check === "readable-secret" && why.includes("/importer "));
  expect(readable?.why).toContain("group system:authenticated");
  expect(readable?.why).toContain("ServiceAccount other-1");
  expect(readable?.why).not.toContain("importer-1");
  for (const name of ["everybody", "other"]) await world.cluster.remove("RoleBinding", namespace, name);
});

it("ends with 3 from --fail-on, and with 0 once findings are dismissed with a reason", async () => {
  const inside = ["-n", namespace, "--provider", world.provider];
  await world.cluster.remove("Deployment", world.systemNamespace, "operator");
  const failed = await doctor([...inside, "--fail-on", "warning"]);
  expect(failed.code).toBe(3);
  const resources = { api: "OAuthApi", reads: "ScopeGrant", importer: "M2MClient" } as Readonly<Record<string, string>>;
  for (const { check, object, severity } of failed.findings) {
    if (severity === "info") continue;
    const annotations = { [`doctor.m2m-operator.io/${check}`]: "Accepted in the review of May." };
    const kind = resources[object.name] ?? "ClusterIdentityProvider";
    await world.cluster.patch(kind, object.namespace ?? "", object.name, { metadata: { annotations } });
  }
  const shown = await m2m(["doctor", ...inside, "--show-dismissed", "--fail-on", "warning"]);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain("    Dismissed: Accepted in the review of May.");
  expect(shown.stdout).toMatch(/\d+ dismissed \(--show-dismissed\)\.\n$/);
  expect((await m2m(["doctor", ...inside, "-o", "table"])).stdout).toMatch(/^SEVERITY +CHECK +OBJECT +WHY +TO DO\n/);
});

const OURS = ["identityproviders", "oauthapis", "m2mclients", "scopegrants"];

it("with rights in one namespace alone, checks what it can and says what it cannot", async () => {
  const rules = [{ apiGroups: ["m2m-operator.io"], resources: OURS, verbs: ["get", "list"] }];
  const kubeconfig = await user("reader", rules);
  const { code, names, notChecked } = await doctor(["-n", namespace, "--show-dismissed"], kubeconfig);
  expect(names).toEqual(expect.arrayContaining(["symmetric-signing OAuthApi api", "no-rotation M2MClient importer"]));
  expect(names.join()).not.toContain("unused-grant");
  const text = notChecked.join("\n");
  expect(text).toContain(`Pods and Pod templates (no permission to list pods in namespace ${namespace})`);
  expect(text).toContain("(no permission to list clusteridentityproviders.m2m-operator.io in the cluster)");
  expect(text).toMatch(/crd-version: CRDs \(no permission to list customresourcedefinitions/);
  expect(text).toContain("who may read Secrets (no permission to create subjectaccessreviews.authorization.k8s.io");
  expect(code).toBe(0);
});

it("as administrator of a namespace, asks the API server who may read its Secrets", async () => {
  const apps = { apiGroups: ["", "apps", "batch"], resources: ["*"], verbs: ["get", "list"] };
  const reviews = { apiGroups: ["authorization.k8s.io"], resources: ["localsubjectaccessreviews"], verbs: ["create"] };
  const ours = { apiGroups: ["m2m-operator.io"], resources: OURS, verbs: ["get", "list"] };
  const kubeconfig = await user("owner", [apps, reviews, ours]);
  await bindReader("everybody", { apiGroup: RBAC, kind: "Group", name: "system:serviceaccounts" });
  const { code, names, notChecked } = await doctor(["-n", namespace], kubeconfig);
  expect(names).toContain("readable-secret M2MClient importer");
  expect(notChecked.join("\n")).not.toContain("who may read Secrets");
  expect(code).toBe(3);
});

it("without any rights, says which to ask for", async () => {
  const { code, stderr } = await doctor(["-n", namespace], await user("nobody", []));
  expect(stderr).toContain(`You may list no resource of the operator in namespace ${namespace}.`);
  expect(code).toBe(1);
});
