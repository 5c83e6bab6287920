import type { KindName } from "../kinds/registry.ts";
import { KINDS, GROUP, VERSION } from "../kinds/registry.ts";
import { FINALIZER } from "../kinds/schema/annotations.ts";
import type { ClusterIdentityProvider, IdentityProvider } from "../kinds/identity-provider/schema.ts";
import type { M2MClient } from "../kinds/m2m-client/schema.ts";
import type { OAuthApi } from "../kinds/oauth-api/schema.ts";
import { API_INDEXES, CLIENT_INDEXES, GRANT_INDEXES, providerIndexes } from "../kinds/relations/indexes.ts";
import type { ScopeGrant } from "../kinds/scope-grant/schema.ts";
import type { Connection } from "../kube/connection.ts";
import { OBJECT_INDEXES } from "../kube/objects.ts";
import { createResourceClient, type ResourcePath } from "../kube/resources.ts";
import { createStore, type KubeObject, type Store } from "../kube/store.ts";
import type { Indexes } from "../ports/indexed-keys.ts";
import type { ResourceClient } from "../ports/cluster.ts";
import type { Resource } from "../ports/resource.ts";

type Log = { error(fields: object, message: string): void };

/** Everything that is watched. */
export interface Caches {
  readonly clusterIdentityProviders: Store<ClusterIdentityProvider & KubeObject>;
  readonly identityProviders: Store<IdentityProvider & KubeObject>;
  readonly oAuthApis: Store<OAuthApi & KubeObject>;
  readonly m2mClients: Store<M2MClient & KubeObject>;
  readonly scopeGrants: Store<ScopeGrant & KubeObject>;
  readonly secrets: Store<KubeObject>;
  readonly configMaps: Store<KubeObject>;
  readonly namespaces: Store<KubeObject>;
}

export function createCaches(operatorNamespace: string, log: Log): Caches {
  const store = <T extends KubeObject>(indexes: Indexes<T>): Store<T> =>
    createStore<T>(indexes, (error) => {
      log.error({ error }, "could not pass on a change from the API server");
    });
  return {
    clusterIdentityProviders: store(providerIndexes(() => operatorNamespace)),
    identityProviders: store(providerIndexes((provider) => provider.metadata.namespace ?? "")),
    oAuthApis: store(API_INDEXES),
    m2mClients: store(CLIENT_INDEXES),
    scopeGrants: store(GRANT_INDEXES),
    secrets: store(OBJECT_INDEXES),
    configMaps: store(OBJECT_INDEXES),
    namespaces: store({}),
  };
}

export const pathOfKind = (kind: KindName): ResourcePath => {
  const plural = KINDS.find((definition) => definition.kind === kind)?.plural ?? "";
  return { group: GROUP, version: VERSION, plural };
};

export function haveSynced(caches: Caches): boolean {
  return Object.values(caches).every((store: { hasSynced(): boolean }) => store.hasSynced());
}

/** The writers beside the caches. */
export function createResourceClients(connection: Connection, caches: Caches) {
  const client = <R extends Resource & KubeObject>(kind: KindName, store: Store<R>): ResourceClient<R> =>
    createResourceClient(connection, store, pathOfKind(kind), FINALIZER);
  return {
    clusterIdentityProviders: client("ClusterIdentityProvider", caches.clusterIdentityProviders),
    identityProviders: client("IdentityProvider", caches.identityProviders),
    oAuthApis: client("OAuthApi", caches.oAuthApis),
    m2mClients: client("M2MClient", caches.m2mClients),
    scopeGrants: client("ScopeGrant", caches.scopeGrants),
  };
}
