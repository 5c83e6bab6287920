import type { Resource } from "../../ports/resource.ts";
import type { ClusterIdentityProvider, IdentityProvider } from "../identity-provider/schema.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import { adoptedApiIdOf, type OAuthApi } from "../oauth-api/schema.ts";
import type { ScopeGrant } from "../scope-grant/schema.ts";
import { stateSecretNameOf } from "../state-secret/name.ts";
import { providerKeyOf } from "./provider-ref.ts";

/** Values under which an object is found, by index. */
type Indexes<R> = Readonly<Record<string, (resource: R) => readonly string[]>>;

/** `namespace/name`, the form of every index value that names an object. */
export const nameOf = (namespace: string | undefined, name: string): string => `${namespace ?? ""}/${name}`;

const ns = (resource: Resource): string => resource.metadata.namespace ?? "";

const remoteKey = (resource: Resource<unknown, { readonly externalId?: string | undefined }>): readonly string[] =>
  resource.status?.externalId === undefined ? [] : [resource.status.externalId];

/** Index value under which the OAuthApis of one provider meet that want one audience, or one API by its id. */
export function audienceClaimOf(api: OAuthApi): string {
  const id = adoptedApiIdOf(api);
  const wanted = id === "" ? api.spec.audience : `id ${id}`;
  return `${providerKeyOf(ns(api), api.spec.providerRef)} ${wanted}`;
}

/** Index values under which resources meet that want to adopt one client. */
export function adoptionClaimsOf({ metadata, spec }: M2MClient): readonly string[] {
  if (spec.adopt !== true || spec.clientId === undefined) return [];
  return [`${providerKeyOf(metadata.namespace ?? "", spec.providerRef)} ${spec.clientId}`];
}

export const API_INDEXES: Indexes<OAuthApi> = {
  provider: (api) => [providerKeyOf(ns(api), api.spec.providerRef)],
  claim: (api) => [audienceClaimOf(api)],
  audience: (api) => [api.spec.audience],
  remote: remoteKey,
  output: ({ metadata, spec }) =>
    spec.configMap === undefined ? [] : [nameOf(metadata.namespace, spec.configMap.name)],
  secret: ({ metadata, spec }) =>
    spec.signingSecret === undefined ? [] : [nameOf(metadata.namespace, spec.signingSecret.name)],
};

export const CLIENT_INDEXES: Indexes<M2MClient> = {
  provider: (client) => [providerKeyOf(ns(client), client.spec.providerRef)],
  claim: adoptionClaimsOf,
  remote: remoteKey,
  output: ({ metadata, spec }) => [
    nameOf(metadata.namespace, spec.secret?.name ?? metadata.name),
    nameOf(metadata.namespace, stateSecretNameOf(metadata.name)),
  ],
  templateApi: ({ metadata, spec }) =>
    (spec.secret?.template?.apiRefs ?? []).map((ref) => nameOf(ref.namespace ?? metadata.namespace, ref.name)),
};

export const GRANT_INDEXES: Indexes<ScopeGrant> = {
  client: ({ metadata, spec }) =>
    spec.clientRef === undefined ? [] : [nameOf(metadata.namespace, spec.clientRef.name)],
  api: ({ metadata, spec: { apiRef } }) =>
    apiRef === undefined ? [] : [nameOf(apiRef.namespace ?? metadata.namespace, apiRef.name)],
  provider: (grant) =>
    grant.status?.providerRef === undefined ? [] : [providerKeyOf(ns(grant), grant.status.providerRef)],
  remote: ({ status }) =>
    status?.clientExternalId === undefined ? [] : [`${status.clientExternalId} ${status.audience ?? ""}`],
  remoteApi: ({ status }) => (status?.apiExternalId === undefined ? [] : [status.apiExternalId]),
  output: ({ metadata, spec }) => (spec.secret === undefined ? [] : [nameOf(metadata.namespace, spec.secret.name)]),
};

/** Provider objects by the Secret that holds the operator's credential. */
export function providerIndexes<R extends ClusterIdentityProvider | IdentityProvider>(
  credentialsNamespaceOf: (provider: R) => string,
): Indexes<R> {
  return {
    credentials: (provider) => {
      const { credentialsSecretRef: ref } = provider.spec;
      return ref === undefined ? [] : [nameOf(credentialsNamespaceOf(provider), ref.name)];
    },
  };
}
