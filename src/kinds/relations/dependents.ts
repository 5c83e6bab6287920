import type { ProviderResource } from "../identity-provider/schema.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import type { OAuthApi } from "../oauth-api/schema.ts";
import type { ScopeGrant } from "../scope-grant/schema.ts";
import { nameOf } from "./indexes.ts";
import type { Lookups } from "./lookup.ts";
import { CLUSTER_KIND, namedProvider, type ProviderRef, providerKeyOf } from "./provider-ref.ts";

type Dependent = OAuthApi | M2MClient | ScopeGrant;

/** The provider object that a resource of this namespace refers to. */
export function providerObjectOf(
  lookups: Pick<Lookups, "clusterIdentityProviders" | "identityProviders">,
  namespace: string,
  ref: ProviderRef | undefined,
): ProviderResource | undefined {
  const { kind, name } = namedProvider(ref);
  return kind === CLUSTER_KIND
    ? lookups.clusterIdentityProviders.get("", name)
    : lookups.identityProviders.get(namespace, name);
}

/** Everything that uses a provider: directly, through a client or an API, or by what status recorded of one that is gone. */
export function dependentsOf(
  lookups: Pick<Lookups, "oAuthApis" | "m2mClients" | "scopeGrants">,
  { kind, metadata }: Pick<ProviderResource, "kind" | "metadata">,
): readonly Dependent[] {
  const key = providerKeyOf(metadata.namespace ?? "", { kind, name: metadata.name });
  const apis = lookups.oAuthApis.byIndex("provider", key);
  const clients = lookups.m2mClients.byIndex("provider", key);
  return [
    ...new Set<Dependent>([
      ...apis,
      ...clients,
      ...clients.flatMap((client) => grantsOfClient(lookups, client)),
      ...apis.flatMap((api) => everybodysGrants(lookups, api.metadata.namespace, api.metadata.name)),
      ...lookups.scopeGrants.byIndex("provider", key),
    ]),
  ];
}

/** ScopeGrants that name this client. */
export function grantsOfClient(
  { scopeGrants }: Pick<Lookups, "scopeGrants">,
  { metadata }: Pick<M2MClient, "metadata">,
): readonly ScopeGrant[] {
  return scopeGrants.byIndex("client", nameOf(metadata.namespace, metadata.name));
}

/** ScopeGrants that name this API, of every namespace. */
export function grantsOfApi(
  { scopeGrants }: Pick<Lookups, "scopeGrants">,
  { metadata }: Pick<OAuthApi, "metadata">,
): readonly ScopeGrant[] {
  return scopeGrants.byIndex("api", nameOf(metadata.namespace, metadata.name));
}

/** ScopeGrants for all clients of an API, which only its own namespace can make. */
export function everybodysGrants(
  { scopeGrants }: Pick<Lookups, "scopeGrants">,
  namespace: string | undefined,
  api: string,
): readonly ScopeGrant[] {
  return scopeGrants
    .byIndex("api", nameOf(namespace, api))
    .filter(({ metadata, spec }) => spec.allClients === true && metadata.namespace === namespace);
}

/** ScopeGrants that may share one grant at the provider with this one: all of its client, or all for all clients. */
export function siblingsOf(
  lookups: Pick<Lookups, "scopeGrants">,
  { metadata, spec }: ScopeGrant,
): readonly ScopeGrant[] {
  const { clientRef, apiRef } = spec;
  if (clientRef !== undefined) return lookups.scopeGrants.byIndex("client", nameOf(metadata.namespace, clientRef.name));
  return everybodysGrants(lookups, metadata.namespace, apiRef?.name ?? "");
}

/**
 * ScopeGrants whose grant at the provider may change with this one: its siblings. Of one for all clients, every grant of
 * the API, since a client's own grant includes what all clients have.
 */
export function affectedBy(lookups: Pick<Lookups, "scopeGrants">, grant: ScopeGrant): readonly ScopeGrant[] {
  const { metadata, spec } = grant;
  return spec.allClients === true
    ? lookups.scopeGrants.byIndex("api", nameOf(metadata.namespace, spec.apiRef?.name ?? ""))
    : siblingsOf(lookups, grant);
}
