import type { ResourceClient } from "../ports/cluster.ts";
import type { Resource } from "../ports/resource.ts";
import type { Connection, KubeRequest } from "./connection.ts";
import { isNotFound } from "./kube-error.ts";
import type { KubeObject, Store } from "./store.ts";

/** Where objects of one kind live. */
export interface ResourcePath {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** Path of the whole collection, over all namespaces or of one. */
export function collectionPath({ group, version, plural }: ResourcePath, namespace?: string): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined || namespace === ""
    ? `${root}/${plural}`
    : `${root}/namespaces/${namespace}/${plural}`;
}

/** Reads from the store, writes through the connection; answers of writes go into the store at once. */
export function createResourceClient<R extends Resource & KubeObject>(
  connection: Connection,
  store: Store<R>,
  path: ResourcePath,
  finalizer: string,
): ResourceClient<R> {
  const pathOf = ({ metadata }: R): string => `${collectionPath(path, metadata.namespace)}/${metadata.name}`;
  return {
    get: (namespace, name) => store.get(namespace, name),
    list: () => store.list(),
    byIndex: (index, value) => store.byIndex(index, value),
    writeStatus: async (resource, status) => {
      const { apiVersion, kind, metadata, spec } = resource;
      const { name, namespace, uid, resourceVersion } = metadata;
      return store.writing(namespace ?? "", name, async (own) => {
        const written = await connection.request<R>({
          method: "PUT",
          path: `${pathOf(resource)}/status`,
          query: { fieldValidation: "Strict" },
          body: { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, spec, status },
        });
        own.put(written);
        const known = store.get(namespace ?? "", name);
        return known?.metadata.resourceVersion === written.metadata.resourceVersion ? known : written;
      });
    },
    setFinalizer: async (resource, isPresent) => {
      const patch = finalizerPatch(resource.metadata, finalizer, isPresent);
      if (patch === undefined) return;
      const { namespace = "", name } = resource.metadata;
      await store.writing(namespace, name, async (own) => {
        try {
          own.put(await patchFinalizers(connection, pathOf(resource), patch));
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
        if (!isPresent) forgetWhenGone(store.get(namespace, name), own);
      });
    },
  };
}

/** With its last finalizer an object is gone at once; the watch will say so a moment later. */
function forgetWhenGone<R extends KubeObject>(latest: R | undefined, own: Pick<Store<R>, "remove">): void {
  if (latest?.metadata.deletionTimestamp !== undefined && (latest.metadata.finalizers ?? []).length === 0)
    own.remove(latest);
}

/** `undefined` when nothing is to be done. The version makes the API server refuse it when somebody else was faster. */
export function finalizerPatch(
  metadata: { readonly finalizers?: readonly string[] | undefined; readonly resourceVersion: string },
  finalizer: string,
  isPresent: boolean,
): object | undefined {
  const before = metadata.finalizers ?? [];
  if (before.includes(finalizer) === isPresent) return undefined;
  const finalizers = isPresent ? [...before, finalizer] : before.filter((other) => other !== finalizer);
  return { metadata: { resourceVersion: metadata.resourceVersion, finalizers } };
}

export async function patchFinalizers<T>(
  connection: Connection,
  path: string,
  patch: object,
  how: Pick<KubeRequest, "accept" | "conceal"> = {},
): Promise<T> {
  const contentType = "application/merge-patch+json";
  return connection.request<T>({ method: "PATCH", path, body: patch, contentType, ...how });
}
