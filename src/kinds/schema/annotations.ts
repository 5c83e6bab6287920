import { cutText } from "../../ports/cut-text.ts";

/** Holds a resource until what it made at the tenant is gone or released. */
export const FINALIZER = "m2m-operator.io/finalizer";

/** Holds a credentials Secret for as long as something still needs it to be deleted properly. */
export const CREDENTIALS_FINALIZER = "m2m-operator.io/in-use";

/** On a CustomResourceDefinition: version of the operator that it belongs to. */
export const CRD_VERSION = "m2m-operator.io/version";

/** How much of a request status can repeat, in characters. */
export const MAX_REQUEST_LENGTH = 64;

/** A request by annotation, as status repeats it once it is handled; `undefined` without one. */
export function requestOf(
  { annotations }: { readonly annotations?: Readonly<Record<string, string>> },
  annotation: string,
): string | undefined {
  const text = annotations?.[annotation];
  return text === undefined ? undefined : cutText(text, MAX_REQUEST_LENGTH);
}

/** Annotations that people set. Every kind reads those that apply to it. */
export const ANNOTATIONS = {
  paused: "m2m-operator.io/paused",
  /** On an OAuthApi, M2MClient or ScopeGrant, with the value "true": managementPolicy ObserveOnly for this resource alone. */
  observeOnly: "m2m-operator.io/observe-only",
  reconcileRequestedAt: "m2m-operator.io/reconcile-requested-at",
  /** On the object that no longer consents: digest of the grants whose removal is confirmed. */
  confirmRevocations: "m2m-operator.io/confirm-revocations",
  /** On a provider object: digest of the objects without a resource whose deletion is confirmed. */
  confirmOrphans: "m2m-operator.io/confirm-orphans",
  /** On an M2MClient: any new value requests one new credential. */
  rotateRequestedAt: "m2m-operator.io/rotate-requested-at",
  /** On an M2MClient: credentials created before this time (RFC 3339) are compromised, and are revoked at once. */
  compromisedAt: "m2m-operator.io/compromised-at",
  forceDelete: "m2m-operator.io/force-delete",
} as const;

/** A deletion that waits until somebody sets `annotation` of the resource to `value`: `status.pendingConfirmations`. */
export interface Confirmation {
  readonly annotation: string;
  /** Stands for exactly what is confirmed. */
  readonly value: string;
  /** What is deleted then, and how to keep it. */
  readonly message: string;
}
