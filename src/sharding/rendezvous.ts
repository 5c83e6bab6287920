import { createHash } from "node:crypto";

/** How much `candidate` wants `item`, from 0 inclusive to 1 exclusive. Every process computes the same. */
export function score(item: string, candidate: string): number {
  const digest = createHash("sha256")
    .update(JSON.stringify([item, candidate]))
    .digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/**
 * The shard of a tenant, from 0 to `shards` - 1. `tenant` is its host as the provider's folder names it. When the number
 * of shards grows by one, one tenant in `shards` moves, and it moves to the new shard.
 */
export function shardOfTenant(tenant: string, shards: number): number {
  const host = tenant.toLowerCase().replace(/:443$/, "");
  let [best, highest] = [0, -1];
  for (let shard = 0; shard < shards; shard++) {
    const own = score(host, `shard ${String(shard)}`);
    if (own > highest) [best, highest] = [shard, own];
  }
  return best;
}
