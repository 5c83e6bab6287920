import type { Connection } from "../kube/connection.ts";
import { runReflector } from "../kube/reflector.ts";
import { collectionPath, type ResourcePath } from "../kube/resources.ts";
import type { KubeObject, Store } from "../kube/store.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { type Caches, pathOfKind } from "./caches.ts";
import { watchState } from "./instruments.ts";
import type { WatchScope } from "./watch-scope.ts";

export interface WatchOptions {
  readonly connection: Connection;
  readonly caches: Caches;
  readonly scope: WatchScope;
  readonly random: () => number;
  readonly log: { warn(fields: object, message: string): void; debug(fields: object, message: string): void };
  readonly metrics: Pick<Metrics, "watches">;
}

/** One list and watch, and the whole store or the part of it that it keeps. */
type Watch = (options: WatchOptions, signal: AbortSignal) => Promise<void>;

/** Keeps every cache in sync with the API server, as far as the scope goes, until aborted. */
export function runWatches(options: WatchOptions, signal: AbortSignal): Promise<unknown> {
  const { caches, scope } = options;
  const watches = [
    ...clusterWide(pathOfKind("ClusterIdentityProvider"), caches.clusterIdentityProviders, scope.clusterProviders),
    ...namespaced(scope.namespaces, pathOfKind("IdentityProvider"), caches.identityProviders),
    ...namespaced(scope.namespaces, pathOfKind("OAuthApi"), caches.oAuthApis),
    ...namespaced(scope.namespaces, pathOfKind("M2MClient"), caches.m2mClients),
    ...namespaced(scope.namespaces, pathOfKind("ScopeGrant"), caches.scopeGrants),
    ...namespaced(secretNamespaces(scope), core("secrets"), caches.secrets, METADATA),
    ...namespaced(scope.namespaces, core("configmaps"), caches.configMaps, METADATA),
    ...namespaceObjects(scope, caches.namespaces),
  ];
  return Promise.all(watches.map((watch) => watch(options, signal)));
}

export const METADATA = { isMetadataOnly: true };

const core = (plural: string): ResourcePath => ({ group: "", version: "v1", plural });

function clusterWide<T extends KubeObject>(path: ResourcePath, store: Store<T>, isWatched: boolean): Watch[] {
  if (isWatched) return [watchOf(path.plural, collectionPath(path), store)];
  store.replaceAll([]);
  return [];
}

/** One watch of the whole cluster, or one for each namespace. */
export function namespaced<T extends KubeObject>(
  namespaces: readonly string[] | undefined,
  path: ResourcePath,
  store: Store<T>,
  how: Parameters<typeof watchOf<T>>[3] = {},
): Watch[] {
  if (namespaces === undefined) return [watchOf(path.plural, collectionPath(path), store, how)];
  return namespaces.map((namespace) =>
    watchOf(
      path.plural,
      collectionPath(path, namespace),
      store.part(({ metadata }) => metadata.namespace === namespace),
      how,
    ),
  );
}

/** Credentials of cluster-scoped providers are in the operator's own namespace, whether that is watched or not. */
function secretNamespaces({ namespaces, clusterProviders, operatorNamespace }: WatchScope): WatchScope["namespaces"] {
  return clusterProviders && namespaces !== undefined ? [...new Set([...namespaces, operatorNamespace])] : namespaces;
}

/**
 * A Role may allow to read its own Namespace object and to watch it by its own path, but never the collection: so an
 * operator without any ClusterRole knows the labels of the namespaces it watches.
 */
function namespaceObjects({ namespaces, clusterProviders }: WatchScope, store: Store<KubeObject>): Watch[] {
  const collection = collectionPath(core("namespaces"));
  if (namespaces === undefined || clusterProviders) return [watchOf("namespaces", collection, store, METADATA)];
  return namespaces.map((name) =>
    watchOf(
      "namespaces",
      `${collection}/${name}`,
      store.part(({ metadata }) => metadata.name === name),
      { ...METADATA, watchPath: `/api/v1/watch/namespaces/${name}` },
    ),
  );
}

function watchOf<T extends KubeObject>(
  resource: string,
  path: string,
  store: Parameters<typeof runReflector<T>>[0]["store"],
  how: { readonly isMetadataOnly?: boolean; readonly watchPath?: string } = {},
): Watch {
  return ({ connection, random, log, metrics }, signal) =>
    runReflector<T>({ connection, path, store, random, log, onState: watchState(metrics, resource), ...how }, signal);
}
