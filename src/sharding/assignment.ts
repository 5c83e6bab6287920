import { score } from "./rendezvous.ts";

/** The replica that ought to hold each shard. Empty without replicas. */
export type Assignment = ReadonlyMap<number, string>;

/**
 * Deals `shards` shards to these replicas, by rendezvous hash: the pair that wants each other most comes first. Numbers of
 * shards differ by one at most. It depends on the set of names alone, so that replicas that see the same others agree.
 */
export function assignShards(shards: number, replicas: readonly string[]): Assignment {
  const names = [...new Set(replicas)];
  if (names.length === 0) return new Map();
  const atLeast = Math.floor(shards / names.length);
  let extra = shards % names.length;
  const assignment = new Map<number, string>();
  const held = new Map<string, number>();
  for (const { shard, replica } of pairsOf(shards, names)) {
    const count = held.get(replica) ?? 0;
    if (assignment.has(shard) || count > atLeast || (count === atLeast && extra === 0)) continue;
    if (count === atLeast) extra -= 1;
    held.set(replica, count + 1);
    assignment.set(shard, replica);
  }
  return assignment;
}

/** All of them, the highest score first. */
function pairsOf(shards: number, replicas: readonly string[]): readonly { shard: number; replica: string }[] {
  const pairs = replicas.flatMap((replica) =>
    Array.from({ length: shards }, (_, shard) => ({ shard, replica, wish: score(`shard ${String(shard)}`, replica) })),
  );
  return pairs.sort((a, b) => b.wish - a.wish || a.shard - b.shard);
}
