/** What a reason means, and what to do. */
export type ReasonText = readonly [meaning: string, remedy: string];

/**
 * The few reasons that the loop itself gives: how far a pass came, and what an error at the provider came to. The rest of
 * the vocabulary belongs to the kinds.
 */
export const LOOP_REASONS = {
  Ready: ["Provider and cluster matched the spec when the operator last read them.", "Nothing."],
  Pending: ["The operator has not reconciled the object.", "Wait a moment. If it stays, check that the operator runs."],
  Progressing: ["Reconciliation is in progress.", "Wait."],
  ProgressingWithRetry: [
    "A step failed. The operator tries again, with growing pauses.",
    "Read the message. It often passes by itself.",
  ],
  NoProgress: [
    "A step succeeded and changed nothing, because something else undoes it or the provider ignores it. The operator tries again, with growing pauses.",
    "The message names the step. Check whether another controller or a person changes the same object. If not, report a defect.",
  ],
  Paused: [
    "The annotation m2m-operator.io/paused stops everything except deletion and the removal of access that consent no longer allows.",
    "Remove the annotation to resume.",
  ],
  UnsupportedByProvider: ["The provider does not support this field.", "Remove the field that the message names."],
  UnsupportedVersion: [
    "The tenant's server is older than the operator supports.",
    "Upgrade the server. The message names what it lacks.",
  ],
  Conflict: [
    "Another resource already manages the same object at the tenant, or the tenant cannot have both.",
    "Do what the message says: change or delete one of the two.",
  ],
  FeatureNotLicensed: ["The tenant's plan does not include a required feature.", "Change the plan."],
  CredentialsMissing: [
    "The Secret with the operator's credential does not exist, or the operator has no token of its service account for this tenant.",
    "Create the Secret that the message names. The operator uses it at once. Without a Secret: mount the token that the message names.",
  ],
  CredentialsInvalid: [
    "The tenant refused the operator's credential, or the Secret is incomplete.",
    "Correct the Secret that the message names. The operator uses it at once. Without a Secret: correct what the message names at the tenant.",
  ],
  PermissionsMissing: ["The operator's credential lacks permissions at the tenant.", "Grant what the message names."],
  AdminRoleMissing: [
    "The operator's credential is valid, but its administrator role lacks this permission.",
    "Give the administrator, or the operator's application, the role that the provider's guide names.",
  ],
  ProviderUnavailable: [
    "The tenant cannot be reached, or its responses are not valid.",
    "If it lasts, check the status of the tenant, DNS, the proxy and the network policy.",
  ],
  LimitReached: [
    "The tenant's plan, or the client, allows no more objects of this type.",
    "Delete some, or change the plan.",
  ],
  ApiServerRefused: [
    "The Kubernetes API server refused a request: a quota, an admission policy, an immutable object or a missing permission.",
    "Do what the message says. The operator tries again by itself, at the latest after ten minutes.",
  ],
  InvalidRequest: [
    "The provider refused the request and would refuse it again, or the spec contradicts itself.",
    "Correct what the message names.",
  ],
} as const satisfies Record<string, ReasonText>;

export type LoopReason = keyof typeof LOOP_REASONS;
