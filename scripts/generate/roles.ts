import { stringify } from "yaml";
import {
  type Permission,
  type PermissionFeature,
  PERMISSIONS,
  type PermissionScope,
  permissionsOf,
} from "../../src/assembly/permissions.ts";

const NOTE = "Generated from src/assembly/permissions.ts by npm run generate. Do not edit.";

/** As `kubectl` shows them, in the order of the list; what differs only in the resource is one rule. */
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** Their rules; what is limited to one object names it. */
export function rulesOf(permissions: readonly Permission[], leaseName: string): readonly Rule[] {
  const byKey = new Map<string, Rule>();
  for (const { group, resource, verbs, limitedTo } of permissions) {
    const name = limitedTo === "proofKey" ? `${leaseName}-proof-key` : leaseName;
    const names = limitedTo === undefined ? {} : { resourceNames: [name] };
    const key = JSON.stringify([group, verbs, names]);
    const resources = [...(byKey.get(key)?.resources ?? []), resource];
    byKey.set(key, { apiGroups: [group], resources, ...names, verbs });
  }
  return [...byKey.values()];
}

const yaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });

/** How the chart asks whether a feature is on. */
const FEATURES: Readonly<Record<PermissionFeature, string>> = {
  clusterProviders: 'include "m2m-operator.clusterProviders" .',
  leaderElection: ".Values.leaderElection.enabled",
  metricsAuthorization: 'include "m2m-operator.metricsAuthorization" .',
  podAwareness: ".Values.podAwareness",
  tokenRequests: ".Values.tokenRequests",
  shards: "gt (int .Values.shards) 1",
};

function conditionOf({ mode, feature, unless }: Permission): string | undefined {
  const isNamespaced = 'include "m2m-operator.isNamespaced" .';
  const parts = [
    ...(mode === undefined ? [] : [mode === "namespaced" ? isNamespaced : `not (${isNamespaced})`]),
    ...(feature === undefined ? [] : [FEATURES[feature]]),
    ...(unless === undefined ? [] : [`not (${FEATURES[unless]})`]),
  ];
  if (parts.length < 2) return parts[0];
  return `and ${parts.map((part) => (part.includes(" ") ? `(${part})` : part)).join(" ")}`;
}

const SCOPES: readonly PermissionScope[] = ["cluster", "watched", "credentials", "own", "default"];

/** Named templates of the chart, `m2m-operator.rules.SCOPE`: what an installation does not need is not in its roles. */
function chartRules(): string {
  const templates = SCOPES.map((scope) => {
    const byCondition = Map.groupBy(
      PERMISSIONS.filter((permission) => permission.scope === scope),
      conditionOf,
    );
    const blocks = [...byCondition].map(([condition, permissions]) => {
      const rules = yaml(rulesOf(permissions, "LEASE")).replaceAll("LEASE", '{{ include "m2m-operator.fullname" . }}');
      return condition === undefined ? rules : `{{- if ${condition} }}\n${rules}{{- end }}\n`;
    });
    return `{{- define "m2m-operator.rules.${scope}" }}\n${blocks.join("")}{{- end }}\n`;
  });
  return `{{- /* ${NOTE} */}}\n${templates.join("\n")}`;
}

interface RoleFile {
  readonly kind: "Role" | "ClusterRole";
  readonly name: string;
  readonly namespace?: string;
  readonly isNamespaced: boolean;
  readonly features: readonly PermissionFeature[];
  readonly scopes: readonly PermissionScope[];
  /** Only what this feature needs beside the rest. Default: everything. */
  readonly only?: PermissionFeature;
}

function roleYaml({ kind, name, namespace, isNamespaced, features, scopes, only }: RoleFile): string {
  const permissions = permissionsOf({ isNamespaced, features: new Set(features) }).filter(
    ({ feature }) => only === undefined || feature === only,
  );
  const role = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    rules: rulesOf(
      permissions.filter(({ scope }) => scopes.includes(scope)),
      "m2m-operator",
    ),
  };
  return `# ${NOTE}\n${yaml(role)}`;
}

export const WHOLE_CLUSTER = {
  isNamespaced: false,
  features: ["clusterProviders", "leaderElection", "metricsAuthorization", "podAwareness"],
} as const;
const SINGLE_NAMESPACES = { isNamespaced: true, features: ["leaderElection", "podAwareness"] } as const;

/** What the chart and the kustomizations ship, by path. The chart decides by its values, a kustomization is one choice. */
export function roleFiles(): readonly (readonly [string, string])[] {
  const name = "m2m-operator";
  return [
    ["charts/m2m-operator/templates/_rules.tpl", chartRules()],
    [
      "deploy/base/leader-election-role.yaml",
      roleYaml({
        ...WHOLE_CLUSTER,
        kind: "Role",
        name: `${name}-leader-election`,
        namespace: "m2m-system",
        scopes: ["own"],
      }),
    ],
    [
      "deploy/components/shards/role.yaml",
      roleYaml({
        ...{ kind: "Role", name: `${name}-shards`, namespace: "m2m-system", isNamespaced: false, scopes: ["own"] },
        ...{ features: ["shards"], only: "shards" },
      }),
    ],
    [
      "deploy/components/token-requests/role.yaml",
      roleYaml({
        ...{ kind: "ClusterRole", name: `${name}-token-requests`, isNamespaced: false, scopes: ["watched"] },
        ...{ features: ["tokenRequests"], only: "tokenRequests" },
      }),
    ],
    [
      "deploy/overlays/cluster/role.yaml",
      roleYaml({ ...WHOLE_CLUSTER, kind: "ClusterRole", name, scopes: ["cluster", "watched"] }),
    ],
    [
      "deploy/overlays/namespaced/watched/role.yaml",
      roleYaml({ ...SINGLE_NAMESPACES, kind: "Role", name, scopes: ["watched"] }),
    ],
  ];
}

const WHERE: Readonly<Record<PermissionScope, string>> = {
  cluster: "the cluster",
  watched: "watched namespaces",
  credentials: "its own namespace",
  own: "its own namespace",
  default: "namespace `default`",
};

const FLAGS: Readonly<Record<PermissionFeature, string>> = {
  clusterProviders: "`--cluster-providers`",
  leaderElection: "`--leader-election`",
  metricsAuthorization: "`--metrics-access=authorized`",
  podAwareness: "`--pod-awareness`",
  tokenRequests: "`--token-requests`",
  shards: "`--shards` above 1",
};

function whenOf({ mode, feature, unless }: Permission): string {
  const parts = [
    ...(mode === undefined ? [] : [mode === "namespaced" ? "`--watch-namespaces`" : "all namespaces"]),
    ...(feature === undefined ? [] : [FLAGS[feature]]),
    ...(unless === undefined ? [] : [`no ${FLAGS[unless]}`]),
  ];
  return parts.length === 0 ? "always" : parts.join(", ");
}

export function permissionsMarkdown(): string {
  const rows = PERMISSIONS.map((permission) => {
    const { scope, group, resource, verbs, why, limitedTo, isForAdmission } = permission;
    const name = `${resource}${group === "" ? "" : `.${group}`}`;
    const note = limitedTo !== undefined ? " (by its name)" : isForAdmission === true ? " (for admission)" : "";
    return `| \`${name}\`${note} | ${verbs.join(", ")} | ${WHERE[scope]} | ${whenOf(permission)} | ${why} |`;
  });
  return `# Permissions of the operator

The tests run the operator with exactly these permissions. A refused request fails a test, and so does a permission that no
request needs. Watched namespaces are all namespaces of the cluster, or those of \`--watch-namespaces\`.

The permission to list Secrets includes reading them. The operator keeps only their metadata, and reads only the Secrets that a
resource names. To limit its access, run it for [single namespaces](../namespaced.md).

| Resource | Verbs | Scope | Condition | Purpose |
| --- | --- | --- | --- | --- |
${rows.join("\n")}

Generated from the code by \`npm run generate\`, like the roles of the chart and of the kustomizations.
`;
}
