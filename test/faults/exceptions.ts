/** A fault that passes and yet ends in Stalled, and why that is right. */
export interface Exception {
  /** Name of the fault. */
  readonly fault: string;
  /** From how many times in a row. */
  readonly fromTimes: number;
  readonly reasons: readonly string[];
  readonly why: string;
}

/**
 * In these cases an object may be Stalled. A look on request must be enough then; everything else must end by itself and
 * never be Stalled.
 */
export const MAY_STALL: readonly Exception[] = [
  {
    fault: "400",
    fromTimes: 2,
    reasons: ["InvalidRequest"],
    why: "The vendor says again and again that the request itself is wrong, which only an edit changes.",
  },
  {
    fault: "401",
    fromTimes: 2,
    reasons: ["CredentialsInvalid"],
    why: "The vendor refuses fresh tokens too, as it does when the operator's credential was revoked.",
  },
  {
    fault: "403",
    fromTimes: 2,
    reasons: ["PermissionsMissing", "AdminRoleMissing", "FeatureNotLicensed"],
    why: "The vendor says again and again that the operator may not do this.",
  },
  {
    fault: "401",
    fromTimes: 3,
    reasons: ["VerificationFailed"],
    why: "The token endpoint refused the workload's credential in all three tries; each further one would cost a token.",
  },
  {
    fault: "403",
    fromTimes: 3,
    reasons: ["VerificationFailed"],
    why: "The token endpoint refused the workload's grant in all three tries; each further one would cost a token.",
  },
  {
    fault: "400",
    fromTimes: 2,
    reasons: ["ApiServerRefused"],
    why: "The API server refuses the write again and again, as it does for a quota or an admission policy.",
  },
  {
    fault: "403",
    fromTimes: 2,
    reasons: ["ApiServerRefused"],
    why: "The API server refuses the write again and again, as it does for a quota or an admission policy.",
  },
];

/** The exception that covers this, if any. */
export const exceptionFor = (fault: string, times: number, reason: string): Exception | undefined =>
  MAY_STALL.find(
    (exception) => exception.fault === fault && times >= exception.fromTimes && exception.reasons.includes(reason),
  );
