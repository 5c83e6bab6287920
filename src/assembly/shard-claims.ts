import { type Assignment, assignShards } from "../sharding/assignment.ts";

/** Which shards one replica wants, by the replicas that it sees. */
export interface ShardClaims {
  /** Whether to take the shard, whose Lease is free. Ask while it is free. */
  mayTake(shard: number): boolean;
  /** Whether the shard, which this replica holds, is another's that has been alive for a while. */
  isForOther(shard: number): boolean;
}

export interface ShardClaimsOptions {
  readonly shards: number;
  readonly identity: string;
  /** Other replicas that have been alive for so many milliseconds at least. */
  readonly replicas: (forMs: number) => readonly string[];
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** How long a replica is seen alive before a shard is released to it, in milliseconds: one that keeps failing gets none. */
const STEADY_MS = 10_000;
/** How long a free shard is left to the replica that ought to take it, in milliseconds. */
const LEFT_TO_OTHER_MS = 5000;
/** A shard that nobody asked about for so long was not free meanwhile, in milliseconds. */
const ASKED_AGAIN_MS = 3000;

/** `mayTake` remembers since when a shard is free, and to which replica it was released without success: that replica is not offered a shard again. */
export function createShardClaims({ shards, identity, replicas, now }: ShardClaimsOptions): ShardClaims {
  const free = new Map<number, { readonly since: number; readonly lastAsked: number }>();
  const failedHandovers = new Map<number, string>();
  const assign = remembering((names) => assignShards(shards, names));
  const ownerBy = (forMs: number, shard: number): string | undefined =>
    assign([identity, ...replicas(forMs)].sort()).get(shard);
  const freeForMs = (shard: number): number => {
    const known = free.get(shard);
    const at = now();
    const since = known !== undefined && at - known.lastAsked < ASKED_AGAIN_MS ? known.since : at;
    free.set(shard, { since, lastAsked: at });
    return at - since;
  };
  return {
    mayTake: (shard) => {
      const owner = ownerBy(0, shard);
      const waitedMs = freeForMs(shard);
      if (owner === identity || owner === undefined) return true;
      if (waitedMs < LEFT_TO_OTHER_MS) return false;
      failedHandovers.set(shard, owner);
      return true;
    },
    isForOther: (shard) => {
      const owner = ownerBy(STEADY_MS, shard);
      // One that has just come may change who ought to have it, and it would come back at once.
      return owner !== identity && owner !== failedHandovers.get(shard) && ownerBy(0, shard) !== identity;
    },
  };
}

/** Every shard needs it at every read of the Leases, and the replicas seldom change. */
function remembering(assign: (names: readonly string[]) => Assignment): (names: readonly string[]) => Assignment {
  const known = new Map<string, Assignment>();
  return (names) => {
    const key = JSON.stringify(names);
    const assignment = known.get(key) ?? assign(names);
    if (known.size > 8) known.clear();
    known.set(key, assignment);
    return assignment;
  };
}
