import type { Resource } from "../../ports/resource.ts";
import type { ClusterIdentityProvider, IdentityProvider } from "../identity-provider/schema.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import type { OAuthApi } from "../oauth-api/schema.ts";
import type { ScopeGrant } from "../scope-grant/schema.ts";

/** Reads one kind from the watch cache. */
export interface Lookup<R extends Resource> {
  get(namespace: string, name: string): R | undefined;
  list(): readonly R[];
  /** By an index of `indexes.ts`; an unknown one throws. */
  byIndex(index: string, value: string): readonly R[];
}

/** All kinds. What is observed and what wakes whom are both asked of these, through the functions of this folder. */
export interface Lookups {
  readonly clusterIdentityProviders: Lookup<ClusterIdentityProvider>;
  readonly identityProviders: Lookup<IdentityProvider>;
  readonly oAuthApis: Lookup<OAuthApi>;
  readonly m2mClients: Lookup<M2MClient>;
  readonly scopeGrants: Lookup<ScopeGrant>;
}
