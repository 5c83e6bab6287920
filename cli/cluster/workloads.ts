import type { M2MClient } from "../../src/kinds/m2m-client/schema.ts";
import { listAll } from "../../src/kube/listing.ts";
import { podFactsOf, type Pod } from "../../src/kube/pod-facts.ts";
import { collectionPath } from "../../src/kube/resources.ts";
import type { KubeObject } from "../../src/kube/store.ts";
import type { PodFacts } from "../../src/ports/pods.ts";
import type { OpenCluster } from "./open.ts";
import { type Attempt, explained, isForbidden, missingPermission } from "./refusal.ts";

type Clients = readonly Pick<M2MClient, "metadata">[];

const PAGE_SIZE = 500;
const PATIENCE_MS = 120_000;

/** Names of the Secrets of each namespace that has clients. Their contents are not read. */
export async function listPublishedSecrets(
  cluster: OpenCluster,
  namespace: string | undefined,
  clients: Clients,
  notes: string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const items = await readable<KubeObject>(cluster, "secrets", namespace, clients, notes);
  return grouped(
    items,
    clients,
    ({ metadata }) => metadata.name,
    (names) => new Set(names),
  );
}

/** What the Pods of each namespace with clients use. */
export async function listPods(
  cluster: OpenCluster,
  namespace: string | undefined,
  clients: Clients,
  notes: string[],
): Promise<ReadonlyMap<string, readonly PodFacts[]>> {
  const items = await readable<Pod>(cluster, "pods", namespace, clients, notes);
  return grouped(items, clients, podFactsOf, (pods) => pods);
}

/** `undefined` when the user may not list them. */
async function readable<T extends KubeObject>(
  { connection }: OpenCluster,
  plural: "secrets" | "pods",
  namespace: string | undefined,
  clients: Clients,
  notes: string[],
): Promise<readonly T[] | undefined> {
  if (clients.length === 0) return undefined;
  const attempt: Attempt = { verb: "list", plural, group: "", namespace };
  const path = collectionPath({ group: "", version: "v1", plural }, namespace);
  try {
    const options = { connection, path, isMetadataOnly: plural === "secrets", pageSize: PAGE_SIZE };
    return (await listAll<T>(options, AbortSignal.timeout(PATIENCE_MS))).items;
  } catch (error) {
    if (!isForbidden(error)) throw explained(error, attempt, connection.host);
    const what = plural === "pods" ? "Pods" : "whether Secrets exist";
    notes.push(`not shown: ${what} (${missingPermission(attempt)})`);
    return undefined;
  }
}

/** By namespace, for every namespace that has clients. Empty when nothing could be read. */
function grouped<T extends KubeObject, Value, Group>(
  items: readonly T[] | undefined,
  clients: Clients,
  valueOf: (item: T) => Value,
  groupOf: (values: readonly Value[]) => Group,
): ReadonlyMap<string, Group> {
  if (items === undefined) return new Map();
  const byNamespace = Map.groupBy(items, ({ metadata }) => metadata.namespace ?? "");
  const namespaces = new Set(clients.map(({ metadata }) => metadata.namespace ?? ""));
  return new Map([...namespaces].map((name) => [name, groupOf((byNamespace.get(name) ?? []).map(valueOf))] as const));
}
