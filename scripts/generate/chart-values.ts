import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from "yaml";

export interface ChartValue {
  readonly path: readonly string[];
  /** What its `# --` comment says. */
  readonly what: string;
  readonly fallback: unknown;
}

/** Every value of the chart, in order. Throws for one that nobody explained. */
export function chartValues(yaml: string): readonly ChartValue[] {
  const { contents } = parseDocument(yaml);
  return isMap(contents) ? valuesIn(contents, []) : [];
}

function valuesIn(map: YAMLMap, parents: readonly string[]): readonly ChartValue[] {
  return map.items.flatMap((pair, index) => {
    // What stands before the first key of a map hangs on the map.
    const before = index === 0 ? map.commentBefore : undefined;
    return valuesOf(pair, parents, before);
  });
}

function valuesOf(
  { key, value }: Pair,
  parents: readonly string[],
  before: string | null | undefined,
): readonly ChartValue[] {
  if (!isScalar(key)) throw new Error("keys of values.yaml are text");
  const path = [...parents, String(key.value)];
  const what = /^ -- (.*)$/m.exec(key.commentBefore ?? before ?? "")?.[1];
  if (what !== undefined) return [{ path, what, fallback: plain(value) }];
  if (!isMap(value)) throw new Error(`values.yaml: ${path.join(".")} has no "# --" comment`);
  return valuesIn(value, path);
}

const plain = (node: unknown): unknown => (node as { toJSON(): unknown }).toJSON();

/** What the type of the default does not say. */
const DETAILS: Readonly<Record<string, object>> = {
  "image.pullPolicy": { enum: ["Always", "IfNotPresent", "Never"] },
  "image.repository": { minLength: 1 },
  "image.digest": { pattern: "^(sha256:[0-9a-f]{64})?$" },
  instanceId: { pattern: "^([a-z0-9-]{1,32})?$" },
  watchNamespaces: { items: { type: "string", minLength: 1 }, uniqueItems: true },
  clusterProviders: { type: ["boolean", "null"] },
  "serviceAccountTokens.audiences": { items: { type: "string", pattern: "^https://[^/]" }, uniqueItems: true },
  "serviceAccountTokens.expirationSeconds": { type: "integer", minimum: 600, maximum: 4500 },
  "metrics.authorization.enabled": { type: ["boolean", "null"] },
  "metrics.authorization.readers": { items: { type: "object", required: ["kind", "name"] } },
  imagePullSecrets: { items: { type: "object", required: ["name"] } },
  replicas: { type: "integer", minimum: 1 },
  shards: { type: "integer", minimum: 1, maximum: 64 },
  "service.port": { type: "integer", minimum: 1, maximum: 65_535 },
  "podDisruptionBudget.enabled": { type: ["boolean", "null"] },
  "podDisruptionBudget.minAvailable": { type: ["integer", "string"] },
  "networkPolicy.egressPorts": { items: { type: "integer", minimum: 1, maximum: 65_535 } },
  "networkPolicy.metricsFrom": { items: { type: "object" } },
  extraManifests: { items: { type: ["object", "string"] } },
};

/** Flags that the chart sets itself. */
const OWN_FLAGS: ReadonlySet<string> = new Set([
  ...["instance-id", "namespace", "kubeconfig", "http-address", "leader-election", "lease-name"],
  ...["watch-namespaces", "cluster-providers", "pod-awareness", "shards", "service-account-tokens", "token-requests"],
]);

interface Schema {
  readonly type: "object";
  readonly description?: string;
  readonly additionalProperties: false;
  readonly properties: Record<string, unknown>;
}

const closed = (): Schema => ({ type: "object", additionalProperties: false, properties: {} });

/** JSON schema of the values: unknown names are refused, so that a misspelt one is not ignored. */
export function chartSchema(values: readonly ChartValue[], flags: readonly string[]): string {
  const settings = {
    propertyNames: { enum: flags.filter((flag) => !OWN_FLAGS.has(flag)) },
    additionalProperties: { type: ["string", "number", "boolean"] },
  };
  const root = closed();
  for (const { path, what, fallback } of values) {
    const name = path.join(".");
    const details = name === "config" ? settings : DETAILS[name];
    place(root, path, { type: typeOf(fallback), description: what, ...details });
  }
  const global = { type: "object", description: "Helm's own, for charts of charts." };
  const schema = { $schema: "http://json-schema.org/draft-07/schema#", ...root };
  return `${JSON.stringify({ ...schema, properties: { ...root.properties, global } }, undefined, 2)}\n`;
}

function place(root: Schema, path: readonly string[], schema: object): void {
  let at = root;
  for (const part of path.slice(0, -1)) at = (at.properties[part] ??= closed()) as Schema;
  at.properties[path.at(-1) ?? ""] = schema;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return value === null ? "null" : typeof value;
}

/** The chart's README. */
export function chartReadme(values: readonly ChartValue[]): string {
  const rows = values.map(({ path, what, fallback }) => {
    const text = JSON.stringify(fallback);
    return `| \`${path.join(".")}\` | ${what} | \`${text}\` |`;
  });
  return `# Helm chart m2m-operator

For platform engineers who install the operator with Helm. The page describes the installation and every value.

\`\`\`sh
helm install m2m-operator charts/m2m-operator --namespace m2m-system --create-namespace \\
  --set image.repository=registry.example.com/m2m-operator
\`\`\`

- **CRDs.** They are part of the release (\`crds.enabled\`) and are upgraded with it. They stay when you uninstall the
  release (\`crds.keep\`).
- **Instance ID.** The operator marks its objects at a tenant with this ID. The first installation generates it and stores it
  in the ConfigMap \`…-instance\`. To keep it, install again with the same release name. Set \`instanceId\` if templates are
  rendered without the cluster (Argo CD, \`helm template\`).
- **Namespaces.** \`watchNamespaces\` limits the operator to [single namespaces](../../docs/namespaced.md).
- **Permissions.** See [permissions](../../docs/reference/permissions.md).
- **Settings.** \`config\` sets every other setting of the operator by its [flag](../../docs/reference/configuration.md).

## Values

| Value | Description | Default |
| --- | --- | --- |
${rows.join("\n")}

Generated from \`values.yaml\` by \`npm run generate\`.
`;
}
