import type { Sandbox } from "../../sandbox/start.ts";
import { type AnyObject, type Cluster, conditionOf } from "../integration/cluster.ts";

const KINDS = ["IdentityProvider", "OAuthApi", "M2MClient", "ScopeGrant"] as const;

/** What is wrong, from every object's status to the tenant; nothing when all is equal. */
export async function differencesIn(
  cluster: Cluster,
  sandbox: Sandbox,
  namespaces: readonly string[],
  metricsUrls: readonly string[],
): Promise<readonly string[]> {
  const shown = await Promise.all(metricsUrls.map(async (url) => (await fetch(url)).text()));
  const known = readyIn(shown.join("\n"));
  const differences = await Promise.all(namespaces.map((namespace) => inNamespace(cluster, sandbox, namespace, known)));
  return differences.flat();
}

async function inNamespace(
  cluster: Cluster,
  sandbox: Sandbox,
  namespace: string,
  known: ReadonlySet<string>,
): Promise<readonly string[]> {
  const objects = await Promise.all(KINDS.map((kind) => cluster.list(kind, namespace)));
  const [, apis = [], clients = [], grants = []] = objects;
  const keyed = new Map(objects.flat().map((object) => [keyOf(object), object]));
  const inCaches = [...known].filter((key) => key.split("/")[1] === namespace);
  return [
    ...[...keyed]
      .filter(([, object]) => !isReady(object))
      .map(([key, object]) => `${key} is not Ready: ${reasonOf(object)}`),
    ...[...keyed.keys()].filter((key) => !known.has(key)).map((key) => `${key} is not Ready in the leader's caches`),
    ...inCaches.filter((key) => !keyed.has(key)).map((key) => `${key} is in the leader's caches and nowhere else`),
    ...atTenant(sandbox, namespace, apis, clients, grants),
    ...(await secretsOf(cluster, clients)),
  ];
}

const keyOf = ({ kind, metadata: { namespace = "", name } }: AnyObject): string => `${kind}/${namespace}/${name}`;
const reasonOf = (object: AnyObject): string => {
  const { reason = "", message = "" } = conditionOf(object, "Ready") ?? {};
  return `${reason}: ${message}`;
};

async function secretsOf(cluster: Cluster, clients: readonly AnyObject[]): Promise<readonly string[]> {
  const judged = clients.map(async (client) => {
    const { namespace = "", name } = client.metadata;
    const secret = await cluster.secret(namespace, name);
    return secret?.["client_id"] === client.status?.["externalId"]
      ? []
      : [`the Secret of ${keyOf(client)} is not its own`];
  });
  return (await Promise.all(judged)).flat();
}

function readyIn(metrics: string): ReadonlySet<string> {
  const lines = [...metrics.matchAll(/^m2m_operator_resource_ready\{(?<labels>[^}]*)\} 1$/gm)];
  return new Set(
    lines.map(({ groups }) => {
      const labels = Object.fromEntries(
        [...(groups?.["labels"] ?? "").matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
      ) as Record<string, string>;
      return `${String(labels["kind"])}/${String(labels["namespace"])}/${String(labels["name"])}`;
    }),
  );
}

function isReady(object: AnyObject): boolean {
  const { generation } = object.metadata as { readonly generation?: number };
  return conditionOf(object, "Ready")?.status === "True" && object.status?.["observedGeneration"] === generation;
}

function atTenant(
  { tenant }: Sandbox,
  namespace: string,
  apis: readonly AnyObject[],
  clients: readonly AnyObject[],
  grants: readonly AnyObject[],
): readonly string[] {
  const { state } = tenant;
  const isOf = (text: unknown): boolean => String(text).includes(namespace);
  const scopesOf = (object: AnyObject | undefined): string =>
    ((object?.spec?.["scopes"] ?? []) as readonly (string | { name?: string; value?: string })[])
      .map((scope) => (typeof scope === "string" ? scope : (scope.name ?? scope.value)))
      .toSorted()
      .join(" ");
  const idOf = new Map(clients.map(({ metadata, status }) => [metadata.name, String(status?.["externalId"])]));
  const audienceOf = new Map(apis.map(({ metadata, spec }) => [metadata.name, String(spec?.["audience"])]));
  const nameOf = (object: AnyObject, ref: string): string => (object.spec?.[ref] as { name: string }).name;
  return [
    ...unequal(
      `clients of ${namespace}`,
      clients.map(({ spec }) => String(spec?.["displayName"])),
      [...state.clients.values()].map(({ name }) => String(name)).filter(isOf),
    ),
    ...unequal(
      `APIs of ${namespace}`,
      apis.map((api) => `${String(api.spec?.["audience"])} ${scopesOf(api)}`),
      [...state.resourceServers.values()]
        .filter(({ identifier }) => isOf(identifier))
        .map((api) => `${api.identifier} ${scopesOf({ spec: { scopes: api["scopes"] } } as never)}`),
    ),
    ...unequal(
      `grants of ${namespace}`,
      grants.map(
        (grant) =>
          `${String(idOf.get(nameOf(grant, "clientRef")))} ${String(audienceOf.get(nameOf(grant, "apiRef")))} ${scopesOf(grant)}`,
      ),
      [...state.grants.values()]
        .filter(({ audience }) => isOf(audience))
        .map((grant) => `${grant.client_id} ${grant.audience} ${scopesOf({ spec: { scopes: grant.scope } } as never)}`),
    ),
  ];
}

function unequal(what: string, wanted: readonly string[], found: readonly string[]): readonly string[] {
  const [left, right] = [wanted.toSorted(), found.toSorted()];
  return JSON.stringify(left) === JSON.stringify(right)
    ? []
    : [`${what}: wanted ${JSON.stringify(left)}, found ${JSON.stringify(right)}`];
}
