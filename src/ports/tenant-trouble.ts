/** Why the tenant cannot be used, in the words of a status. */
export interface Trouble {
  /** `stalled`: a person must act. `wait`: it may pass. */
  readonly kind: "wait" | "stalled";
  readonly reason: string;
  readonly message: string;
  /** The tenant answered and refused, once so far: the answer may be a stray one. Default: no. */
  readonly isRefusal?: true;
  /** The annotation's request for a read that the try was to answer and did not. Absent: there was none. */
  readonly request?: string;
}

/** What the last try to connect, to prove the credential or to read the tenant came to. */
export interface Failure extends Trouble {
  /** Start of the first try that failed since the tenant was read last. */
  readonly since: Date;
  /** Start of the last try. */
  readonly lastAt: Date;
}
