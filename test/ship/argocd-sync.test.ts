import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { apply, type Environment, startEnvironment } from "../../demo/environment.ts";
import { shownAuth0 } from "../../demo/tenants.ts";
import { eventually } from "../integration/cluster.ts";
import { type ArgoCd, argocdSources, startArgoCd } from "./argocd-processes.ts";

/** Argo CD's own controller syncs a Git repository onto the API server, with our ConfigMap and nothing else set up. */
const dir = mkdtempSync(join(tmpdir(), "m2m-argocd-"));
const repository = join(dir, "repository");
const NAMESPACE = "payroll";

let environment: Environment;
let argocd: ArgoCd | undefined;

const kubectl = (...args: readonly string[]): string =>
  execFileSync(join(dir, "kubectl"), ["--kubeconfig", join(dir, "kubeconfig"), ...args], { encoding: "utf8" });
const git = (...args: readonly string[]): void => {
  const author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
  execFileSync("git", ["-C", repository, ...author, ...args], { stdio: "ignore" });
};

function commit(name: string, documents: readonly object[]): void {
  writeFileSync(join(repository, `${name}.yaml`), documents.map((document) => stringify(document)).join("---\n"));
  git("add", "--all");
  git("commit", "--quiet", "--message", name);
}

const resource = (kind: string, name: string, spec: object): object => ({
  apiVersion: "m2m-operator.io/v1alpha1",
  kind,
  metadata: { name, namespace: NAMESPACE },
  spec,
});

function access(scopes: readonly string[]): readonly object[] {
  return [
    resource("OAuthApi", "timesheets", {
      audience: "https://api.example.com/timesheets",
      scopes: [{ name: "upload" }, { name: "read" }],
    }),
    resource("M2MClient", "importer", { secret: { name: "importer-oauth" } }),
    resource("ScopeGrant", "uploads", { clientRef: { name: "importer" }, apiRef: { name: "timesheets" }, scopes }),
  ];
}

interface Told {
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly health?: { readonly status?: string };
    readonly operationState?: { readonly phase?: string; readonly message?: string };
    readonly history?: readonly unknown[];
    readonly resources?: readonly { readonly kind: string; readonly health?: { readonly status: string } }[];
    readonly conditions?: readonly unknown[];
  };
}

const application = (): Told =>
  JSON.parse(kubectl("--namespace", "argocd", "get", "application.argoproj.io", "payroll", "--output", "json")) as Told;
const stateOf = ({ status }: Told): string => `${status?.sync?.status ?? ""} ${status?.health?.status ?? ""}`;

beforeAll(async () => {
  environment = await startEnvironment(dir, () => undefined);
  kubectl("apply", "--server-side", "--kustomize", join(argocdSources(), "manifests/crds"));
  await eventually(
    () => kubectl("api-resources", "--api-group", "argoproj.io", "--output", "name"),
    (names) => names.includes("appprojects") && names.includes("applications."),
    "Argo CD's kinds",
  );
  const labels = { "app.kubernetes.io/part-of": "argocd" };
  const ours = parse(readFileSync("deploy/argocd/argocd-cm.yaml", "utf8")) as object;
  const prepared = [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "argocd" } },
    ours,
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "argocd-secret", namespace: "argocd", labels },
      stringData: { "server.secretkey": "not-a-secret" },
    },
    {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "AppProject",
      metadata: { name: "default", namespace: "argocd" },
      spec: {
        sourceRepos: ["*"],
        destinations: [{ server: "*", namespace: "*" }],
        clusterResourceWhitelist: [{ group: "*", kind: "*" }],
      },
    },
  ];
  const file = join(dir, "prepared.yaml");
  writeFileSync(file, prepared.map((document) => stringify(document)).join("---\n"));
  kubectl("apply", "--filename", file);
  mkdirSync(repository);
  git("init", "--quiet", "--initial-branch", "main");
  commit("access", access(["upload"]));
  const after = { name: "workload", namespace: NAMESPACE, annotations: { "argocd.argoproj.io/sync-wave": "1" } };
  commit("workload", [{ apiVersion: "v1", kind: "ConfigMap", metadata: after, data: { begins: "after its access" } }]);
  argocd = await startArgoCd(join(dir, "kubeconfig"), dir);
});
afterAll(async () => {
  argocd?.stop();
  await environment.stop();
  rmSync(dir, { recursive: true, force: true });
});

const workload = (): string =>
  kubectl("--namespace", NAMESPACE, "get", "configmap", "workload", "--ignore-not-found", "--output", "name").trim();

it("a sync wave waits until access is there: Progressing without the provider, Healthy with it", async () => {
  const file = join(dir, "application.yaml");
  const spec = {
    project: "default",
    source: { repoURL: `file://${repository}`, targetRevision: "main", path: "." },
    destination: { server: "https://kubernetes.default.svc", namespace: NAMESPACE },
    syncPolicy: {
      automated: { prune: true, selfHeal: true },
      // What the provider's rule asks of a namespace.
      managedNamespaceMetadata: { labels: { m2m: "allowed" } },
      syncOptions: ["CreateNamespace=true", "ServerSideApply=true"],
    },
  };
  const metadata = { name: "payroll", namespace: "argocd" };
  writeFileSync(file, stringify({ apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata, spec }));
  kubectl("apply", "--filename", file);
  await eventually(application, (told) => told.status?.operationState?.phase === "Running", "a sync", 60_000);
  await eventually(
    () => kubectl("--namespace", NAMESPACE, "get", "m2mclients", "--output", "name").trim(),
    (names) => names !== "",
    "the client",
    60_000,
  );
  await eventually(application, (told) => told.status?.health?.status === "Progressing", "Progressing", 60_000);
  expect(workload()).toBe("");
  for (const document of shownAuth0(environment.sandbox, environment.sandbox).provider)
    await apply(environment.connection, document);
  await eventually(application, (told) => stateOf(told) === "Synced Healthy", "Synced and Healthy", 90_000);
  expect(workload()).toBe("configmap/workload");
  expect(kubectl("--namespace", NAMESPACE, "get", "secret", "importer-oauth", "--output", "name").trim()).toBe(
    "secret/importer-oauth",
  );
});

it("a commit is applied and becomes Healthy; a refresh finds no difference and syncs nothing again", async () => {
  commit("access", access(["upload", "read"]));
  kubectl("--namespace", "argocd", "annotate", "application.argoproj.io", "payroll", "argocd.argoproj.io/refresh=hard");
  const { state } = environment.sandbox.tenant;
  await eventually(
    () => [...state.grants.values()].flatMap(({ scope }) => scope),
    (scopes) => scopes.includes("read"),
    "the new scope at the tenant",
    90_000,
  );
  const settled = await eventually(
    application,
    (told) => stateOf(told) === "Synced Healthy",
    "Synced and Healthy",
    60_000,
  );
  kubectl("--namespace", "argocd", "annotate", "application.argoproj.io", "payroll", "argocd.argoproj.io/refresh=hard");
  const refreshed = await eventually(
    () => kubectl("--namespace", "argocd", "get", "application.argoproj.io", "payroll", "--output", "json"),
    (text) => !text.includes("argocd.argoproj.io/refresh"),
    "the refresh",
    60_000,
  );
  const told = JSON.parse(refreshed) as Told;
  expect(stateOf(told)).toBe("Synced Healthy");
  expect(told.status?.history).toEqual(settled.status?.history);
});

it("deleting the Application takes everything away, at the tenant too", async () => {
  const { state } = environment.sandbox.tenant;
  expect(state.resourceServers.size).toBeGreaterThan(0);
  const finalizers = ["resources-finalizer.argocd.argoproj.io"];
  const name = "application.argoproj.io/payroll";
  kubectl(
    "--namespace",
    "argocd",
    "patch",
    name,
    "--type",
    "merge",
    "--patch",
    JSON.stringify({ metadata: { finalizers } }),
  );
  kubectl("--namespace", "argocd", "delete", name, "--wait=false");
  await eventually(
    () => kubectl("--namespace", "argocd", "get", name, "--ignore-not-found", "--output", "name").trim(),
    (told) => told === "",
    "the Application is gone",
    90_000,
  );
  expect([...state.resourceServers.values()].map(({ identifier }) => identifier)).not.toContain(
    "https://api.example.com/timesheets",
  );
  expect([...state.grants.values()].map(({ audience }) => audience)).not.toContain(
    "https://api.example.com/timesheets",
  );
});

it("the API server takes the examples: project, application, and what the team applies", () => {
  for (const name of ["project", "application"])
    kubectl(
      "apply",
      "--server-side",
      "--force-conflicts",
      "--dry-run=server",
      "--filename",
      `deploy/argocd/examples/${name}.yaml`,
    );
  const told = kubectl("apply", "--server-side", "--dry-run=server", "--kustomize", "deploy/argocd/examples/team");
  expect(told.split("\n").filter((line) => line.includes("serverside-applied"))).toHaveLength(4);
});
