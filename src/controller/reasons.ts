/** What a reason means, and what to do. */
export type ReasonText = readonly [meaning: string, remedy: string];

/**
 * The few reasons that the loop itself gives: how far a pass came, and what an error at the provider came to. The rest of
 * the vocabulary belongs to the kinds.
 */
export const LOOP_REASONS = {
  Ready: ["What was last seen at the provider and in the cluster is what the spec asks for.", "Nothing."],
  Pending: ["The object was not reconciled yet.", "Wait a moment. If it stays, see whether the operator runs."],
  Progressing: ["Steps remain.", "Wait."],
  ProgressingWithRetry: [
    "A step failed and is tried again, with growing pauses.",
    "Read the message; it often passes.",
  ],
  NoProgress: [
    "A step succeeded and changed nothing: something else undoes it, or the provider ignores it. It is tried again with growing pauses.",
    "The message names the step. See whether another controller or a person changes the same object; else report a defect.",
  ],
  Paused: ["The annotation m2m-operator.io/paused stops everything but deletion.", "Remove the annotation to go on."],
  UnsupportedByProvider: ["The provider has no such feature.", "Remove the field that the message names."],
  FeatureNotLicensed: ["The tenant's plan does not include what is needed.", "Change the plan."],
  CredentialsInvalid: [
    "The tenant refused the operator's credential, or the Secret is incomplete.",
    "Correct the Secret; it is picked up at once.",
  ],
  PermissionsMissing: ["The operator's credential lacks permissions at the tenant.", "Grant what the message names."],
  AdminRoleMissing: [
    "The operator's credential is good and the administrator behind it may not do this.",
    "Give the administrator, or the operator's application, the role that the provider's guide names.",
  ],
  ProviderUnavailable: [
    "The tenant cannot be reached or does not answer properly.",
    "Usually passes; check domain, proxy and network policy.",
  ],
  LimitReached: ["The tenant's plan allows no more objects of this type.", "Delete some, or change the plan."],
  ApiServerRefused: [
    "The Kubernetes API server refused a request: a quota, an admission policy, an immutable object or a missing permission.",
    "Do what the message says. The operator tries again by itself, at the latest after ten minutes.",
  ],
  InvalidRequest: [
    "The provider refused the request and would refuse it again.",
    "Change the field that the message names.",
  ],
} as const satisfies Record<string, ReasonText>;

export type LoopReason = keyof typeof LOOP_REASONS;
