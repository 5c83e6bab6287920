import type { Logger } from "pino";
import type { HeldLease } from "../kube/held-lease.ts";
import type { ShardWork } from "./shards.ts";

export interface ShardLoopParts {
  readonly shard: number;
  readonly log: Pick<Logger, "info">;
  /** How long work that was begun may continue, in milliseconds. */
  readonly drainMs: number;
  /** How long to wait before working on what another process had to stop working on, in milliseconds. */
  readonly settleMs: number;
  /** Waits until this process holds the shard's Lease; `undefined` when it is to end. */
  readonly acquire: () => Promise<HeldLease | undefined>;
  /** What every shard needs, before the first one is worked on. Never rejects for the process's end. */
  readonly prepare: () => Promise<void>;
  readonly begin: (shard: number, lease: HeldLease) => ShardWork;
  /** The Lease was given back, or left to its time. */
  readonly onLeft: (shard: number) => void;
  readonly onLost: (lease: HeldLease) => void;
  /** Resolves when the shard is to be given to another replica, the process ends, or `lease` is over. */
  readonly toLeave: (shard: number, lease: HeldLease) => Promise<void>;
  readonly wait: (ms: number) => Promise<unknown>;
  readonly isEnding: () => boolean;
}

/**
 * Waits for one shard, works on it, and releases it when another ought to have it, until the process ends. What another
 * process had to stop working on may still be on its way to the tenant, so that is given its time first.
 */
export async function runShard(parts: ShardLoopParts): Promise<void> {
  const { acquire, onLost, isEnding } = parts;
  while (!isEnding()) {
    const lease = await acquire();
    if (lease === undefined) return;
    lease.lost.addEventListener("abort", () => {
      onLost(lease);
    });
    await holdShard(parts, lease);
  }
}

async function holdShard(parts: ShardLoopParts, lease: HeldLease): Promise<void> {
  const { shard, log, drainMs, settleMs, prepare, begin, onLeft, toLeave, wait, isEnding } = parts;
  const isOver = (): boolean => isEnding() || !lease.isHeld();
  if (lease.isInherited) await wait(settleMs);
  if (!isOver()) await prepare();
  if (isOver()) {
    await lease.release();
    return;
  }
  const work = begin(shard, lease);
  log.info({ shard }, "working on the shard");
  await toLeave(shard, lease);
  const how = await work.end(lease.isHeld() ? drainMs : 0);
  onLeft(shard);
  log.info({ shard, how }, "left the shard");
  if (how === "ended") await lease.release();
  else lease.abandon();
}
