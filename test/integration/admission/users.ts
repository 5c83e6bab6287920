import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlPlane } from "../control-plane.ts";
import { parse, stringify } from "yaml";
import { admin, type Cluster } from "../cluster.ts";

/** A ServiceAccount as a user of the API server. */
export interface User extends Cluster {
  readonly name: string;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly name: string; readonly cluster: object }[];
}

/** Makes the ServiceAccount, with these rules in its namespace or, as `everywhere`, in the cluster. */
export async function createUser(
  cluster: Cluster,
  namespace: string,
  name: string,
  rules: readonly object[],
  everywhere: readonly object[] = [],
): Promise<User> {
  await cluster.apply({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
  await bind(cluster, "Role", { name, namespace }, namespace, name, rules);
  await bind(cluster, "ClusterRole", { name: `${namespace}-${name}` }, namespace, name, everywhere);
  const dir = mkdtempSync(join(tmpdir(), "m2m-user-"));
  try {
    writeFileSync(join(dir, "kubeconfig"), await kubeconfigOf(cluster, namespace, name), { mode: 0o600 });
    return { ...admin(join(dir, "kubeconfig")), name: `system:serviceaccount:${namespace}:${name}` };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The text of a kubeconfig for a ServiceAccount that exists. */
export async function kubeconfigOf(cluster: Cluster, namespace: string, name: string): Promise<string> {
  const { status } = await cluster.connection.request<{ readonly status: { readonly token: string } }>({
    method: "POST",
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } },
  });
  return kubeconfigWith(status.token);
}

function kubeconfigWith(token: string): string {
  const { clusters } = parse(readFileSync(controlPlane().kubeconfig, "utf8")) as Kubeconfig;
  const context = { name: "user", context: { cluster: clusters[0]?.name, user: "user" } };
  return stringify({
    ...{ apiVersion: "v1", kind: "Config", clusters, contexts: [context], "current-context": "user" },
    users: [{ name: "user", user: { token } }],
  });
}

async function bind(
  cluster: Cluster,
  kind: "Role" | "ClusterRole",
  metadata: { readonly name: string; readonly namespace?: string },
  namespace: string,
  user: string,
  rules: readonly object[],
): Promise<void> {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  await cluster.apply({ apiVersion, kind, metadata, rules });
  await cluster.apply({
    ...{ apiVersion, kind: `${kind}Binding`, metadata },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: metadata.name },
    subjects: [{ kind: "ServiceAccount", name: user, namespace }],
  });
}
