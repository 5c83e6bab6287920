import { type KindName, KINDS } from "../../src/kinds/registry.ts";
import type { ProviderResource } from "../../src/kinds/identity-provider/schema.ts";
import { uses } from "../status/tree.ts";
import type { Snapshot } from "../status/snapshot.ts";
import { Failure } from "../failure.ts";
import { definitionOf } from "./kinds.ts";
import { type AnyResource, listAttempt, listResources } from "./objects.ts";
import type { OpenCluster } from "./open.ts";
import { explained, isForbidden, missingPermission } from "./refusal.ts";
import { listPods, listPublishedSecrets } from "./workloads.ts";

/** Reads what the user may read of one namespace, or of all (`undefined`). What it may not read becomes a note. */
export async function takeSnapshot(cluster: OpenCluster, namespace: string | undefined): Promise<Snapshot> {
  const resources = await readResources(cluster, namespace);
  const { clients } = resources;
  const notes = [...resources.notes];
  const [secrets, pods] = await Promise.all([
    listPublishedSecrets(cluster, namespace, clients, notes),
    listPods(cluster, namespace, clients, notes),
  ]);
  return { ...resources, secrets, pods, notes };
}

/** The resources of the operator alone, in the same way. */
export async function readResources(
  cluster: OpenCluster,
  namespace: string | undefined,
): Promise<Omit<Snapshot, "secrets" | "pods">> {
  const notes: string[] = [];
  const list = <R extends AnyResource>(kind: KindName): Promise<readonly R[]> =>
    listed<R>(cluster, kind, namespace, notes);
  const [clusterProviders, providers, apis, clients, grants] = await Promise.all([
    list<ProviderResource>("ClusterIdentityProvider"),
    list<ProviderResource>("IdentityProvider"),
    list<Snapshot["apis"][number]>("OAuthApi"),
    list<Snapshot["clients"][number]>("M2MClient"),
    list<Snapshot["grants"][number]>("ScopeGrant"),
  ]);
  if (notes.length === KINDS.length) throw nothingReadable(namespace);
  const users = [...apis, ...clients];
  // Of the providers of the cluster, a namespace shows those that it uses.
  const used = clusterProviders.filter(
    (provider) =>
      namespace === undefined ||
      users.some(({ metadata, spec }) => uses(metadata.namespace, spec.providerRef, provider)),
  );
  return { providers: [...used, ...providers], apis, clients, grants, notes };
}

/** Why a command about resources fails for somebody who may list none. */
export const nothingReadable = (namespace: string | undefined): Failure =>
  new Failure(
    `You may list no resource of the operator ${namespace === undefined ? "in the cluster" : `in namespace ${namespace}`}.`,
    "Ask an administrator for the role view there. The operator's manifests add its resources to view.",
  );

async function listed<R extends AnyResource>(
  cluster: OpenCluster,
  kind: KindName,
  namespace: string | undefined,
  notes: string[],
): Promise<readonly R[]> {
  const definition = definitionOf(kind);
  const attempt = listAttempt(definition, namespace);
  try {
    return await listResources<R>(cluster, definition, namespace);
  } catch (error) {
    if (!isForbidden(error)) throw explained(error, attempt, cluster.connection.host);
    notes.push(`not shown: ${kind} (${missingPermission(attempt)})`);
    return [];
  }
}
