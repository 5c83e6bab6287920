import type { Lifts } from "../../controller/steps.ts";
import { ACCESS_LIFTS } from "../access/provider-access.ts";
import { OUTPUT_LIFTS } from "../outputs/decide.ts";
import type { Waker } from "../relations/wakers.ts";
import type { Reason } from "../status/reasons.ts";

/** What lifts each halt of a ScopeGrant. */
export const LIFTS = {
  ...ACCESS_LIFTS,
  ...OUTPUT_LIFTS,
  NotAllowedOrMissing: ["provider", "namespace", "api", "client"],
  /** Client and API name different provider objects: one of them must be created again. */
  ProvidersDiffer: ["client", "api"],
  MassRevocation: ["provider", "namespace", "api"],
  UnsupportedByProvider: ["self", "provider"],
  ClientNotReady: ["client"],
  ApiNotReady: ["api", "tenantRead"],
  Conflict: ["grants", "self"],
  NotOwned: ["tenantRead", "self"],
  UnknownScopes: ["api", "self", "tenantRead"],
  ScopesNotAllowed: ["api", "namespace", "self"],
  /** The namespace is being deleted, which deletes the resource too. */
  Deleting: ["self"],
} as const satisfies Lifts<Reason, Waker>;
