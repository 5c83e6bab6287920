import type { Controller } from "../controller/controller.ts";
import type { ObjectKey } from "../controller/object-key.ts";
import type { WorkQueue } from "../controller/work-queue.ts";
import type { WorkClass } from "../work/order.ts";

/** The work of one shard, while this process holds it. */
export interface ShardWork {
  /**
   * Takes no more of it, waits `graceMs` for what was begun, and forgets the shard's objects and connections. Resolves not
   * much later with whether all of it ended by itself. Never rejects.
   */
  end(graceMs: number): Promise<"ended" | "aborted">;
}

/** The queues of all shards, and the workers of those that this process holds. */
export interface Shards {
  /** `since`: the place in the line, in milliseconds of the monotonic clock. Default: its end. */
  enqueue(key: ObjectKey, workClass: WorkClass, since?: number): void;
  /** The object is gone. */
  forget(key: ObjectKey): void;
  /** Keys that wait, in the shards that are worked on. */
  depth(workClass: WorkClass): number;
  /** Whether this process works on the shard. */
  isWorkedOn(shard: number): boolean;
  begin(shard: number): ShardWork;
}

export interface ShardsParts {
  readonly count: number;
  readonly shardOf: (key: ObjectKey) => number;
  readonly newQueue: () => WorkQueue;
  readonly startWorkers: (shard: number, queue: WorkQueue) => Controller;
  /** Every object that belongs to the shard now, and how urgent it is to begin with. */
  readonly objectsOf: (shard: number) => readonly { readonly key: ObjectKey; readonly workClass: WorkClass }[];
  /** Forgets what this process knows of the shard, and closes its connections: its work has ended. */
  readonly leave: (shard: number) => void;
  /** Resolves after so many milliseconds, and at once when aborted. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/** How long work that was aborted may take to notice it, in milliseconds. */
const ABORTING_MS = 2000;

/**
 * A shard that was never worked on keeps its keys, so that the replica that begins to work on it begins with the most urgent. One
 * that was left keeps none, since others work on it: it begins with all of them, as after a start.
 */
export function createShards(parts: ShardsParts): Shards {
  const { count, shardOf, newQueue, startWorkers, objectsOf, leave, wait } = parts;
  const queues = new Map(Array.from({ length: count }, (_, shard) => [shard, newQueue()] as const));
  const working = new Set<number>();
  const filled = (shard: number): WorkQueue => {
    const queue = newQueue();
    for (const { key, workClass } of objectsOf(shard)) queue.add(key, workClass);
    return queue;
  };
  return {
    enqueue: (key, workClass, since) => {
      queues.get(shardOf(key))?.add(key, workClass, since);
    },
    forget: (key) => {
      for (const queue of queues.values()) queue.forget(key);
    },
    depth: (workClass) => [...working].reduce((sum, shard) => sum + (queues.get(shard)?.depth(workClass) ?? 0), 0),
    isWorkedOn: (shard) => working.has(shard),
    begin: (shard) => {
      working.add(shard);
      const queue = queues.get(shard) ?? filled(shard);
      queues.set(shard, queue);
      const controller = startWorkers(shard, queue);
      return {
        end: async (graceMs) => {
          const how = await drained(controller, graceMs, wait);
          working.delete(shard);
          queues.delete(shard);
          leave(shard);
          return how;
        },
      };
    },
  };
}

async function drained(
  controller: Controller,
  graceMs: number,
  wait: ShardsParts["wait"],
): Promise<"ended" | "aborted"> {
  const tooLong = new AbortController();
  const ended = controller.drain(graceMs).catch(() => "aborted" as const);
  const given = wait(graceMs + ABORTING_MS, tooLong.signal).then(() => "aborted" as const);
  const how = await Promise.race([ended, given]);
  tooLong.abort();
  return how;
}
