import { GROUP, type KindDefinition, VERSION } from "../../src/kinds/registry.ts";
import { listAll } from "../../src/kube/listing.ts";
import { collectionPath } from "../../src/kube/resources.ts";
import type { OpenCluster } from "./open.ts";

/** A shell waits for the answer. */
const PATIENCE_MS = 3000;
const PAGE_SIZE = 500;

/** Names of the resources of a kind in the namespace, or of the namespaces. Only their metadata is read. */
export async function listNames(
  { connection, namespace }: OpenCluster,
  what: KindDefinition | "namespaces",
): Promise<readonly string[]> {
  const path =
    what === "namespaces"
      ? collectionPath({ group: "", version: "v1", plural: what })
      : collectionPath(
          { group: GROUP, version: VERSION, plural: what.plural },
          what.scope === "Cluster" ? undefined : namespace,
        );
  const options = { connection, path, isMetadataOnly: true, pageSize: PAGE_SIZE };
  const { items } = await listAll(options, AbortSignal.timeout(PATIENCE_MS));
  return items.map(({ metadata }) => metadata.name);
}
