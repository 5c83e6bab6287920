/** When the next rotation is due, from facts that survive a restart. Times are instants, durations milliseconds. */
export interface ScheduleFacts {
  /** Of the credential in force. */
  readonly createdAt: Date;
  readonly everyMs: number;
  /** From 0 inclusive to 1 exclusive, the same for one resource at all times. */
  readonly jitter: number;
  /** The due time already published in status; `undefined` when there was none, or status was lost. */
  readonly previouslyScheduledAt: Date | undefined;
}

/** Part of the period over which resources of one age are spread. */
const SPREAD = 0.1;

/**
 * Resources that were made together do not rotate together: each is due somewhere in the last tenth of its period, so
 * that no credential gets older than `every`. What is found overdue and was never scheduled (rotation was switched
 * on for old clients, or status was lost) is spread over the next tenth of a period instead of being due at once.
 */
export function nextRotationAt(
  { createdAt, everyMs, jitter, previouslyScheduledAt: scheduled }: ScheduleFacts,
  now: Date,
): Date {
  const regular = new Date(createdAt.getTime() + everyMs * (1 - SPREAD * jitter));
  if (regular > now) return regular;
  const spread = new Date(now.getTime() + everyMs * SPREAD * jitter);
  return scheduled === undefined || scheduled > spread ? spread : scheduled;
}

/** A position within the spread from a hash: hexadecimal digits, at least eight. */
export function jitterOf(hash: string): number {
  return Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32;
}
