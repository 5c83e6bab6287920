import type { Lifts } from "../../controller/steps.ts";
import type { Waker } from "../relations/wakers.ts";
import type { Reason } from "../status/reasons.ts";

/** What lifts each halt of a provider object. */
export const LIFTS = {
  CredentialsMissing: ["credentials", "self"],
  CredentialsInvalid: ["credentials", "self"],
  Deleting: ["dependents"],
} as const satisfies Lifts<Reason, Waker>;
