import type { Halt } from "../../controller/reconcile.ts";
import { type Lifts, stepsOf } from "../../controller/steps.ts";
import type { Capabilities } from "../../ports/provider.ts";
import type { Waker } from "../relations/wakers.ts";
import type { Reason } from "../status/reasons.ts";

/** What a plan may know of the provider: data, no connection. */
export interface ProviderFacts {
  /** UID of the provider object; the key of its connection. */
  readonly uid: string;
  readonly vendor: string;
  /** What people call the vendor, for messages. */
  readonly vendorLabel: string;
  /** The provider object, for messages: `ClusterIdentityProvider default`. */
  readonly object: string;
  readonly tenant: string;
  /** Host of issuer and URLs given to workloads: the custom domain where there is one. */
  readonly domain: string;
  readonly capabilities: Capabilities;
  /** The operator's own client at the tenant, which it refuses to manage. */
  readonly ownClientId: string | undefined;
  readonly verificationPolicy: "OncePerChange" | "Never";
  readonly verificationsPerHour: number;
  readonly driftIntervalMs: number;
  /** As the provider object says, or the resource's own annotation. */
  readonly managementPolicy: "Full" | "ObserveOnly";
  /** The provider object says Full, and the resource asks to be observed only. Absent: it does not. */
  readonly isObservedByAnnotation?: true;
}

/**
 * Whether a resource may use its provider now.
 * `refused` covers "not there" and "not allowed" alike, so that a refusal never tells whether the object exists.
 * `otherTenant`: what status records was made at another tenant than the provider object names today.
 */
export type ProviderAccess =
  | { readonly state: "ready"; readonly facts: ProviderFacts }
  /** `until`: when Ready is no longer kept by what was read before, while that is still ahead. `isUnmet`: a person must act. */
  | {
      readonly state: "notReady";
      readonly message: string;
      readonly until?: Date | undefined;
      readonly isUnmet?: true;
    }
  /** `uid` names the provider object when there is one: taking access away needs no consent. `onlyObserves`: it may not. */
  | {
      readonly state: "refused";
      readonly message: string;
      readonly uid: string | undefined;
      readonly onlyObserves?: boolean;
    }
  | { readonly state: "otherTenant"; readonly message: string };

/** Whether a deletion ends without the tenant, and when that is to be asked again. */
export interface Abandonment {
  readonly mayAbandon: boolean;
  /** For a deletion that waits for its tenant. */
  readonly checkAt: Date;
}

/** What lifts the halts that every kind has that uses a provider. */
export const ACCESS_LIFTS = {
  ProviderNotReady: ["provider", "namespace"],
  NotAllowedOrMissing: ["provider", "namespace"],
  TenantChanged: ["provider", "self"],
  ObserveOnly: ["self", "provider", "tenantRead"],
} as const satisfies Lifts<Reason, Waker>;

const { unmet, wait, waitUntil, stalled } = stepsOf<never, Reason, typeof ACCESS_LIFTS>(ACCESS_LIFTS);

/** Why a plan cannot continue without the provider; `undefined` when it is ready. */
export function haltOf(access: ProviderAccess): Halt | undefined {
  switch (access.state) {
    case "ready":
      return undefined;
    case "notReady":
      if (access.isUnmet === true) return unmet("ProviderNotReady", access.message).halt;
      return (
        access.until === undefined
          ? wait("ProviderNotReady", access.message)
          : waitUntil("ProviderNotReady", access.message, access.until)
      ).halt;
    case "refused":
      return unmet("NotAllowedOrMissing", access.message).halt;
    case "otherTenant":
      return stalled("TenantChanged", access.message).halt;
  }
}

/** What a deletion waits for that needs the tenant, and what follows then. */
export function deletionText(access: ProviderAccess, what: string): string {
  const why = access.state === "ready" ? "The tenant has not been read yet." : access.message;
  return `${why} This deletion waits, and deletes ${what} at the tenant once the operator can use the provider.`;
}

/** Why nothing is done although something differs: the provider object only observes. */
export function observeOnlyHalt(message: string): Halt | undefined {
  return unmet("ObserveOnly", message).halt;
}
