import type { Lifts } from "../../controller/steps.ts";
import { ACCESS_LIFTS } from "../access/provider-access.ts";
import { OUTPUT_LIFTS } from "../outputs/decide.ts";
import type { Waker } from "../relations/wakers.ts";
import type { Reason } from "../status/reasons.ts";

/** What lifts each halt of an M2MClient. */
export const LIFTS = {
  ...ACCESS_LIFTS,
  ...OUTPUT_LIFTS,
  UnsupportedByProvider: ["self", "provider"],
  InvalidRequest: ["self"],
  PodsNotReadable: ["self"],
  Conflict: ["claimants", "self"],
  NotOwned: ["tenantRead", "self", "provider"],
  CredentialNotShared: ["provider", "self"],
  /** Disabled at the tenant or by its spec, else a rotation is about to store one. */
  CredentialPending: ["self", "tenantRead"],
  PrimaryGrantRequired: ["self", "grants"],
  GrantNotReady: ["grants", "self"],
  TemplateInvalid: ["self"],
  SecretTooLarge: ["self", "grants", "api"],
  WaitingForTemplateValue: ["grants", "api", "self"],
  VerificationFailed: ["self", "outputs"],
  /** The namespace is being deleted, which deletes the resource too. */
  Deleting: ["self"],
} as const satisfies Lifts<Reason, Waker>;
