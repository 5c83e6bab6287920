import type { ObjectKey } from "../controller/object-key.ts";
import { settingsOf } from "../kinds/identity-provider/desire.ts";
import { providerObjectOf } from "../kinds/relations/dependents.ts";
import type { TenantSettings } from "../ports/provider-factory.ts";
import { PROVIDERS } from "../providers/by-name.ts";
import { shardOfTenant } from "../sharding/rendezvous.ts";
import type { Caches } from "./caches.ts";
import { laneOf } from "./lanes.ts";

/** Works on what belongs to no tenant, and on what is done once for the whole installation. */
export const FIRST_SHARD = 0;

/** The tenant's name for people, by its provider's folder; `undefined` for a provider that does not exist. */
export function tenantOf({ vendor, variant }: TenantSettings): string | undefined {
  return PROVIDERS[vendor]?.tenantOf(variant);
}

/** Which shard works on a tenant, and on an object. */
export interface ShardOf {
  tenant(name: string): number;
  /**
   * That of the tenant of the object's provider; what has no provider object belongs to the first shard. The answer may
   * change with every change of the caches: an object that is without provider, a grant whose client comes.
   */
  object(key: ObjectKey): number;
}

export function createShardOf(caches: Caches, shards: number): ShardOf {
  if (shards === 1) return { tenant: () => FIRST_SHARD, object: () => FIRST_SHARD };
  // Tenants are few, and each is looked up with every change of every object.
  const known = new Map<string, number>();
  const shardOf = (tenant: string): number => {
    const shard = known.get(tenant) ?? shardOfTenant(tenant, shards);
    known.set(tenant, shard);
    return shard;
  };
  return {
    tenant: shardOf,
    object: (key) => {
      const [kind = "", namespace = "", name = ""] = laneOf(caches, key).split("/");
      const provider = name === "" ? undefined : providerObjectOf(caches, namespace, { kind, name });
      const tenant = provider === undefined ? undefined : tenantOf(settingsOf(provider));
      return tenant === undefined ? FIRST_SHARD : shardOf(tenant);
    },
  };
}
