/**
 * The write-ahead note of a create: stored in `status.pendingCreate` with the resource version as lock before the
 * provider is asked, and cleared with the answer. While it stands, the outcome of that create is not known.
 */
export interface PendingCreate {
  /** The natural key (an audience) or, where names are not unique, the same text as `nonce`. */
  readonly key: string;
  readonly nonce: string;
  /** When it was written, RFC 3339. */
  readonly at: string;
}

/** The longest a request may still be on its way, and how long the tenant may need to show what it did. */
export interface CreateTiming {
  readonly providerTimeoutMs: number;
  readonly settleMs: number;
}

/**
 * The earliest start of a reading of the tenant that can settle the attempt: before it, an object that is not there
 * may still appear, and creating again would make a duplicate.
 */
export function settledAt(pending: PendingCreate, timing: CreateTiming): Date {
  return new Date(Date.parse(pending.at) + timing.providerTimeoutMs + timing.settleMs);
}

/**
 * When this process, which began `startedAt`, may take an object that status records and the tenant does not show for
 * gone: an earlier process may have created it a moment before, and only that one knew how young it is.
 */
export function absenceSettledAt(startedAt: Date, { settleMs }: CreateTiming): Date {
  return new Date(startedAt.getTime() + settleMs);
}
