import { GROUP } from "../../src/kinds/registry.ts";
import { listAll } from "../../src/kube/listing.ts";
import { collectionPath, type ResourcePath } from "../../src/kube/resources.ts";
import type { KubeObject } from "../../src/kube/store.ts";
import type { OpenCluster } from "./open.ts";
import { type Attempt, explained, isForbidden, isKindMissing, missingPermission } from "./refusal.ts";

/** What was listed, or why nothing was. */
export type Listed<T> = { readonly items: readonly T[] } | { readonly why: string };

const PAGE_SIZE = 500;
const PATIENCE_MS = 120_000;

/** Lists objects of any kind. A missing permission or kind is no failure. `namespace`: `undefined` for all of them. */
export async function listed<T extends KubeObject>(
  { connection }: OpenCluster,
  resource: ResourcePath,
  namespace: string | undefined,
): Promise<Listed<T>> {
  const { group, plural } = resource;
  const attempt: Attempt = { verb: "list", plural, group, namespace };
  try {
    const options = {
      connection,
      path: collectionPath(resource, namespace),
      isMetadataOnly: false,
      pageSize: PAGE_SIZE,
    };
    return { items: (await listAll<T>(options, AbortSignal.timeout(PATIENCE_MS))).items };
  } catch (error) {
    if (isForbidden(error)) return { why: missingPermission(attempt) };
    if (isKindMissing(error) && group !== GROUP)
      return { why: `the cluster does not have ${plural}${group === "" ? "" : `.${group}`}` };
    throw explained(error, attempt, connection.host);
  }
}

/** What several lists hold together, or why one of them is missing. */
export async function listedTogether<T>(...lists: readonly Promise<Listed<T>>[]): Promise<Listed<T>> {
  const all = await Promise.all(lists);
  const refused = all.find((one) => "why" in one);
  return refused ?? { items: all.flatMap((one) => ("items" in one ? one.items : [])) };
}

/** The same with other members. */
export const mapped = <T, U>(list: Listed<T>, change: (item: T) => readonly U[]): Listed<U> =>
  "why" in list ? list : { items: list.items.flatMap(change) };
