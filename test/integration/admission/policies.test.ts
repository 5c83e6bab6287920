import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { admin, type AnyObject, type Cluster, eventually } from "../cluster.ts";
import { createUser, type User } from "./users.ts";

/** The shipped policies, held to objects with a label of this test: the control plane is shared. */
const FOLDER = join(import.meta.dirname, "../../../deploy/policies");
const FINALIZER = "m2m-operator.io/finalizer";
const GROUP = "m2m-operator.io";
const ALL = ["*"];

let cluster: Cluster;
let ns: string;
let labels: Readonly<Record<string, string>>;
/** May do everything with the resources and Secrets of the namespace, and nothing with providers of the cluster. */
let team: User;
/** May write ClusterIdentityProviders, too. */
let owner: User;
let operator: User;
/** May write previews and nothing else. */
let onlooker: User;

const providerRef = { kind: "IdentityProvider", name: "tenant" };
const client = (name: string, finalizers: readonly string[] = []): AnyObject => ({
  apiVersion: `${GROUP}/v1alpha1`,
  kind: "M2MClient",
  metadata: { name, namespace: ns, labels, finalizers },
  spec: { providerRef },
});
const provider = (name: string, secret: string): AnyObject => ({
  apiVersion: `${GROUP}/v1alpha1`,
  kind: "IdentityProvider",
  metadata: { name, namespace: ns, labels },
  spec: { auth0: { domain: "tenant.example.com" }, credentialsSecretRef: { name: secret } },
});
const stateSecret = (name: string): AnyObject =>
  ({
    ...{ apiVersion: "v1", kind: "Secret", type: "m2m-operator.io/state", metadata: { name, namespace: ns, labels } },
    stringData: { current: "none" },
  }) as AnyObject;

const WORKLOADS = ["pods", "deployments", "cronjobs"];
const workload = (kind: "Pod" | "Deployment" | "CronJob", serviceAccountName?: string): AnyObject => {
  const containers = [{ name: "main", image: "registry.example.com/main:1" }];
  const pod = { containers, ...(serviceAccountName === undefined ? {} : { serviceAccountName }) };
  const template = { metadata: { labels: { app: "main" } }, spec: { ...pod, restartPolicy: "Always" } };
  const job = { template: { ...template, spec: { ...pod, restartPolicy: "Never" } } };
  const [apiVersion, spec] = {
    Pod: ["v1", pod] as const,
    Deployment: ["apps/v1", { selector: { matchLabels: { app: "main" } }, template }] as const,
    CronJob: ["batch/v1", { schedule: "0 0 1 1 *", jobTemplate: { spec: job } }] as const,
  }[kind];
  return { apiVersion, kind, metadata: { name: unique(), namespace: ns, labels }, spec };
};

const preview = (name: string): AnyObject => ({
  apiVersion: `${GROUP}/v1alpha1`,
  kind: "ChangePreview",
  metadata: { name, namespace: ns, labels },
  spec: { delete: [{ kind: "M2MClient", name: "any" }] },
});

/** Replaces the whole object, as `kubectl replace` does. */
const replace = (user: User, name: string, object: AnyObject): Promise<unknown> =>
  user.connection.request({
    method: "PUT",
    path: `/apis/${GROUP}/v1alpha1/namespaces/${ns}/m2mclients/${name}`,
    body: object,
  });
const current = async (name: string): Promise<AnyObject> => {
  const object = await cluster.get("M2MClient", ns, name);
  if (object === undefined) throw new Error(`${name} is gone`);
  return object;
};

beforeAll(async () => {
  cluster = admin();
  ns = await cluster.createNamespace({ "m2m-operator.io/restrict-service-accounts": "true" });
  labels = { "policies-of": ns };
  const everything = { apiGroups: [GROUP], resources: ALL, verbs: ALL };
  const secrets = { apiGroups: [""], resources: ["secrets"], verbs: ALL };
  const namespaces = { apiGroups: [""], resources: ["namespaces"], verbs: ALL };
  const providers = { apiGroups: [GROUP], resources: ["clusteridentityproviders"], verbs: ["update"] };
  const workloads = { apiGroups: ["", "apps", "batch"], resources: WORKLOADS, verbs: ALL };
  const use = { apiGroups: [""], resources: ["serviceaccounts"], resourceNames: ["reader"], verbs: ["use"] };
  team = await createUser(cluster, ns, "team", [everything, secrets, workloads], [namespaces]);
  owner = await createUser(cluster, ns, "owner", [everything, secrets, workloads, use], [namespaces, providers]);
  operator = await createUser(cluster, ns, "operator", [everything, secrets]);
  onlooker = await createUser(cluster, ns, "onlooker", [
    { apiGroups: [GROUP], resources: ["changepreviews"], verbs: ALL },
  ]);
  const files = readdirSync(FOLDER).filter((name) => name !== "kustomization.yaml");
  for (const file of files)
    for (const document of parseAllDocuments(readFileSync(join(FOLDER, file), "utf8"))) {
      const text = JSON.stringify(document.toJS())
        .replaceAll("system:serviceaccount:m2m-system:m2m-operator", operator.name)
        .replaceAll("m2m-operator-", `${ns}-`);
      const object = JSON.parse(text) as AnyObject;
      const matchResources = { objectSelector: { matchLabels: labels } };
      const isBinding = object.kind === "ValidatingAdmissionPolicyBinding";
      await cluster.apply({ ...object, spec: { ...object.spec, ...(isBinding ? { matchResources } : {}) } });
    }
  await inForce();
}, 60_000);

afterAll(async () => {
  for (const kind of ["ValidatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy"])
    for (const { metadata } of await cluster.list(kind, ""))
      if (metadata.name.startsWith(`${ns}-`)) await cluster.remove(kind, "", metadata.name);
  await Promise.all([team, owner, operator, onlooker, cluster].map((one) => one.close()));
});

/** The API server learns of policies through watches of its own: each of them once refused something. */
async function inForce(): Promise<void> {
  await cluster.apply(client("probe", [FINALIZER]));
  await cluster.apply(stateSecret("probe"));
  await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: `${ns}-labels`, labels } });
  const attempts: readonly (() => Promise<unknown>)[] = [
    () => team.patchStatus("M2MClient", ns, "probe", { clientId: "forged" }),
    () => team.patch("M2MClient", ns, "probe", { metadata: { finalizers: [], annotations: { try: unique() } } }),
    () => team.patch("Secret", ns, "probe", { stringData: { current: unique() } }),
    () => createUnreadable(),
    () => onlooker.apply(preview(unique())),
    () => team.apply(workload("Pod", "reader")),
    () => team.patch("Namespace", "", `${ns}-labels`, { metadata: { labels: { "m2m-operator.io/a": unique() } } }),
  ];
  for (const attempt of attempts)
    await eventually(
      async () => {
        await cluster.patch("M2MClient", ns, "probe", { metadata: { finalizers: [FINALIZER] } });
        return refusalOf(attempt());
      },
      (refusal) => refusal?.includes("ValidatingAdmissionPolicy") === true,
      `a refusal of ${String(attempt)}`,
    );
}

let count = 0;
const unique = (): string => `try-${String(count++)}`;

async function refusalOf(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

let poor: User | undefined;
/** By somebody who may write providers and read no Secret. */
async function createUnreadable(): Promise<unknown> {
  poor ??= await createUser(cluster, ns, "poor", [{ apiGroups: [GROUP], resources: ALL, verbs: ALL }]);
  return poor.apply(provider(unique(), "others"));
}

describe("the shipped admission policies", () => {
  it("let nobody write status but the operator and the tenant's owner", async () => {
    await cluster.apply(client("status"));
    const forged = { clientId: "forged", conditions: [] };
    await expect(team.patchStatus("M2MClient", ns, "status", forged)).rejects.toThrow(
      /Only the operator writes status/,
    );
    await owner.patchStatus("M2MClient", ns, "status", { clientId: "owner" });
    await operator.patchStatus("M2MClient", ns, "status", { clientId: "operator" });
    expect((await current("status")).status?.["clientId"]).toBe("operator");
  });

  it("keep the finalizer when an object is replaced or edited by hand", async () => {
    await cluster.apply(client("kept", [FINALIZER]));
    const { metadata, ...rest } = await current("kept");
    const { finalizers: _gone, ...bare } = metadata;
    await expect(replace(team, "kept", { ...rest, metadata: bare })).rejects.toThrow(/stays until the operator/);
    await expect(team.patch("M2MClient", ns, "kept", { metadata: { finalizers: null } })).rejects.toThrow(
      /Use kubectl apply/,
    );
    await team.patch("M2MClient", ns, "kept", { spec: { displayName: "Edited" } });
    await team.remove("M2MClient", ns, "kept");
    await expect(team.patch("M2MClient", ns, "kept", { metadata: { finalizers: null } })).rejects.toThrow(/stays/);
    await operator.patch("M2MClient", ns, "kept", { metadata: { finalizers: null } });
    expect(await cluster.get("M2MClient", ns, "kept")).toBeUndefined();
  });

  it("let nobody make, change or delete the operator's own Secrets", async () => {
    await operator.apply(stateSecret("own"));
    await expect(team.apply(stateSecret("forged"))).rejects.toThrow(/Only the operator writes this Secret/);
    await expect(team.patch("Secret", ns, "own", { stringData: { current: "x" } })).rejects.toThrow(
      /Only the operator/,
    );
    await expect(team.remove("Secret", ns, "own")).rejects.toThrow(/rotate-requested-at/);
    await team.apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "mine", namespace: ns, labels } });
    await owner.remove("Secret", ns, "own");
    expect(await cluster.get("Secret", ns, "own")).toBeUndefined();
  });

  it("let nobody use a Secret in a provider who may not read it", async () => {
    await expect(createUnreadable()).rejects.toThrow(`You may not read Secret ${ns}/others`);
    await team.apply(provider("mine", "others"));
    await poor?.patch("IdentityProvider", ns, "mine", { spec: { driftInterval: "5m" } });
    await expect(
      poor?.patch("IdentityProvider", ns, "mine", { spec: { credentialsSecretRef: { name: "more" } } }),
    ).rejects.toThrow(/You may not read Secret/);
  });

  it("let a provider of the cluster do without a Secret, and take only one that its author may read", async () => {
    const providers = { apiGroups: [GROUP], resources: ["clusteridentityproviders"], verbs: ALL };
    const author = await createUser(cluster, ns, "author", [], [providers]);
    const name = `${ns}-own`;
    await author.apply({
      ...{ apiVersion: `${GROUP}/v1alpha1`, kind: "ClusterIdentityProvider", metadata: { name, labels } },
      spec: { keycloak: { url: "https://sso.example.com", realm: "machines" } },
    });
    const change = (spec: object) => author.patch("ClusterIdentityProvider", "", name, { spec });
    await change({ driftInterval: "5m" });
    await expect(change({ credentialsSecretRef: { name: "others" } })).rejects.toThrow(
      "You may not read Secret m2m-system/others",
    );
    await cluster.remove("ClusterIdentityProvider", "", name);
    await author.close();
  });

  it("let nobody preview what they may not create", async () => {
    await expect(onlooker.apply(preview("theirs"))).rejects.toThrow(/permission to create oauthapis/);
    await team.apply(preview("ours"));
    await expect(onlooker.patch("ChangePreview", ns, "ours", { spec: { delete: null } })).rejects.toThrow(/A preview/);
    await onlooker.remove("ChangePreview", ns, "ours");
  });

  it.each(["Pod", "Deployment", "CronJob"] as const)(
    "let nobody run a %s with a service account that they may not use",
    async (kind) => {
      await expect(team.apply(workload(kind, "reader"))).rejects.toThrow(
        /You may not run Pods with ServiceAccount reader/,
      );
      await owner.apply(workload(kind, "reader"));
      await team.apply(workload(kind, "default"));
      await team.apply(workload(kind));
      await expect(owner.apply(workload(kind, "another"))).rejects.toThrow(/Ask for the verb use on it/);
    },
  );

  it("keep namespace labels that consent may rest on", async () => {
    const name = `${ns}-labels`;
    const label = (user: User, value: string | null) =>
      user.patch("Namespace", "", name, { metadata: { labels: { "m2m-operator.io/tenant": value } } });
    await expect(label(team, "prod")).rejects.toThrow(/Labels that begin with m2m-operator.io/);
    await label(owner, "prod");
    await team.patch("Namespace", "", name, { metadata: { labels: { team: "mine" } } });
    await expect(label(team, "dev")).rejects.toThrow(/for those who may update ClusterIdentityProviders/);
    await expect(label(team, null)).rejects.toThrow(/Labels that begin/);
    const made = { apiVersion: "v1", kind: "Namespace" };
    await expect(
      team.apply({
        ...made,
        metadata: { name: `${ns}-made`, labels: { ...labels, "m2m-operator.io/tenant": "prod" } },
      }),
    ).rejects.toThrow(/Labels that begin/);
  });
});
