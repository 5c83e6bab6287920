import type { Lifts } from "../../controller/steps.ts";
import { ACCESS_LIFTS } from "../access/provider-access.ts";
import { OUTPUT_LIFTS } from "../outputs/decide.ts";
import type { Waker } from "../relations/wakers.ts";
import type { Reason } from "../status/reasons.ts";

/** What lifts each halt of an OAuthApi. */
export const LIFTS = {
  ...ACCESS_LIFTS,
  ...OUTPUT_LIFTS,
  AudienceNotAllowed: ["provider", "namespace"],
  UnsupportedByProvider: ["self", "provider"],
  /** The other one may use another provider object of the tenant. */
  Conflict: ["claimants", "self", "tenantRead"],
  NotOwned: ["tenantRead", "self", "provider"],
  GrantsRemain: ["tenantRead", "self"],
  /** Of a deletion: confirmed by annotation. */
  MassRevocation: ["self"],
  /** The namespace is being deleted, which deletes the resource too. */
  Deleting: ["self"],
} as const satisfies Lifts<Reason, Waker>;
