/** All in milliseconds. */
export interface LeaseTiming {
  /** For how long after its last renewal others leave the lease to its holder. */
  readonly durationMs: number;
  /** For how long after its last renewal the holder works; the rest of the duration is for ending its work. */
  readonly renewDeadlineMs: number;
  /** Between two tries. */
  readonly retryMs: number;
}

/** As client-go has them. */
export const LEASE_TIMING: LeaseTiming = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2000 };

/**
 * Where several processes work, so that what one held that was killed is worked on within 15 seconds: a Lease stands still
 * for the duration, and it takes one read to see it first and another to see it last.
 */
export const SHARD_LEASE_TIMING: LeaseTiming = { durationMs: 11_000, renewDeadlineMs: 6000, retryMs: 1500 };

/** Throws where two could hold the lease at once, or a single failed try would lose it. */
export function checkTiming({ durationMs, renewDeadlineMs, retryMs }: LeaseTiming): void {
  if (durationMs <= renewDeadlineMs) throw new RangeError("a lease must last longer than its holder works without it");
  if (renewDeadlineMs <= 2 * retryMs) throw new RangeError("a lease needs time for more than one try to renew it");
  if (retryMs <= 0) throw new RangeError("tries to renew a lease need a pause between them");
}

/** What of a Lease's spec says who holds it. */
export interface LeaseHolder {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
}

/** A record of the lease and since when it has stood still, by our own clock: others' clocks say nothing. */
export interface Observation {
  readonly record: string;
  readonly holder: string;
  readonly durationMs: number;
  /** When the record was first seen, in milliseconds of a monotonic clock. */
  readonly at: number;
}

/** `spec` is `undefined` when there is no Lease: somebody deleted it, which ends no holder's time. */
export function observe(
  previous: Observation | undefined,
  spec: LeaseHolder | undefined,
  now: number,
  ownDurationMs: number,
): Observation | undefined {
  if (spec === undefined) return previous;
  const record = JSON.stringify(spec);
  if (previous?.record === record) return previous;
  const { holderIdentity: holder = "", leaseDurationSeconds } = spec;
  const durationMs = leaseDurationSeconds === undefined ? ownDurationMs : leaseDurationSeconds * 1000;
  return { record, holder, durationMs, at: now };
}

/** Whether the lease is free, ours, or its holder's time is over. */
export function mayTake(seen: Observation | undefined, identity: string, now: number): boolean {
  if (seen === undefined || seen.holder === "" || seen.holder === identity) return true;
  return now - seen.at > seen.durationMs;
}
