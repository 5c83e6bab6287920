import type { KindName } from "../kinds/registry.ts";
import { KINDS, GROUP, VERSION } from "../kinds/registry.ts";
import { FINALIZER } from "../kinds/schema/annotations.ts";
import type { ClusterIdentityProvider, IdentityProvider } from "../kinds/identity-provider/schema.ts";
import { claimsOf } from "../kinds/m2m-client/claim.ts";
import type { M2MClient } from "../kinds/m2m-client/schema.ts";
import type { OAuthApi } from "../kinds/oauth-api/schema.ts";
import { providerKeyOf } from "../kinds/access/provider-observe.ts";
import type { ScopeGrant } from "../kinds/scope-grant/schema.ts";
import { stateSecretNameOf } from "../kinds/state-secret/read.ts";
import type { Connection } from "../kube/connection.ts";
import { createResourceClient, type ResourcePath } from "../kube/resources.ts";
import { createStore, type Indexes, type KubeObject, type Store } from "../kube/store.ts";
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

const ns = (resource: Resource): string => resource.metadata.namespace ?? "";

const remoteKey = (
  resource: Resource<unknown, { tenant?: string | undefined; externalId?: string | undefined }>,
): readonly string[] => (resource.status?.externalId === undefined ? [] : [resource.status.externalId]);

const API_INDEXES: Indexes<OAuthApi> = {
  provider: (api) => [providerKeyOf(ns(api), api.spec.providerRef)],
  claim: (api) => [`${providerKeyOf(ns(api), api.spec.providerRef)} ${api.spec.audience}`],
  remote: remoteKey,
  output: (api) => (api.spec.configMap === undefined ? [] : [`${ns(api)}/${api.spec.configMap.name}`]),
  secret: (api) => (api.spec.signingSecret === undefined ? [] : [`${ns(api)}/${api.spec.signingSecret.name}`]),
};

const CLIENT_INDEXES: Indexes<M2MClient> = {
  provider: (client) => [providerKeyOf(ns(client), client.spec.providerRef)],
  claim: claimsOf,
  remote: remoteKey,
  output: (client) => [
    `${ns(client)}/${client.spec.secret?.name ?? client.metadata.name}`,
    `${ns(client)}/${stateSecretNameOf(client.metadata.name)}`,
  ],
  templateApi: (client) =>
    (client.spec.secret?.template?.apiRefs ?? []).map((ref) => `${ref.namespace ?? ns(client)}/${ref.name}`),
};

const GRANT_INDEXES: Indexes<ScopeGrant> = {
  client: (grant) => (grant.spec.clientRef === undefined ? [] : [`${ns(grant)}/${grant.spec.clientRef.name}`]),
  api: ({ spec: { apiRef }, ...grant }) =>
    apiRef === undefined ? [] : [`${apiRef.namespace ?? grant.metadata.namespace ?? ""}/${apiRef.name}`],
  provider: (grant) =>
    grant.status?.providerRef === undefined ? [] : [providerKeyOf(ns(grant), grant.status.providerRef)],
  remote: (grant) =>
    grant.status?.clientExternalId === undefined
      ? []
      : [`${grant.status.clientExternalId} ${grant.status.audience ?? ""}`],
  remoteApi: ({ status }) => (status?.apiExternalId === undefined ? [] : [status.apiExternalId]),
  output: (grant) => (grant.spec.secret === undefined ? [] : [`${ns(grant)}/${grant.spec.secret.name}`]),
};

export function createCaches(operatorNamespace: string, log: Log): Caches {
  const store = <T extends KubeObject>(indexes: Indexes<T>): Store<T> =>
    createStore<T>(indexes, (error) => {
      log.error({ error }, "a change could not be handed on");
    });
  const credentials = (namespace: (resource: Resource) => string) => ({
    credentials: (provider: ClusterIdentityProvider | IdentityProvider) => [
      `${namespace(provider)}/${provider.spec.credentialsSecretRef.name}`,
    ],
  });
  return {
    clusterIdentityProviders: store(credentials(() => operatorNamespace)),
    identityProviders: store(credentials(ns)),
    oAuthApis: store(API_INDEXES),
    m2mClients: store(CLIENT_INDEXES),
    scopeGrants: store(GRANT_INDEXES),
    secrets: store({}),
    configMaps: store({}),
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
