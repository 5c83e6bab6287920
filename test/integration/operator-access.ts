import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { PermissionMode } from "../../src/assembly/permissions.ts";
import { type AnyObject, type Cluster, eventually } from "./cluster.ts";

/** Users of the API server that operators run as: one works on the whole cluster, one on single namespaces. */
export const OPERATORS = {
  cluster: {
    user: "m2m-operator",
    mode: {
      isNamespaced: false,
      features: new Set([
        "clusterProviders",
        "leaderElection",
        "metricsAuthorization",
        "podAwareness",
        "tokenRequests",
        "shards",
      ]),
    },
  },
  namespaced: {
    user: "m2m-operator-namespaced",
    mode: { isNamespaced: true, features: new Set(["leaderElection", "podAwareness"]) },
  },
} as const satisfies Readonly<Record<string, { readonly user: string; readonly mode: PermissionMode }>>;

export type OperatorMode = keyof typeof OPERATORS;

const deploy = join(import.meta.dirname, "../../deploy");
const shipped = (path: string): AnyObject => parse(readFileSync(join(deploy, path), "utf8")) as AnyObject;

/** The shipped ClusterRole, for the operators of the whole cluster. */
export function bindWholeCluster(cluster: Cluster): Promise<void> {
  return bind(cluster, "cluster", shipped("overlays/cluster/role.yaml"), undefined);
}

/** What the operator may do in its own namespace, in either mode. */
export function bindOwnNamespace(cluster: Cluster, mode: OperatorMode, namespace: string): Promise<void> {
  return bind(cluster, mode, shipped("base/leader-election-role.yaml"), namespace);
}

/** What several replicas that share the work may do beside it. */
export function bindShards(cluster: Cluster, namespace: string): Promise<void> {
  return bind(cluster, "cluster", shipped("components/shards/role.yaml"), namespace);
}

/** What lets operators of the whole cluster check clients that authenticate with service accounts. */
export function bindTokenRequests(cluster: Cluster): Promise<void> {
  return bind(cluster, "cluster", shipped("components/token-requests/role.yaml"), undefined);
}

/** The shipped Role of a watched namespace. */
export function bindWatchedNamespace(cluster: Cluster, namespace: string): Promise<void> {
  return bind(cluster, "namespaced", shipped("overlays/namespaced/watched/role.yaml"), namespace);
}

async function bind(
  cluster: Cluster,
  mode: OperatorMode,
  role: AnyObject,
  namespace: string | undefined,
): Promise<void> {
  const { user } = OPERATORS[mode];
  const metadata = { name: role.metadata.name, ...(namespace === undefined ? {} : { namespace }) };
  await cluster.apply({ ...role, metadata });
  await cluster.apply({
    apiVersion: role.apiVersion,
    kind: `${role.kind}Binding`,
    metadata,
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: role.kind, name: role.metadata.name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
  });
  await inForce(cluster, user, role, namespace);
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** The API server learns of roles through watches of its own, a moment after they were written. */
async function inForce(cluster: Cluster, user: string, role: AnyObject, namespace = ""): Promise<void> {
  const [rule] = (role as unknown as { readonly rules: readonly Rule[] }).rules;
  const [group, resource, verb] = [rule?.apiGroups[0], rule?.resources[0], rule?.verbs[0]];
  await eventually(
    () =>
      cluster.connection.request<{ readonly status: { readonly allowed: boolean } }>({
        method: "POST",
        path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        body: {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SubjectAccessReview",
          spec: { user, resourceAttributes: { namespace, group, resource, verb } },
        },
      }),
    ({ status }) => status.allowed,
    `${user} may ${String(verb)} ${String(resource)} in "${namespace}"`,
  );
}
