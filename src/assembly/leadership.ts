import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { Connection } from "../kube/connection.ts";
import { shardLeaseName } from "../kube/family-view.ts";
import type { HeldLease } from "../kube/held-lease.ts";
import { runShard } from "./shard-loop.ts";
import { FIRST_SHARD } from "./shard-of.ts";
import type { ShardWork } from "./shards.ts";
import { joinTeam } from "./team.ts";

export interface LeadershipParts {
  readonly config: Pick<Config, "leaderElection" | "leaseName" | "namespace" | "drainMs" | "settleMs" | "shards">;
  readonly connection: Connection;
  readonly log: Logger;
  readonly random: () => number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Fetches what the workers need; called before the first shard is worked on. `signal`: it is to end. */
  readonly prepare: (signal: AbortSignal) => Promise<void>;
  /** Called once this process holds the shard and is prepared. */
  readonly begin: (shard: number) => ShardWork;
  /** Tells by the name of its Lease whether this process works on a shard. */
  readonly onChange: (leaseName: string, isWorkedOn: boolean) => void;
  /** Called when a lease is lost, before anybody else can have it: ends every request at once. */
  readonly abortWork: () => void;
}

/** Which shards this process works on, and the end of its work. */
export interface Leadership {
  /** Resolves when a lease was lost. Rejects when the workers could not be started. */
  readonly lost: Promise<"leaseLost">;
  /** Why the process should be restarted; `undefined` when it is well. */
  unhealthy(): string | undefined;
  /**
   * Whether the shard's lease is held now, by the clock. A request to a tenant goes only while it is: a process that was
   * frozen learns here first that it lost its lease.
   */
  mayCall(shard: number): boolean;
  /** Whether this process may write to the API server: it has lost no Lease. */
  mayWrite(): boolean;
  /** Takes no more work, waits for what was begun, releases the leases. Never waits long for the API server. */
  end(): Promise<void>;
}

/** Waits for the leases, if there are any to wait for, and starts the workers. */
export function lead(parts: LeadershipParts): Leadership {
  return parts.config.leaderElection ? leadByLeases(parts) : leadAlone(parts);
}

function leadAlone({ config, prepare, begin, onChange }: LeadershipParts): Leadership {
  const ending = new AbortController();
  let work: ShardWork | undefined;
  const began = prepareUnlessEnding(prepare, ending.signal).then(() => {
    if (ending.signal.aborted) return;
    work = begin(FIRST_SHARD);
    onChange(config.leaseName, true);
  });
  return {
    lost: began.then(() => new Promise<never>(() => undefined)),
    unhealthy: () => undefined,
    mayCall: () => true,
    mayWrite: () => true,
    end: async () => {
      ending.abort();
      await began.catch(() => undefined);
      await work?.end(config.drainMs);
    },
  };
}

async function prepareUnlessEnding(prepare: LeadershipParts["prepare"], ending: AbortSignal): Promise<void> {
  try {
    await prepare(ending);
  } catch (error) {
    if (!ending.aborted) throw error;
  }
}

function leadByLeases(parts: LeadershipParts): Leadership {
  const { config, connection, log, random, now, abortWork } = parts;
  const ending = new AbortController();
  const held = createHeldShards(parts);
  const isFirst = (): boolean => held.lease(FIRST_SHARD) !== undefined;
  const team = joinTeam({ config, connection, log, random, now, isFirst });
  const lost = new AbortController();
  const isOver = AbortSignal.any([ending.signal, lost.signal]);
  const over = new Promise<void>((resolve) => {
    isOver.addEventListener("abort", () => {
      resolve();
    });
  });
  const lose = (): void => {
    if (lost.signal.aborted) return;
    lost.abort();
    held.abort();
    abortWork();
  };
  let prepared: Promise<void> | undefined;
  const loopOf = (shard: number): Promise<void> =>
    runShard({
      ...{ shard, log, drainMs: config.drainMs, settleMs: team.settleMs },
      acquire: () => team.acquire(shard, isOver),
      prepare: () => (prepared ??= prepareUnlessEnding(parts.prepare, isOver)),
      begin: (_shard, lease) => held.begin(shard, lease),
      onLeft: held.left,
      onLost: lose,
      toLeave: () => Promise.race([over, team.isForOther(shard, isOver)]),
      wait: (ms) => delay(ms, undefined, { signal: isOver }).catch(() => undefined),
      isEnding: () => isOver.aborted,
    });
  const shards = Array.from({ length: config.shards }, (_, shard) => shard);
  const loops = team.ready(isOver).then(() => Promise.all(shards.map(loopOf)));
  // Checking whether the Leases are held may detect that one is lost.
  const isWell = (): boolean => held.areHeld() && !lost.signal.aborted;
  return {
    lost: new Promise((resolve, reject) => {
      lost.signal.addEventListener("abort", () => {
        resolve("leaseLost");
      });
      loops.catch(reject);
    }),
    unhealthy: () => (isWell() ? undefined : "this process does not renew a Lease in time"),
    mayCall: (shard) => !lost.signal.aborted && held.lease(shard)?.isHeld() === true,
    mayWrite: isWell,
    end: async () => {
      ending.abort();
      await Promise.all([team.end(), loops.catch(() => undefined)]);
    },
  };
}

/** The shards that this process works on, with their leases. */
function createHeldShards({ config, begin, onChange }: LeadershipParts) {
  const held = new Map<number, { readonly lease: HeldLease; readonly work: ShardWork }>();
  return {
    lease: (shard: number): HeldLease | undefined => held.get(shard)?.lease,
    areHeld: (): boolean => [...held.values()].every(({ lease }) => lease.isHeld()),
    begin: (shard: number, lease: HeldLease): ShardWork => {
      const work = begin(shard);
      held.set(shard, { lease, work });
      onChange(shardLeaseName(config.leaseName, shard), true);
      return work;
    },
    left: (shard: number): void => {
      held.delete(shard);
      onChange(shardLeaseName(config.leaseName, shard), false);
    },
    /** Gives nobody time. */
    abort: (): void => {
      for (const { work } of held.values()) void work.end(0);
    },
  };
}
