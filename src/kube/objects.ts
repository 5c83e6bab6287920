import type {
  FormerKeys,
  ObjectClient,
  ObjectContent,
  ObjectHead,
  ObjectManifest,
  OwnerReference,
} from "../ports/cluster.ts";
import { concealing } from "./concealed.ts";
import type { Connection, KubeRequest } from "./connection.ts";
import { isNotFound } from "./kube-error.ts";
import { METADATA_OBJECT } from "./listing.ts";
import { collectionPath, finalizerPatch, patchFinalizers } from "./resources.ts";
import type { KubeMetadata, KubeObject, Store } from "./store.ts";
import type { Indexes } from "../ports/indexed-keys.ts";

interface StoredObject extends KubeObject {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
}

const MANAGED_LABEL = "m2m-operator.io/managed";
/** In place of an owner reference, for what the cluster must not collect. */
const OWNER_ANNOTATION = "m2m-operator.io/owner";
/** Which labels and annotations are ours; an object that is released keeps them as its own. */
const REMEMBERED_KEYS = ["as", "labels", "annotations"].map((what) => `m2m-operator.io/published-${what}`);

/** Indexes that the store of an object client must have. */
export const OBJECT_INDEXES: Indexes<KubeObject> = {
  finalizer: ({ metadata }) =>
    (metadata.finalizers ?? []).map((finalizer) => finalizerKeyOf(finalizer, metadata.namespace)),
  controller: ({ metadata }) =>
    ownersOf(metadata)
      .filter(({ controller }) => controller === true)
      .map(({ uid }) => uid),
};

const finalizerKeyOf = (finalizer: string, namespace: string | undefined): string => `${finalizer} ${namespace ?? ""}`;

/** Secrets or ConfigMaps: metadata from the store, contents only on demand. */
export function createObjectClient(
  connection: Connection,
  kind: "Secret" | "ConfigMap",
  store: Store<KubeObject>,
): ObjectClient {
  const plural = kind === "Secret" ? "secrets" : "configmaps";
  const collection = (namespace: string): string => collectionPath({ group: "", version: "v1", plural }, namespace);
  const pathOf = ({ namespace, name }: { namespace: string; name: string }): string =>
    `${collection(namespace)}/${name}`;
  const written = (
    { namespace, name }: { readonly namespace: string; readonly name: string },
    write: () => Promise<KubeObject>,
  ): Promise<ObjectHead> =>
    store.writing(namespace, name, async (own) => {
      const { metadata } = await write();
      own.put({ apiVersion: "v1", kind, metadata });
      return headOf(metadata);
    });
  /** Of ConfigMaps nothing is secret. */
  const hiding = (...data: readonly ObjectManifest["data"][]): Pick<KubeRequest, "conceal"> =>
    kind === "Secret" ? { conceal: concealing(data.flatMap((values) => Object.values(values))) } : {};
  /** What was written or deleted does not come back: credentials travel once, and nothing reads them. */
  const quietly = (...data: readonly ObjectManifest["data"][]): Pick<KubeRequest, "accept" | "conceal"> => ({
    ...hiding(...data),
    accept: METADATA_OBJECT,
  });
  const merge = async (
    head: ObjectHead,
    patch: object,
    ...data: readonly ObjectManifest["data"][]
  ): Promise<KubeObject> =>
    connection.request<KubeObject>({
      ...quietly(...data),
      method: "PATCH",
      path: pathOf(head),
      query: { fieldValidation: "Strict" },
      contentType: "application/merge-patch+json",
      body: patch,
    });
  /** Unless it was created again meanwhile. */
  const forget = ({ namespace, name, uid }: ObjectHead, own: Pick<Store<KubeObject>, "remove">): void => {
    const known = store.get(namespace, name);
    if (known?.metadata.uid === uid) own.remove(known);
  };
  const removed = async (head: ObjectHead, own: Pick<Store<KubeObject>, "put" | "remove">): Promise<void> => {
    const body = { preconditions: { uid: head.uid } };
    try {
      // What a finalizer holds comes back as it is now; of the rest only its end is announced.
      const request = { method: "DELETE", path: pathOf(head), body, ...quietly() } as const;
      const { metadata } = await connection.request<Partial<KubeObject>>(request);
      if (metadata?.uid === head.uid) own.put({ apiVersion: "v1", kind, metadata });
      else forget(head, own);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      forget(head, own);
    }
  };
  return {
    kind,
    head: (namespace, name) => {
      const object = store.get(namespace, name);
      return object === undefined ? undefined : headOf(object.metadata);
    },
    controlledBy: (uid, namespace) =>
      store
        .byIndex("controller", uid)
        .filter(({ metadata }) => (metadata.namespace ?? "") === namespace)
        .map(({ metadata }) => headOf(metadata)),
    heldBy: (finalizer, namespace) =>
      store.byIndex("finalizer", finalizerKeyOf(finalizer, namespace)).map(({ metadata }) => headOf(metadata)),
    read: async (namespace, name) => {
      try {
        const object = await connection.request<StoredObject>({ method: "GET", path: pathOf({ namespace, name }) });
        return contentOf(object, kind);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    create: (manifest) =>
      written(manifest, () =>
        connection.request<KubeObject>({
          ...quietly(manifest.data),
          method: "POST",
          path: collection(manifest.namespace),
          query: { fieldValidation: "Strict" },
          body: bodyOf(manifest, kind),
        }),
      ),
    replace: (before, manifest, former) =>
      written(before, () => merge(before, replacement(before, manifest, kind, former), before.data, manifest.data)),
    release: async (head, ownerUid) => {
      const ownerReferences = head.owners.filter((owner) => owner.uid !== ownerUid);
      const { uid, resourceVersion } = head;
      const freed = { labels: { [MANAGED_LABEL]: null }, annotations: dropped([OWNER_ANNOTATION, ...REMEMBERED_KEYS]) };
      await written(head, () => merge(head, { metadata: { uid, resourceVersion, ownerReferences, ...freed } }));
    },
    setFinalizer: async (head, finalizer, isPresent) => {
      const patch = finalizerPatch(head, finalizer, isPresent);
      if (patch === undefined) return;
      await written(head, () => patchFinalizers<KubeObject>(connection, pathOf(head), patch, quietly()));
    },
    remove: (head) => store.writing(head.namespace, head.name, (own) => removed(head, own)),
  };
}

export function headOf(metadata: KubeMetadata): ObjectHead {
  return {
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    owners: ownersOf(metadata),
    finalizers: metadata.finalizers ?? [],
    isDeleting: metadata.deletionTimestamp !== undefined,
  };
}

const ownersOf = ({ ownerReferences = [], annotations }: KubeMetadata): readonly OwnerReference[] => [
  ...ownerReferences,
  ...keptOwners(annotations?.[OWNER_ANNOTATION]),
];

function contentOf(object: StoredObject, kind: ObjectClient["kind"]): ObjectContent {
  const decode = (value: string): string => (kind === "Secret" ? Buffer.from(value, "base64").toString("utf8") : value);
  const data = Object.fromEntries(Object.entries(object.data ?? {}).map(([key, value]) => [key, decode(value)]));
  return { ...headOf(object.metadata), type: object.type, data };
}

const encoded = (data: Readonly<Record<string, string>>, kind: ObjectClient["kind"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [
      key,
      kind === "Secret" ? Buffer.from(value).toString("base64") : value,
    ]),
  );

/** What of an object's metadata says whose it is. */
function ownedBy(
  { owner, annotations, isKept }: ObjectManifest,
  others: readonly OwnerReference[] = [],
): { readonly annotations: Readonly<Record<string, string>>; readonly ownerReferences: readonly object[] } {
  if (isKept !== true)
    return { annotations, ownerReferences: [...others, { ...owner, controller: true, blockOwnerDeletion: true }] };
  const { apiVersion, kind, name, uid } = owner;
  const written = [apiVersion, kind, name, uid].join(" ");
  return { annotations: { ...annotations, [OWNER_ANNOTATION]: written }, ownerReferences: others };
}

function keptOwners(written: string | undefined): readonly OwnerReference[] {
  const [apiVersion, kind, name, uid] = written?.split(" ") ?? [];
  if (apiVersion === undefined || kind === undefined || name === undefined || uid === undefined) return [];
  return [{ apiVersion, kind, name, uid, controller: true }];
}

function bodyOf(manifest: ObjectManifest, kind: ObjectClient["kind"]): object {
  const { namespace, name, labels, type } = manifest;
  return {
    apiVersion: "v1",
    kind,
    metadata: { namespace, name, labels, ...ownedBy(manifest) },
    ...(type === undefined ? {} : { type }),
    data: encoded(manifest.data, kind),
  };
}

const NO_KEYS: FormerKeys = { labels: [], annotations: [] };

/** Deletes them, in a merge patch. */
const dropped = (keys: readonly string[]): Record<string, null> => Object.fromEntries(keys.map((key) => [key, null]));

/** Keys that are no longer wanted are named with null; other people's labels and owners stay. */
function replacement(
  before: ObjectContent,
  manifest: ObjectManifest,
  kind: ObjectClient["kind"],
  former: FormerKeys = NO_KEYS,
): object {
  const { ownerReferences, annotations } = ownedBy(manifest, othersOf(before));
  return {
    metadata: {
      uid: before.uid,
      resourceVersion: before.resourceVersion,
      labels: { ...dropped(former.labels), ...manifest.labels },
      annotations: { ...dropped(former.annotations), ...annotations },
      ownerReferences,
    },
    data: { ...dropped(Object.keys(before.data)), ...encoded(manifest.data, kind) },
  };
}

const othersOf = (before: ObjectContent): readonly OwnerReference[] =>
  before.owners.filter((owner) => owner.controller !== true);
