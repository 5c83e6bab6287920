import { createHash } from "node:crypto";
import type { Lease } from "./lease-client.ts";
import { type Observation, observe } from "./lease-timing.ts";

/** The Leases of one installation: one for each shard, and where there are several, one for each replica. */
export interface FamilyName {
  /** Name of the Lease of shard 0, with which all other names begin. */
  readonly leaseName: string;
  /** Number of shards, the same for every replica that works at a time. */
  readonly shards: number;
}

/** All Leases of a family carry this label, so that one listing finds them. */
export const FAMILY_LABEL = "m2m-operator.io/lease-family";
const MAX_LABEL_LENGTH = 63;

export function familyLabels(leaseName: string): Readonly<Record<string, string>> {
  const isShort = leaseName.length <= MAX_LABEL_LENGTH;
  return { [FAMILY_LABEL]: isShort ? leaseName : createHash("sha256").update(leaseName).digest("hex").slice(0, 40) };
}

export const shardLeaseName = (leaseName: string, shard: number): string =>
  shard === 0 ? leaseName : `${leaseName}-shard-${String(shard)}`;

/** `unique`: characters that no other process has. */
export const replicaLeaseName = (leaseName: string, unique: string): string => `${leaseName}-replica-${unique}`;

/**
 * What a process calls itself in the Leases that it holds. It ends with the number of shards, since that is written
 * together with it: a Lease cannot be held by one process and tell the number of another.
 */
export function identityOf(host: string, unique: string, shards: number): string {
  return shards === 1 ? `${host}_${unique}` : `${host}_${unique}_of-${String(shards)}`;
}

export function shardsOf(identity: string): number {
  const [, count = "1"] = /_of-(\d+)$/.exec(identity) ?? [];
  return Number(count);
}

/** What one process saw of the Leases of its family, by its own clock. */
export interface FamilyView {
  /** Takes in a listing that was answered at `now`, in milliseconds of a monotonic clock. */
  note(leases: readonly Lease[], now: number): void;
  /** As it was listed last. */
  leaseOf(name: string): Lease | undefined;
  /** Who may still work with another number of shards: their time is not over. */
  rivals(now: number): readonly string[];
  /** Other replicas with this number of shards that are alive, and have been seen alive for `forMs` at least. */
  replicas(now: number, forMs: number): readonly string[];
  /** Leases of replicas that have stood still for so long. */
  stale(now: number, forMs: number): readonly Lease[];
}

interface Seen {
  readonly lease: Lease;
  readonly observation: Observation;
  /** When the present holder was first seen. */
  readonly since: number;
}

/** Of a Lease that does not say how long it lasts. */
const USUAL_DURATION_MS = 15_000;

export function createFamilyView({ leaseName, shards }: FamilyName, identity: string): FamilyView {
  const seen = new Map<string, Seen>();
  const replicaPrefix = replicaLeaseName(leaseName, "");
  const isReplica = (name: string): boolean => name.startsWith(replicaPrefix);
  const isLive = ({ observation: { holder, at, durationMs } }: Seen, now: number): boolean =>
    holder !== "" && now - at <= durationMs;
  const others = (now: number): readonly Seen[] =>
    [...seen.values()].filter((one) => one.observation.holder !== identity && isLive(one, now));
  return {
    note: (leases, now) => {
      const names = new Set(leases.map(({ metadata }) => metadata.name));
      // Anyone who deletes the Lease of a shard does not end its holder's time.
      for (const [name, one] of [...seen])
        if (!names.has(name) && (isReplica(name) || !isLive(one, now))) seen.delete(name);
      for (const lease of leases) {
        const before = seen.get(lease.metadata.name);
        const observation = observe(before?.observation, lease.spec ?? {}, now, USUAL_DURATION_MS);
        if (observation === undefined) continue;
        const isSameHolder = before?.observation.holder === observation.holder && isLive(before, now);
        seen.set(lease.metadata.name, { lease, observation, since: isSameHolder ? before.since : now });
      }
    },
    leaseOf: (name) => seen.get(name)?.lease,
    rivals: (now) =>
      others(now)
        .filter(({ lease, observation }) => !isReplica(lease.metadata.name) && shardsOf(observation.holder) !== shards)
        .map(({ observation }) => observation.holder),
    replicas: (now, forMs) =>
      others(now)
        .filter(({ lease, observation }) => isReplica(lease.metadata.name) && shardsOf(observation.holder) === shards)
        .filter(({ since }) => now - since >= forMs)
        .map(({ observation }) => observation.holder),
    stale: (now, forMs) =>
      [...seen.values()]
        .filter(({ lease, observation }) => isReplica(lease.metadata.name) && now - observation.at > forMs)
        .map(({ lease }) => lease),
  };
}
