import { giveAway, hold, type Holder, type HeldLease, sleep, take, tellOnce } from "./held-lease.ts";
import type { Connection } from "./connection.ts";
import { createLeaseClient, type Lease } from "./lease-client.ts";
import { checkTiming, LEASE_TIMING, type LeaseTiming, mayTake, type Observation, observe } from "./lease-timing.ts";

export interface LeaseOptions extends Partial<LeaseTiming>, Partial<LeaseHooks> {
  readonly connection: Connection;
  readonly namespace: string;
  readonly name: string;
  /** Who we are; unique per process. */
  readonly identity: string;
  /** The Lease carries them beside its own. Default: none. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
}

/** What a family of Leases knows beyond one of them. */
export interface LeaseHooks {
  /** Reads the Lease, newly or as it was a moment ago. Default: newly, by its name. */
  read(signal: AbortSignal): Promise<Lease | undefined>;
  /** Waits between two tries. Default: `retryMs`. */
  pause(signal: AbortSignal): Promise<void>;
  /** Whether to take a lease that is free. Rejects as a failed try does. Default: yes. */
  mayTry(signal: AbortSignal): Promise<boolean>;
  /** Whether to keep the lease, asked after it was written and before anybody works. Default: yes. */
  mayKeep(signal: AbortSignal): Promise<boolean>;
}

/**
 * Waits until this process holds the lease; `undefined` when aborted first. Only throws for times that make no sense:
 * whatever goes wrong at the API server or with the credentials is a try that failed.
 */
export async function acquireLease(options: LeaseOptions, signal: AbortSignal): Promise<HeldLease | undefined> {
  const timing = { ...LEASE_TIMING, ...given(options) };
  checkTiming(timing);
  const { connection, namespace, name, labels } = options;
  const named = { namespace, name, ...(labels === undefined ? {} : { labels }) };
  const client = createLeaseClient(connection, named, timing.renewDeadlineMs / 2);
  const holder: Holder = { ...options, client, timing };
  const { read = (over) => client.read(over), pause = (over) => sleep(timing.retryMs, over) } = options;
  const tell = tellOnce(options);
  let seen: Observation | undefined;
  while (!signal.aborted) {
    try {
      const lease = await read(signal);
      seen = observe(seen, lease?.spec, performance.now(), timing.durationMs);
      if (mayTake(seen, options.identity, performance.now())) {
        const held = await tryTake(holder, lease, signal);
        if (held !== undefined) return held;
      }
    } catch (error) {
      if (!signal.aborted) tell(error);
    }
    await pause(signal);
  }
  return undefined;
}

async function tryTake(
  holder: Holder & Partial<LeaseHooks>,
  lease: Lease | undefined,
  signal: AbortSignal,
): Promise<HeldLease | undefined> {
  const { log, name } = holder;
  if (holder.mayTry !== undefined && !(await holder.mayTry(signal))) return undefined;
  const renewal = await take(holder, lease, signal);
  if (!(await isKept(holder, signal))) return undefined;
  log.info({ lease: name }, "lease acquired");
  const { holderIdentity = "" } = lease?.spec ?? {};
  return hold(holder, renewal, { isInherited: holderIdentity !== "" && holderIdentity !== holder.identity });
}

/** What is not kept is released before anybody worked. */
async function isKept(holder: Holder & Partial<LeaseHooks>, signal: AbortSignal): Promise<boolean> {
  if (holder.mayKeep === undefined) return true;
  let isWanted = false;
  try {
    isWanted = await holder.mayKeep(signal);
    return isWanted;
  } finally {
    if (!isWanted) await giveAway(holder);
  }
}

const given = ({ durationMs, renewDeadlineMs, retryMs }: LeaseOptions): Partial<LeaseTiming> =>
  Object.fromEntries(
    Object.entries({ durationMs, renewDeadlineMs, retryMs }).filter(([, value]) => value !== undefined),
  );
