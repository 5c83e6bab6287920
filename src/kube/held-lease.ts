import { setTimeout as delay } from "node:timers/promises";
import { KubeError } from "./kube-error.ts";
import { type Lease, type LeaseClient, type LeaseSpec, microTime } from "./lease-client.ts";
import type { LeaseTiming } from "./lease-timing.ts";

export interface HeldLease {
  /**
   * Aborted when the lease is lost, at the latest `renewDeadlineMs` after the last renewal and so before others may take
   * it, whatever the API server does. All work must end at once.
   */
  readonly lost: AbortSignal;
  /** The holder before did not release it: its time was over. */
  readonly isInherited: boolean;
  /**
   * False from the moment on when `lost` is due, and after the end. The clock decides, not a timer: a process that was
   * frozen learns here first that it lost the lease.
   */
  isHeld(): boolean;
  /** Milliseconds since the last renewal that succeeded was sent. */
  sinceRenewalMs(): number;
  /** Releases the lease. Only after all work has ended. Resolves in seconds, whatever the API server does. */
  release(): Promise<void>;
  /** Renews it no more, and leaves it to the replica that takes it when its time is over: what was begun may not have ended. */
  abandon(): void;
}

/** One process that takes and holds one Lease. */
export interface Holder {
  readonly name: string;
  readonly identity: string;
  readonly client: LeaseClient;
  readonly timing: LeaseTiming;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** What is known of our Lease after it was written. */
interface Renewal {
  readonly lease: Lease;
  /** When the write was *sent*: others may have seen it from then on. */
  readonly at: number;
}

const GIVE_AWAY_MS = 2000;

/** Repeats of the same failure are logged once. */
export function tellOnce({ log, name }: Pick<Holder, "log" | "name">): (error: unknown) => void {
  let logged = "";
  return (error) => {
    const what = error instanceof KubeError ? `${String(error.code)} ${error.reason}` : String(error);
    if (what !== logged) log.warn({ lease: name, error }, "cannot acquire the Lease, trying again");
    logged = what;
  };
}

/** Writes the Lease as ours. Rejects with a KubeError, also when somebody wrote it since it was read. */
export async function take(holder: Holder, lease: Lease | undefined, signal: AbortSignal): Promise<Renewal> {
  const { spec = {} } = lease ?? {};
  const isNew = spec.holderIdentity !== holder.identity;
  const now = microTime(new Date());
  const acquireTime = isNew ? now : (spec.acquireTime ?? now);
  const leaseTransitions = (spec.leaseTransitions ?? 0) + (isNew ? 1 : 0);
  try {
    return await write(holder, lease, { ...spec, acquireTime, leaseTransitions }, signal);
  } catch (error) {
    // It may have been written all the same, and nobody would renew it.
    if (signal.aborted) await giveAway(holder);
    throw error;
  }
}

async function write(
  { client, identity, timing }: Holder,
  lease: Lease | undefined,
  spec: LeaseSpec,
  signal: AbortSignal,
): Promise<Renewal> {
  const at = performance.now();
  const leaseDurationSeconds = Math.ceil(timing.durationMs / 1000);
  const renewTime = microTime(new Date());
  const ours = { ...spec, holderIdentity: identity, leaseDurationSeconds, renewTime };
  return { lease: await client.write(lease, ours, signal), at };
}

/** Renews the Lease until it is released, abandoned or lost. */
export function hold(holder: Holder, first: Renewal, about: Pick<HeldLease, "isInherited">): HeldLease {
  const { renewDeadlineMs } = holder.timing;
  const lost = new AbortController();
  const released = new AbortController();
  const over = AbortSignal.any([lost.signal, released.signal]);
  let latest = first;
  let deadline: NodeJS.Timeout | undefined;
  const lose = (why: "taken" | "deadline"): void => {
    clearTimeout(deadline);
    if (over.aborted) return;
    holder.log.warn({ lease: holder.name, why, sinceRenewalMs: Math.round(sinceRenewalMs()) }, "lease lost");
    lost.abort();
  };
  const renewed = (renewal: Renewal): void => {
    latest = renewal;
    clearTimeout(deadline);
    // A timer of its own, since nothing that a try waits for may put it off.
    const leftMs = renewal.at + renewDeadlineMs - performance.now();
    deadline = setTimeout(lose, Math.max(0, leftMs), "deadline");
  };
  const sinceRenewalMs = (): number => performance.now() - latest.at;
  renewed(first);
  const renewing = keepRenewing(holder, first, over, renewed).then((end) => {
    if (end === "taken") lose("taken");
  });
  return {
    ...about,
    lost: lost.signal,
    isHeld: () => {
      if (!over.aborted && sinceRenewalMs() >= renewDeadlineMs) lose("deadline");
      return !over.aborted;
    },
    sinceRenewalMs,
    abandon: () => {
      released.abort();
      clearTimeout(deadline);
    },
    release: async () => {
      released.abort();
      clearTimeout(deadline);
      await renewing;
      if (!lost.signal.aborted) await giveAway(holder);
    },
  };
}

/** Until `over`, or somebody else has the lease. Never rejects. */
async function keepRenewing(
  holder: Holder,
  first: Renewal,
  over: AbortSignal,
  onRenewed: (renewal: Renewal) => void,
): Promise<"over" | "taken"> {
  const tell = tellOnce(holder);
  let { lease }: { lease: Lease | undefined } = first;
  for (;;) {
    await sleep(holder.timing.retryMs, over);
    if (over.aborted) return "over";
    try {
      const renewal = await renew(holder, lease, over);
      if (renewal === undefined) return "taken";
      lease = renewal.lease;
      onRenewed(renewal);
    } catch (error) {
      if (!over.aborted) tell(error);
    }
  }
}

/** Writes on what is known, and reads only when that was not the newest; `undefined` when somebody else has the lease. */
async function renew(holder: Holder, known: Lease | undefined, signal: AbortSignal): Promise<Renewal | undefined> {
  try {
    return await write(holder, known, known?.spec ?? {}, signal);
  } catch (error) {
    if (!isOutdated(error)) throw error;
  }
  return renewNewest(holder, known?.spec, signal);
}

const isOutdated = (error: unknown): boolean =>
  error instanceof KubeError && (error.code === 409 || error.code === 404);

async function renewNewest(
  holder: Holder,
  known: LeaseSpec | undefined,
  signal: AbortSignal,
): Promise<Renewal | undefined> {
  const lease = await holder.client.read(signal);
  // Deleted: it is made again. If somebody else is faster, that is a conflict, and the next try sees the name.
  if (lease !== undefined && lease.spec?.holderIdentity !== holder.identity) return undefined;
  return write(holder, lease, lease?.spec ?? known ?? {}, signal);
}

/** Best effort: a replica that does not notice it takes the Lease when it expires. */
export async function giveAway({ client, identity, log, name }: Holder): Promise<void> {
  const signal = AbortSignal.timeout(GIVE_AWAY_MS);
  try {
    const lease = await client.read(signal);
    if (lease?.spec?.holderIdentity === identity)
      await client.write(lease, { ...lease.spec, holderIdentity: "" }, signal);
  } catch (error) {
    log.warn({ lease: name, error }, "could not release the Lease");
  }
}

/** Waits, or returns early when aborted. Never rejects. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
