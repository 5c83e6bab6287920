import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "./connection.ts";
import { KubeError } from "./kube-error.ts";
import { createLeaseClient, type Lease, type LeaseClient, type LeaseSpec, microTime } from "./lease-client.ts";
import { checkTiming, LEASE_TIMING, type LeaseTiming, mayTake, type Observation, observe } from "./lease-timing.ts";

export interface LeaseOptions extends Partial<LeaseTiming> {
  readonly connection: Connection;
  readonly namespace: string;
  readonly name: string;
  /** Who we are; unique per process. */
  readonly identity: string;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

export interface HeldLease {
  /**
   * Aborted when the lease is lost, at the latest `renewDeadlineMs` after the last renewal and so before others may take
   * it, whatever the API server does. All work must end at once.
   */
  readonly lost: AbortSignal;
  /** False from the moment on when `lost` is due. */
  isHeld(): boolean;
  /** Milliseconds since the last renewal that succeeded was sent. */
  sinceRenewalMs(): number;
  /** Gives the lease away. Only after all work has ended. Resolves in seconds, whatever the API server does. */
  release(): Promise<void>;
}

interface Holder extends LeaseOptions {
  readonly client: LeaseClient;
  readonly timing: LeaseTiming;
}

/** What is known of our Lease after it was written. */
interface Renewal {
  readonly lease: Lease;
  /** When the write was *sent*: others may have seen it from then on. */
  readonly at: number;
}

const GIVE_AWAY_MS = 2000;

/**
 * Waits until this process holds the lease; `undefined` when aborted first. Only throws for times that make no sense:
 * whatever goes wrong at the API server or with the credentials is a try that failed.
 */
export async function acquireLease(options: LeaseOptions, signal: AbortSignal): Promise<HeldLease | undefined> {
  const timing = { ...LEASE_TIMING, ...given(options) };
  checkTiming(timing);
  const { connection, namespace, name } = options;
  const client = createLeaseClient(connection, { namespace, name }, timing.renewDeadlineMs / 2);
  const holder: Holder = { ...options, client, timing };
  const tell = tellOnce(options);
  let seen: Observation | undefined;
  while (!signal.aborted) {
    try {
      const lease = await client.read(signal);
      seen = observe(seen, lease?.spec, performance.now(), timing.durationMs);
      if (mayTake(seen, options.identity, performance.now())) {
        const renewal = await take(holder, lease, signal);
        options.log.info({ lease: name }, "lease acquired");
        return hold(holder, renewal);
      }
    } catch (error) {
      if (!signal.aborted) tell(error);
    }
    await sleep(timing.retryMs, signal);
  }
  return undefined;
}

const given = ({ durationMs, renewDeadlineMs, retryMs }: LeaseOptions): Partial<LeaseTiming> =>
  Object.fromEntries(
    Object.entries({ durationMs, renewDeadlineMs, retryMs }).filter(([, value]) => value !== undefined),
  );

/** The same failure every two seconds is one line. */
function tellOnce({ log, name }: LeaseOptions): (error: unknown) => void {
  let logged = "";
  return (error) => {
    const what = error instanceof KubeError ? `${String(error.code)} ${error.reason}` : String(error);
    if (what !== logged) log.warn({ lease: name, error }, "the lease cannot be acquired, trying again");
    logged = what;
  };
}

async function take(holder: Holder, lease: Lease | undefined, signal: AbortSignal): Promise<Renewal> {
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

function hold(holder: Holder, first: Renewal): HeldLease {
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
    deadline = setTimeout(lose, renewal.at + renewDeadlineMs - performance.now(), "deadline");
  };
  const sinceRenewalMs = (): number => performance.now() - latest.at;
  renewed(first);
  const renewing = keepRenewing(holder, first, over, renewed).then((end) => {
    if (end === "taken") lose("taken");
  });
  return {
    lost: lost.signal,
    isHeld: () => !lost.signal.aborted && sinceRenewalMs() < renewDeadlineMs,
    sinceRenewalMs,
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

/** As well as it goes: who does not hear of it takes the lease when its time is over. */
async function giveAway({ client, identity, log, name }: Holder): Promise<void> {
  const signal = AbortSignal.timeout(GIVE_AWAY_MS);
  try {
    const lease = await client.read(signal);
    if (lease?.spec?.holderIdentity === identity)
      await client.write(lease, { ...lease.spec, holderIdentity: "" }, signal);
  } catch (error) {
    log.warn({ lease: name, error }, "the lease was not given away");
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
