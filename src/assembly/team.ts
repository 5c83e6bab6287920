import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { Connection } from "../kube/connection.ts";
import { familyLabels, identityOf, replicaLeaseName } from "../kube/family-view.ts";
import type { HeldLease } from "../kube/held-lease.ts";
import { createLeaseFamily, type LeaseFamily } from "../kube/lease-family.ts";
import { LEASE_TIMING, SHARD_LEASE_TIMING } from "../kube/lease-timing.ts";
import { createReplicaLease, type ReplicaLease } from "../kube/replica-lease.ts";
import { createShardClaims, type ShardClaims } from "./shard-claims.ts";

interface TeamParts {
  readonly config: Pick<Config, "leaseName" | "namespace" | "settleMs" | "shards">;
  readonly connection: Connection;
  readonly log: Logger;
  readonly random: () => number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Whether this process works on the first shard. */
  readonly isFirst: () => boolean;
}

/** This process among the replicas that share the shards. */
export interface Team {
  /** How long to wait before working on a shard whose holder before did not release it, in milliseconds. */
  readonly settleMs: number;
  /** Resolves when the other replicas are known. From then on this one counts as alive, until `signal` is aborted. */
  ready(signal: AbortSignal): Promise<void>;
  /** Waits until this process holds the shard's Lease; `undefined` when aborted first. */
  acquire(shard: number, signal: AbortSignal): Promise<HeldLease | undefined>;
  /** Resolves when the shard, which this process holds, ought to be another's, or when aborted. */
  isForOther(shard: number, signal: AbortSignal): Promise<void>;
  /** Counts as alive no more. Never rejects. */
  end(): Promise<void>;
}

/** A replica renews its own Lease with every second read of the Leases. */
const BEAT_EVERY = 2;
const STALE_EVERY = 60;
/** How long the Lease of a replica that ended without deleting it is kept, in milliseconds. */
const STALE_MS = 10 * 60_000;

export function joinTeam(parts: TeamParts): Team {
  const { config, connection, log, random, now } = parts;
  const { leaseName, namespace, shards } = config;
  const unique = randomBytes(8).toString("hex");
  const identity = identityOf(hostname(), unique, shards);
  const timing = shards === 1 ? LEASE_TIMING : SHARD_LEASE_TIMING;
  const family = createLeaseFamily({ connection, namespace, leaseName, shards, identity, timing, random, log });
  const settleMs = Math.max(0, config.settleMs - (timing.durationMs - timing.renewDeadlineMs));
  if (shards === 1) return standbyTeam(family, settleMs);
  const replica = createReplicaLease({
    ...{ connection, namespace, identity, log, durationMs: timing.durationMs, timeoutMs: timing.renewDeadlineMs / 2 },
    name: replicaLeaseName(leaseName, unique),
    labels: familyLabels(leaseName),
  });
  const replicas = (forMs: number): readonly string[] => family.view.replicas(now(), forMs);
  const claims = createShardClaims({ shards, identity, replicas, now });
  return sharingTeam(parts, { family, replica, claims, settleMs });
}

/** One works, the others stand by. */
function standbyTeam(family: LeaseFamily, settleMs: number): Team {
  return {
    settleMs,
    ready: () => Promise.resolve(),
    acquire: (shard, signal) => family.acquire(shard, () => true, signal),
    isForOther: () => new Promise(() => undefined),
    end: () => Promise.resolve(),
  };
}

interface SharingParts {
  readonly family: LeaseFamily;
  readonly replica: ReplicaLease;
  readonly claims: ShardClaims;
  readonly settleMs: number;
}

function sharingTeam({ isFirst }: TeamParts, { family, replica, claims, settleMs }: SharingParts): Team {
  let reads = 0;
  const onRead = async (signal: AbortSignal): Promise<void> => {
    if (reads % BEAT_EVERY === 0) await replica.beat(signal);
    if (reads % STALE_EVERY === 0 && isFirst()) await family.removeStale(STALE_MS, signal);
    reads += 1;
  };
  return {
    settleMs,
    ready: async (signal) => {
      void family.run(() => onRead(signal), signal);
      // The second read sees replicas that started at the same time.
      await family.nextRead();
      await family.nextRead();
    },
    acquire: (shard, signal) => family.acquire(shard, () => claims.mayTake(shard), signal),
    isForOther: async (shard, signal) => {
      while (!signal.aborted) {
        await family.nextRead();
        if (claims.isForOther(shard)) return;
      }
    },
    end: () => replica.end(),
  };
}
