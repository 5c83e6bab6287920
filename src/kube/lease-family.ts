import type { Connection } from "./connection.ts";
import { createFamilyView, familyLabels, type FamilyName, type FamilyView, shardLeaseName } from "./family-view.ts";
import { type HeldLease, sleep, tellOnce } from "./held-lease.ts";
import { createLeaseClient, type Lease, listLeases, removeLease } from "./lease-client.ts";
import { acquireLease, type LeaseHooks } from "./lease.ts";
import type { LeaseTiming } from "./lease-timing.ts";

export interface LeaseFamilyOptions extends FamilyName {
  readonly connection: Connection;
  readonly namespace: string;
  /** Who we are: see `identityOf`. */
  readonly identity: string;
  readonly timing: LeaseTiming;
  readonly random: () => number;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** The Leases of the shards of one installation, as one process works with them. */
export interface LeaseFamily {
  readonly view: Pick<FamilyView, "replicas" | "rivals">;
  /**
   * Looks at the Leases again and again until aborted, and calls `onRead` after each listing that was answered. `onRead`
   * must not reject. A family of one shard needs no reads.
   */
  run(onRead: () => Promise<void>, signal: AbortSignal): Promise<void>;
  /** Resolves with the next read of the Leases, and at once when there are no more reads. */
  nextRead(): Promise<void>;
  /**
   * Waits until this process holds the Lease of the shard; `undefined` when aborted first. It takes a free Lease only while
   * `mayTake` says so, and never while a process may work that counts another number of shards.
   */
  acquire(shard: number, mayTake: () => boolean, signal: AbortSignal): Promise<HeldLease | undefined>;
  /** Deletes Leases of replicas that have stood still for so long. Never rejects. */
  removeStale(forMs: number, signal: AbortSignal): Promise<void>;
}

/** Time between two reads of the Leases, in milliseconds: the longest delay before a released Lease is noticed. */
const LOOK_MS = 1000;
/** The longest that one of two waits who gave a Lease back because of each other, in milliseconds. */
const STEP_BACK_MS = 4000;

export function createLeaseFamily(options: LeaseFamilyOptions): LeaseFamily {
  const { connection, namespace, leaseName, shards, identity, timing, random, log } = options;
  const labels = familyLabels(leaseName);
  const timeoutMs = timing.renewDeadlineMs / 2;
  const view = createFamilyView(options, identity);
  const first = createLeaseClient(connection, { namespace, name: leaseName }, timeoutMs);
  let read = Promise.withResolvers<void>();
  let notBefore = 0;

  const readLeases = async (signal: AbortSignal): Promise<void> => {
    const listed = await listLeases(connection, { namespace, labels }, timeoutMs, signal);
    // That of a version without labels, or of somebody who removed them.
    const isThere = listed.some(({ metadata }) => metadata.name === leaseName);
    const other = isThere ? undefined : await first.read(signal);
    view.note(other === undefined ? listed : [...listed, other], performance.now());
  };
  const hasNoRival = (): boolean => view.rivals(performance.now()).length === 0;
  const mayKeep = async (shard: number, signal: AbortSignal): Promise<boolean> => {
    await readLeases(signal);
    const [rival] = view.rivals(performance.now());
    if (rival === undefined) return true;
    notBefore = performance.now() + random() * STEP_BACK_MS;
    log.warn(
      { lease: shardLeaseName(leaseName, shard), rival, shards },
      "other replicas use another number of shards, waiting",
    );
    return false;
  };
  const readFrom = async (name: string, signal: AbortSignal): Promise<Lease | undefined> =>
    view.leaseOf(name) ?? createLeaseClient(connection, { namespace, name }, timeoutMs).read(signal);
  const hooksOf = (shard: number, mayTake: () => boolean): Partial<LeaseHooks> => {
    const isNow = (): boolean => performance.now() >= notBefore && hasNoRival() && mayTake();
    const common = { mayKeep: (signal: AbortSignal) => mayKeep(shard, signal) };
    if (shards === 1)
      return {
        ...common,
        mayTry: async (signal) => {
          await readLeases(signal);
          return isNow();
        },
      };
    return {
      ...common,
      mayTry: () => Promise.resolve(isNow()),
      read: (signal) => readFrom(shardLeaseName(leaseName, shard), signal),
      pause: () => read.promise,
    };
  };
  return {
    view,
    run: async (onRead, signal) => {
      const tell = tellOnce({ log, name: leaseName });
      while (!signal.aborted) {
        try {
          await readLeases(signal);
          await onRead();
        } catch (error) {
          if (!signal.aborted) tell(error);
        }
        read.resolve();
        if (!signal.aborted) read = Promise.withResolvers();
        await sleep(LOOK_MS, signal);
      }
      read.resolve();
    },
    nextRead: () => read.promise,
    acquire: (shard, mayTake, signal) =>
      acquireLease(
        {
          ...{ connection, namespace, identity, labels, log, ...timing },
          name: shardLeaseName(leaseName, shard),
          ...hooksOf(shard, mayTake),
        },
        signal,
      ),
    removeStale: async (forMs, signal) => {
      for (const lease of view.stale(performance.now(), forMs))
        await removeLease(connection, lease, timeoutMs, signal).catch(() => undefined);
    },
  };
}
