import { GROUP, KINDS } from "../kinds/registry.ts";

type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete";

/**
 * Where a permission is held.
 * `cluster`: in the whole cluster, whatever is watched.
 * `watched`: in the whole cluster, or in each namespace of `--watch-namespaces`.
 * `credentials`: in the operator's namespace, where that is not watched itself.
 * `own`: in the operator's namespace only.
 * `default`: in namespace `default`, where events about cluster-scoped objects are.
 */
export type PermissionScope = "cluster" | "watched" | "credentials" | "own" | "default";

/** A setting of the operator without which a permission is not needed. */
export type PermissionFeature =
  "clusterProviders" | "leaderElection" | "metricsAuthorization" | "podAwareness" | "tokenRequests" | "shards";

export interface Permission {
  readonly scope: PermissionScope;
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly Verb[];
  readonly why: string;
  readonly feature?: PermissionFeature;
  /** Needed only while this feature is off. */
  readonly unless?: PermissionFeature;
  /** Needed only where the whole cluster, or where single namespaces are watched. Default: in both. */
  readonly mode?: "cluster" | "namespaced";
  /** Only the one object of this name: that of the Lease, or what follows from it. `create` can never be limited so. */
  readonly limitedTo?: "lease" | "proofKey";
  /** Requested by admission (OwnerReferencesPermissionEnforcement), never by a request of the operator's. */
  readonly isForAdmission?: true;
}

const CLUSTER_SCOPED = KINDS.filter(({ scope }) => scope === "Cluster").map(({ plural }) => plural);
const NAMESPACED = KINDS.filter(({ scope }) => scope === "Namespaced").map(({ plural }) => plural);
/** Their Secrets and ConfigMaps name them as owners that block deletion. */
const OWNERS = ["m2mclients", "oauthapis", "scopegrants"];

const ofKind = (resource: string, where: Pick<Permission, "scope" | "feature">): readonly Permission[] => {
  const kind = { ...where, group: GROUP };
  return [
    {
      ...kind,
      resource,
      verbs: ["list", "watch", "patch"],
      why: "to read the resources, and to add and remove finalizers",
    },
    { ...kind, resource: `${resource}/status`, verbs: ["update"], why: "to write their status" },
  ];
};

const core = (scope: PermissionScope, resource: string, verbs: readonly Verb[], why: string): Permission => ({
  scope,
  group: "",
  resource,
  verbs,
  why,
});

const PUBLISHED: readonly Verb[] = ["get", "list", "watch", "create", "patch", "delete"];

const EVENTS = {
  group: "events.k8s.io",
  resource: "events",
  verbs: ["create", "patch"],
  why: "to report what the operator did, and to count repeated events",
} as const;

const LEASES = {
  scope: "own",
  group: "coordination.k8s.io",
  resource: "leases",
  why: "to ensure that only one process works on a tenant",
  feature: "leaderElection",
} as const;

const PROOF_KEY = {
  scope: "own",
  group: "",
  resource: "secrets",
  why: "to store the key that proves who wrote a status",
} as const;

/** Consent is given to namespaces by their labels. One Role can show its own Namespace, never the collection. */
const NAMESPACES = { group: "", resource: "namespaces", why: "to match namespaces by their labels" } as const;

const REVIEWS = [
  ["authentication.k8s.io", "tokenreviews"],
  ["authorization.k8s.io", "subjectaccessreviews"],
] as const;

/** Everything that the operator asks of the API server. Roles are generated from it, and tests hold it to the list. */
export const PERMISSIONS: readonly Permission[] = [
  ...CLUSTER_SCOPED.flatMap((resource) => ofKind(resource, { scope: "cluster", feature: "clusterProviders" })),
  ...NAMESPACED.flatMap((resource) => ofKind(resource, { scope: "watched" })),
  {
    ...{ scope: "watched", group: GROUP, resource: "changepreviews", verbs: ["get", "list", "watch", "delete"] },
    why: "to read change previews, and to delete them after ten minutes",
  },
  {
    ...{ scope: "watched", group: GROUP, resource: "changepreviews/status", verbs: ["update"] },
    why: "to write what a change would do",
  },
  ...OWNERS.map((resource) => ({
    scope: "watched" as const,
    group: GROUP,
    resource: `${resource}/finalizers`,
    verbs: ["update" as const],
    why: "to make a resource the owner of its published objects",
    isForAdmission: true as const,
  })),
  core(
    "watched",
    "secrets",
    PUBLISHED,
    "to store and publish credentials, and to read the operator's own for its tenants",
  ),
  core("watched", "configmaps", PUBLISHED, "to publish what an API needs to verify tokens"),
  { ...NAMESPACES, scope: "watched", mode: "cluster", verbs: ["list", "watch"] },
  { ...NAMESPACES, scope: "watched", mode: "namespaced", verbs: ["get", "watch"], unless: "clusterProviders" },
  { ...NAMESPACES, scope: "cluster", mode: "namespaced", verbs: ["list", "watch"], feature: "clusterProviders" },
  {
    ...core("watched", "pods", ["list", "watch"], "to find Pods that still use an old credential"),
    feature: "podAwareness",
  },
  core("watched", "serviceaccounts", ["get"], "to see whether the service account of an M2MClient exists"),
  {
    ...core("watched", "serviceaccounts/token", ["create"], "to request one token as a workload does, and check it"),
    feature: "tokenRequests",
  },
  { ...EVENTS, scope: "watched" },
  { ...EVENTS, scope: "default", mode: "namespaced", feature: "clusterProviders" },
  {
    ...core(
      "credentials",
      "secrets",
      ["get", "list", "watch", "patch"],
      "to read the operator's own credentials for its tenants",
    ),
    mode: "namespaced",
    feature: "clusterProviders",
  },
  ...REVIEWS.map(([group, resource]) => ({
    ...{ scope: "cluster" as const, group, resource, verbs: ["create" as const] },
    ...{ why: "to check who may read /metrics", feature: "metricsAuthorization" as const },
  })),
  { ...LEASES, verbs: ["create", "list"] },
  { ...LEASES, verbs: ["get", "update"], limitedTo: "lease" },
  {
    ...{ ...LEASES, verbs: ["get", "update", "delete"], feature: "shards" },
    why: "to hold a Lease for each shard and each replica",
  },
  { ...PROOF_KEY, verbs: ["create"] },
  { ...PROOF_KEY, verbs: ["get"], limitedTo: "proofKey" },
];

/** What an installation is like, as far as permissions depend on it. */
export interface PermissionMode {
  /** Whether single namespaces are watched, not the whole cluster. */
  readonly isNamespaced: boolean;
  readonly features: ReadonlySet<PermissionFeature>;
}

/** The permissions of one installation. */
export function permissionsOf({ isNamespaced, features }: PermissionMode): readonly Permission[] {
  return PERMISSIONS.filter(
    ({ mode, feature, unless }) =>
      (mode === undefined || (mode === "namespaced") === isNamespaced) &&
      (feature === undefined || features.has(feature)) &&
      (unless === undefined || !features.has(unless)),
  );
}
