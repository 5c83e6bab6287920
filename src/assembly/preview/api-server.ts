import { isDeepStrictEqual } from "node:util";
import type { Connection, KubeRequest } from "../../kube/connection.ts";
import { KubeError } from "../../kube/kube-error.ts";
import type { KubeMetadata, KubeObject, Store } from "../../kube/store.ts";
import { KINDS } from "../../kinds/registry.ts";
import type { Caches } from "../caches.ts";

/** An object of the preview with its content. */
export interface ServedObject extends KubeObject {
  readonly spec?: unknown;
  readonly status?: unknown;
  readonly type?: string;
  /** Base64 in Secrets. */
  readonly data?: Readonly<Record<string, string>>;
}

/** What a write did. */
export interface ServedWrite {
  readonly kind: string;
  readonly before: ServedObject | undefined;
  readonly after: ServedObject | undefined;
  /** Only status changed. */
  readonly isStatus: boolean;
  /** The cluster itself deletes what belongs to a deleted object. */
  readonly isCollected?: true;
}

export interface PreviewServerParts {
  readonly caches: Caches;
  /** Where contents are read that the preview has not written. */
  readonly live: Pick<Connection, "request">;
  readonly now: () => Date;
  readonly newUid: () => string;
  readonly onWrite: (write: ServedWrite) => void;
}

/** An API server whose objects are those of the preview's caches. */
export interface PreviewServer extends Connection {
  /** The next version, later than that of every known object. */
  nextVersion(): string;
  /** Tells the write of a person: it goes into the cache. */
  write(kind: string, object: ServedObject): void;
  /** Deletes as the API server does: with a finalizer, the object only gets its time of deletion. */
  remove(kind: string, object: ServedObject): void;
}

interface Place {
  readonly kind: string;
  readonly store: Store<KubeObject>;
  readonly namespace: string;
  readonly name: string | undefined;
  readonly isStatus: boolean;
}

const PATH = /^\/api(?:s\/[^/]+)?\/[^/]+\/(?:namespaces\/([^/]+)\/)?([^/]+)(?:\/([^/]+))?(\/status)?$/;

/** Answers the operator's own requests in memory: nothing is ever sent but reads of contents. */
export function createPreviewServer(parts: PreviewServerParts): PreviewServer {
  const { caches, onWrite, now } = parts;
  const contents = new Map<string, ServedObject>();
  const versions = { last: latestVersion(caches) };
  const nextVersion = (): string => String(++versions.last);
  const keyOf = (kind: string, { namespace = "", name }: KubeMetadata): string => `${kind}/${namespace}/${name}`;
  const current = async (place: Place): Promise<ServedObject> => {
    const { kind, store, namespace, name = "" } = place;
    const known = store.get(namespace, name) as ServedObject | undefined;
    const content = contents.get(keyOf(kind, { namespace, name } as KubeMetadata));
    if (known === undefined) throw missing(kind, name);
    if (content !== undefined || !hasContent(kind)) return { ...(content ?? known), metadata: known.metadata };
    const path = collectionOf(kind, namespace);
    const read = await parts.live.request<ServedObject>({ method: "GET", path: `${path}/${name}` });
    contents.set(keyOf(kind, known.metadata), read);
    return read;
  };
  const keep = (place: Place, before: ServedObject | undefined, after: ServedObject): ServedObject => {
    if (hasContent(place.kind)) contents.set(keyOf(place.kind, after.metadata), after);
    onWrite({ kind: place.kind, before, after, isStatus: place.isStatus });
    return after;
  };
  const collect = (kind: "Secret" | "ConfigMap", uid: string): void => {
    const store = kind === "Secret" ? caches.secrets : caches.configMaps;
    const isOwned = ({ metadata }: KubeObject): boolean =>
      metadata.ownerReferences?.some((one) => one.uid === uid) === true;
    for (const object of store.list().filter(isOwned)) {
      store.remove(object);
      onWrite({ kind, before: object, after: undefined, isStatus: false, isCollected: true });
    }
  };
  const gone = (kind: string, object: ServedObject): void => {
    onWrite({ kind, before: object, after: undefined, isStatus: false });
    if (hasContent(kind)) return;
    collect("Secret", object.metadata.uid);
    collect("ConfigMap", object.metadata.uid);
  };
  const changed = (place: Place, before: ServedObject, after: ServedObject): ServedObject => {
    if (isDeepStrictEqual(before, after)) return before;
    const written = { ...after, metadata: { ...after.metadata, resourceVersion: nextVersion() } };
    const isGone = written.metadata.deletionTimestamp !== undefined && (written.metadata.finalizers ?? []).length === 0;
    if (isGone) gone(place.kind, before);
    else keep(place, before, written);
    return written;
  };
  const create = (place: Place, body: ServedObject): ServedObject => {
    const { namespace, name } = body.metadata;
    if (place.store.get(namespace ?? "", name) !== undefined)
      throw new KubeError(409, "AlreadyExists", `${place.kind} "${name}" already exists`);
    const metadata = { ...body.metadata, uid: parts.newUid(), resourceVersion: nextVersion() };
    return keep(place, undefined, { ...body, metadata: { ...metadata, ...createdAt(now()) } });
  };
  const patch = async (place: Place, body: ServedObject): Promise<ServedObject> => {
    const before = await current(place);
    refuseOutdated(before, body.metadata);
    const merged = merge(before, {
      ...body,
      metadata: { ...body.metadata, resourceVersion: before.metadata.resourceVersion },
    });
    return changed(place, before, merged as ServedObject);
  };
  const remove = async (place: Place, body: Deletion | undefined): Promise<ServedObject> => {
    const before = await current(place);
    const { uid, finalizers = [] } = before.metadata;
    if (body?.preconditions?.uid !== undefined && body.preconditions.uid !== uid)
      throw new KubeError(409, "Conflict", `${place.kind} "${before.metadata.name}" is another object`);
    if (finalizers.length > 0)
      return changed(place, before, { ...before, metadata: { ...before.metadata, ...deletedAt(now()) } });
    gone(place.kind, before);
    return { kind: "Status", metadata: {} as KubeMetadata };
  };
  const answer = async ({ method, path, body }: KubeRequest): Promise<unknown> => {
    const place = placeOf(caches, path);
    const given = (body === undefined ? undefined : JSON.parse(JSON.stringify(body))) as ServedObject;
    switch (method) {
      case "GET":
        return current(place);
      case "POST":
        return create(place, given);
      case "PUT": {
        const before = await current(place);
        refuseOutdated(before, given.metadata);
        return changed(place, before, { ...before, status: given.status });
      }
      case "PATCH":
        return patch(place, given);
      case "DELETE":
        return remove(place, given);
    }
  };
  return {
    host: "preview",
    request: async <T>(request: KubeRequest) => (await answer(request)) as T,
    open: () => Promise.reject(new KubeError(0, "Preview", "a preview watches nothing")),
    answered: () => Promise.resolve(),
    close: () => Promise.resolve(),
    nextVersion,
    write: (kind, object) => {
      storeOf(caches, kind).put(object);
    },
    remove: (kind, object) => {
      const store = storeOf(caches, kind);
      const { metadata } = object;
      if ((metadata.finalizers ?? []).length === 0) {
        store.remove(object);
        gone(kind, object);
        return;
      }
      const generation = { generation: ((metadata as { generation?: number }).generation ?? 1) + 1 };
      store.put({
        ...object,
        metadata: { ...metadata, ...generation, ...deletedAt(now()), resourceVersion: nextVersion() },
      });
    },
  };
}

type Deletion = ServedObject & { readonly preconditions?: { readonly uid?: string } };

const createdAt = (now: Date) => ({ creationTimestamp: `${now.toISOString().slice(0, 19)}Z` });
const deletedAt = (now: Date) => ({ deletionTimestamp: `${now.toISOString().slice(0, 19)}Z` });

const hasContent = (kind: string): boolean => kind === "Secret" || kind === "ConfigMap";

const collectionOf = (kind: string, namespace: string): string =>
  `/api/v1/namespaces/${namespace}/${kind === "Secret" ? "secrets" : "configmaps"}`;

const missing = (kind: string, name: string): KubeError =>
  new KubeError(404, "NotFound", `${kind} "${name}" not found`);

/** Preconditions of a write: the object that was read, in the version that was read. */
function refuseOutdated({ metadata }: ServedObject, given: Partial<KubeMetadata>): void {
  const isSame =
    (given.uid === undefined || given.uid === metadata.uid) &&
    (given.resourceVersion === undefined || given.resourceVersion === metadata.resourceVersion);
  if (!isSame) throw new KubeError(409, "Conflict", `"${metadata.name}" has been modified`);
}

function placeOf(caches: Caches, path: string): Place {
  const [, namespace = "", plural = "", name, status] = PATH.exec(path) ?? [];
  const kind = plural === "secrets" ? "Secret" : plural === "configmaps" ? "ConfigMap" : kindOf(plural);
  return { kind, store: storeOf(caches, kind), namespace, name, isStatus: status !== undefined };
}

const kindOf = (plural: string): string => KINDS.find((definition) => definition.plural === plural)?.kind ?? plural;

function storeOf(caches: Caches, kind: string): Store<KubeObject> {
  const stores: Readonly<Record<string, unknown>> = {
    ClusterIdentityProvider: caches.clusterIdentityProviders,
    IdentityProvider: caches.identityProviders,
    OAuthApi: caches.oAuthApis,
    M2MClient: caches.m2mClients,
    ScopeGrant: caches.scopeGrants,
    Secret: caches.secrets,
    ConfigMap: caches.configMaps,
  };
  const store = stores[kind];
  if (store === undefined) throw new KubeError(404, "NotFound", `a preview has no ${kind}`);
  return store as Store<KubeObject>;
}

/** RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const merged: Record<string, unknown> =
    typeof target === "object" && target !== null && !Array.isArray(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch))
    if (value === null) Reflect.deleteProperty(merged, name);
    else merged[name] = merge(merged[name], value);
  return merged;
}

function latestVersion(caches: Caches): bigint {
  let latest = 0n;
  for (const store of Object.values(caches) as readonly Store<KubeObject>[])
    for (const { metadata } of store.list())
      if (/^\d+$/.test(metadata.resourceVersion) && BigInt(metadata.resourceVersion) > latest)
        latest = BigInt(metadata.resourceVersion);
  return latest;
}
