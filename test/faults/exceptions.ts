/** A temporary fault after which an object may be Stalled, and why that is correct. */
export interface Exception {
  /** Name of the fault. */
  readonly fault: string;
  /** From how many times in a row. */
  readonly fromTimes: number;
  readonly reasons: readonly string[];
  readonly why: string;
}

/**
 * In these cases an object may be Stalled, and a requested refresh must be enough to recover. In all other cases the
 * object must recover by itself and must never be Stalled.
 */
export const MAY_STALL: readonly Exception[] = [
  {
    fault: "400",
    fromTimes: 2,
    reasons: ["InvalidRequest"],
    why: "The vendor repeats that the request itself is wrong. Only an edit changes that.",
  },
  {
    fault: "401",
    fromTimes: 2,
    reasons: ["CredentialsInvalid"],
    why: "The vendor also refuses new tokens, as it does after the operator's credential was revoked.",
  },
  {
    fault: "403",
    fromTimes: 2,
    reasons: ["PermissionsMissing", "AdminRoleMissing", "FeatureNotLicensed"],
    why: "The vendor repeats that the operator lacks a permission.",
  },
  {
    fault: "401",
    fromTimes: 3,
    reasons: ["VerificationFailed"],
    why: "The token endpoint refused the workload's credential in three attempts. Each further attempt costs a token.",
  },
  {
    fault: "403",
    fromTimes: 3,
    reasons: ["VerificationFailed"],
    why: "The token endpoint refused the workload's grant in three attempts. Each further attempt costs a token.",
  },
  {
    fault: "400",
    fromTimes: 2,
    reasons: ["ApiServerRefused"],
    why: "The API server repeats the refusal, as it does for a quota or an admission policy.",
  },
  {
    fault: "403",
    fromTimes: 2,
    reasons: ["ApiServerRefused"],
    why: "The API server repeats the refusal, as it does for a quota or an admission policy.",
  },
];

/** The exception that covers this, if any. */
export const exceptionFor = (fault: string, times: number, reason: string): Exception | undefined =>
  MAY_STALL.find(
    (exception) => exception.fault === fault && times >= exception.fromTimes && exception.reasons.includes(reason),
  );
