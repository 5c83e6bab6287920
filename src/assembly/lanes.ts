import { type ObjectKey, textOfKey } from "../controller/object-key.ts";
import { providerKeyOf } from "../kinds/relations/provider-ref.ts";
import { sidesOf } from "../kinds/relations/sides.ts";
import type { ScopeGrant } from "../kinds/scope-grant/schema.ts";
import type { Caches } from "./caches.ts";

/** The provider object whose tenant the work on this key may have to wait for; empty while none is known. */
export function laneOf(caches: Caches, { kind, namespace, name }: ObjectKey): string {
  switch (kind) {
    case "ClusterIdentityProvider":
    case "IdentityProvider":
      return providerKeyOf(namespace, { kind, name });
    case "OAuthApi":
      return laneOfUser(caches.oAuthApis.get(namespace, name));
    case "M2MClient":
      return laneOfUser(caches.m2mClients.get(namespace, name));
    default:
      return laneOfGrant(caches, caches.scopeGrants.get(namespace, name));
  }
}

/**
 * The lane of a key in the queue. A provider object has one of its own: it waits for nobody, and those that use it may
 * wait for it.
 */
export const queueLaneOf = (caches: Caches, key: ObjectKey): string =>
  key.kind.endsWith("IdentityProvider") ? `of ${textOfKey(key)}` : laneOf(caches, key);

type ProviderUser = {
  readonly metadata: { readonly namespace?: string };
  readonly spec: { readonly providerRef: Parameters<typeof providerKeyOf>[1] };
};

const laneOfUser = (user: ProviderUser | undefined): string =>
  user === undefined ? "" : providerKeyOf(user.metadata.namespace ?? "", user.spec.providerRef);

/** That of its client; while there is none the one that status recorded, or that of the API. */
function laneOfGrant(caches: Caches, grant: ScopeGrant | undefined): string {
  if (grant === undefined) return "";
  const { namespace = "" } = grant.metadata;
  const { client, api } = sidesOf(caches, grant);
  if (client !== undefined) return laneOfUser(client);
  if (grant.status?.providerRef !== undefined) return providerKeyOf(namespace, grant.status.providerRef);
  return laneOfUser(api);
}
