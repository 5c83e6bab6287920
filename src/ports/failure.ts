/** Why the tenant cannot be used now. */
export interface Failure {
  /** `stalled`: a person must act. */
  readonly kind: "wait" | "stalled";
  readonly reason: string;
  readonly message: string;
  /** When the first of the tries failed that have failed in a row. */
  readonly since: Date;
  /** When the last one failed. */
  readonly triedAt: Date;
  /** When to try again at the earliest; absent: the provider object decides. */
  readonly retryAt?: Date;
}
