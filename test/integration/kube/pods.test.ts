import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { controlPlane } from "../control-plane.ts";
import { parse, stringify } from "yaml";
import { type Connection, connect } from "../../../src/kube/connection.ts";
import { createPods } from "../../../src/kube/pods.ts";
import { admin, type Cluster, eventually } from "../cluster.ts";

let cluster: Cluster;
let connection: Connection;
let namespace: string;
let dir: string;
const stop = new AbortController();
const woken: string[] = [];

beforeAll(async () => {
  cluster = admin();
  namespace = await cluster.createNamespace();
  dir = mkdtempSync(join(tmpdir(), "pods-"));
  connection = connect({ kubeconfig: await kubeconfigOfNobody(), timeoutMs: 5000 });
});
afterAll(async () => {
  stop.abort();
  await connection.close();
  rmSync(dir, { recursive: true });
  await cluster.remove("Namespace", "", namespace);
  await cluster.close();
});

/** A user of the API server that may do nothing yet: the namespace's ServiceAccount. */
async function kubeconfigOfNobody(): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "reader", namespace } });
  const { status } = await cluster.connection.request<{ readonly status: { readonly token: string } }>({
    method: "POST",
    path: `${path}/reader/token`,
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { audiences: [] } },
  });
  const config = parse(readFileSync(controlPlane().kubeconfig, "utf8")) as { users: { user: object }[] };
  config.users = config.users.map((user) => ({ ...user, user: { token: status.token } }));
  const file = join(dir, "kubeconfig");
  writeFileSync(file, stringify(config), { mode: 0o600 });
  return file;
}

it("Pods that may not be read are told from Pods that were not read yet, and are read once they may be", async () => {
  const pods = createPods({
    connection,
    random: () => 0,
    log: { warn: () => undefined, debug: () => undefined },
    onChange: (watcher) => woken.push(watcher),
    newWatch: () => () => undefined,
    signal: stop.signal,
  });
  expect(pods.watch(namespace, "job")).toBeUndefined();
  expect(pods.problem(namespace)).toBeUndefined();
  await eventually(
    () => pods.problem(namespace),
    (problem) => problem?.includes("forbidden") === true,
    "a refusal",
  );
  expect(pods.watch(namespace, "job")).toBeUndefined();
  expect(woken).toEqual(["job"]);
  const group = "rbac.authorization.k8s.io";
  const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["list", "watch"] }];
  const metadata = { name: "pods", namespace };
  await cluster.apply({ apiVersion: `${group}/v1`, kind: "Role", metadata, rules });
  await cluster.apply({
    ...{ apiVersion: `${group}/v1`, kind: "RoleBinding", metadata },
    roleRef: { apiGroup: group, kind: "Role", name: "pods" },
    subjects: [{ kind: "ServiceAccount", name: "reader", namespace }],
  });
  await eventually(
    () => pods.watch(namespace, "job"),
    (present) => present !== undefined,
    "the Pods",
  );
  expect(pods.watch(namespace, "job")).toEqual([]);
  expect(pods.problem(namespace)).toBeUndefined();
});
