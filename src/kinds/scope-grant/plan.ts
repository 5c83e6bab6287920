import type { Reason } from "../../controller/reasons.ts";
import type { Plan } from "../../controller/reconcile.ts";
import type { ObservedGrant, Ref } from "../../ports/provider.ts";
import { type OutputView, planOutput } from "../outputs-plan.ts";
import { haltOf, type ProviderAccess } from "../provider-access.ts";

export interface Desired {
  readonly isAbsent: boolean;
  readonly isPaused: boolean;
}

/** The client or the API, as far as a grant depends on it. */
export type PeerView =
  | { readonly state: "ready"; readonly ref: Ref }
  /** There, and not usable yet. Its own status says why. */
  | { readonly state: "notReady"; readonly message: string }
  /** Not there or, across namespaces, not allowed: one answer for both. */
  | { readonly state: "refused"; readonly message: string };

/** What all grants of this (client, API) pair ask for together: the provider holds one grant for the pair. */
export interface PairView {
  readonly audience: string;
  /** Union of the valid scopes of every grant of the pair that is not being deleted and has consent; sorted. */
  readonly scopes: readonly string[];
  /** Whether any such grant is left; without one the remote grant goes. */
  readonly isWanted: boolean;
}

/** This grant's own part. */
export interface ScopesView {
  /** Asked for by this resource, known to the API and consented to; sorted. */
  readonly granted: readonly string[];
  /** Asked for and not among the API's scopes. */
  readonly unknown: readonly string[];
}

export interface Observed {
  readonly hasFinalizer: boolean;
  readonly provider: ProviderAccess;
  readonly client: PeerView;
  readonly api: PeerView;
  readonly pair: PairView | undefined;
  readonly own: ScopesView;
  readonly remote: { readonly kind: "unread" } | { readonly kind: "read"; readonly grant: ObservedGrant | undefined };
  readonly isNamespaceTerminating: boolean;
  /** The client's Secret already lists this grant with these scopes. */
  readonly isCarriedByClient: boolean;
  /** The Secret for this API alone, when the spec asks for one; `notReady` while the credential is not there. */
  readonly secret: OutputView | "notReady" | undefined;
  readonly formerSecrets: readonly string[];
  /** The provider's credential is gone for good and we waited long enough. */
  readonly mayAbandon: boolean;
  /** Something may have been made at the tenant: without that a deletion needs nobody. */
  readonly mayHaveMade: boolean;
}

export type Action =
  | { readonly type: "addFinalizer" }
  | {
      readonly type: "createGrant";
      readonly client: Ref;
      readonly api: { readonly ref: Ref; readonly audience: string };
      readonly scopes: readonly string[];
    }
  | { readonly type: "updateGrant"; readonly ref: Ref; readonly scopes: readonly string[] }
  | { readonly type: "removeGrant"; readonly ref: Ref; readonly why: "Deleted" | "ConsentWithdrawn" | "NothingGranted" }
  | { readonly type: "publishSecret"; readonly why: string }
  | { readonly type: "removeFormerSecret"; readonly name: string }
  | { readonly type: "abandonGrant" }
  | { readonly type: "removeFinalizer" };

type Step = Plan<Action>;

const act = (...actions: Action[]): Step => ({ actions });
const wait = (reason: Reason, message: string): Step => ({ actions: [], halt: { kind: "wait", reason, message } });

/** Decides the next steps. It is asked again after they were applied, until it asks for none. */
export function plan(desired: Desired, observed: Observed): Step {
  if (desired.isAbsent) return planAbsent(observed);
  if (desired.isPaused) return { actions: [], halt: { kind: "paused" } };
  if (!observed.hasFinalizer) return act({ type: "addFinalizer" });
  const refusal = firstRefusal(observed);
  if (refusal !== undefined) return planWithdrawn(observed, refusal);
  const halt = haltOf(observed.provider);
  if (halt !== undefined) return { actions: [], halt };
  if (observed.client.state !== "ready") return wait("ClientNotReady", observed.client.message);
  if (observed.api.state !== "ready") return wait("ApiNotReady", observed.api.message);
  if (observed.remote.kind === "unread" || observed.pair === undefined)
    return wait("ProviderNotReady", "The tenant has not been read yet.");
  return planGrant(observed, observed.pair, observed.client.ref, observed.api.ref, observed.remote.grant);
}

function planGrant(observed: Observed, pair: PairView, client: Ref, api: Ref, grant: ObservedGrant | undefined): Step {
  if (grant?.isSystem === true)
    return {
      actions: [],
      halt: { kind: "stalled", reason: "NotOwned", message: "The grant belongs to the provider and is not managed." },
    };
  if (pair.scopes.length === 0 && observed.own.unknown.length > 0) return planNothingValid(observed, grant);
  if (grant === undefined)
    return act({ type: "createGrant", client, api: { ref: api, audience: pair.audience }, scopes: pair.scopes });
  if (!isSameSet(grant.scopes, pair.scopes)) return act({ type: "updateGrant", ref: grant.ref, scopes: pair.scopes });
  return planOwnSecret(observed);
}

/** Nothing that was asked for exists at the API: a grant without scopes would still issue tokens, so there is none. */
function planNothingValid(observed: Observed, grant: ObservedGrant | undefined): Step {
  if (grant !== undefined) return act({ type: "removeGrant", ref: grant.ref, why: "NothingGranted" });
  return wait("UnknownScopes", unknownScopesMessage(observed.own.unknown));
}

function planOwnSecret(observed: Observed): Step {
  if (observed.isNamespaceTerminating) return wait("Deleting", "The namespace is being deleted.");
  if (observed.formerSecrets.length > 0)
    return { actions: observed.formerSecrets.map((name) => ({ type: "removeFormerSecret", name })) };
  if (observed.secret === "notReady") return wait("ClientNotReady", "The client's credential is not there yet.");
  const decision = observed.secret === undefined ? undefined : planOutput(observed.secret);
  if (decision?.kind === "refused")
    return { actions: [], halt: { kind: "stalled", reason: decision.reason, message: decision.message } };
  if (decision?.kind === "publish") return act({ type: "publishSecret", why: decision.why });
  if (!observed.isCarriedByClient) return wait("ClientNotReady", "Waiting until the client's Secret lists this grant.");
  return act();
}

/** Consent that was taken back takes access away at once; what others of the pair still may ask for stays. */
function planWithdrawn(observed: Observed, message: string): Step {
  const removal = removalOf(observed, "ConsentWithdrawn");
  return removal === undefined ? wait("NotAllowedOrMissing", message) : act(removal);
}

function planAbsent(observed: Observed): Step {
  if (!observed.hasFinalizer) return act();
  if (observed.provider.state !== "ready" || observed.remote.kind === "unread") {
    if (!observed.mayHaveMade) return act({ type: "removeFinalizer" });
    if (observed.mayAbandon) return act({ type: "abandonGrant" }, { type: "removeFinalizer" });
    return wait("ProviderNotReady", "Waiting for the provider in order to take the grant away there.");
  }
  const removal = removalOf(observed, "Deleted");
  return removal === undefined ? act({ type: "removeFinalizer" }) : act(removal, { type: "removeFinalizer" });
}

/** Takes away only what no other grant of the pair asks for. */
function removalOf(observed: Observed, why: "Deleted" | "ConsentWithdrawn"): Action | undefined {
  const grant = observed.remote.kind === "read" ? observed.remote.grant : undefined;
  if (grant === undefined || grant.isSystem) return undefined;
  if (observed.pair === undefined || !observed.pair.isWanted) return { type: "removeGrant", ref: grant.ref, why };
  if (isSameSet(grant.scopes, observed.pair.scopes)) return undefined;
  return { type: "updateGrant", ref: grant.ref, scopes: observed.pair.scopes };
}

function firstRefusal(observed: Observed): string | undefined {
  const { client, api, provider } = observed;
  if (provider.state === "refused") return provider.message;
  if (client.state === "refused") return client.message;
  return api.state === "refused" ? api.message : undefined;
}

export function unknownScopesMessage(unknown: readonly string[]): string {
  return `The API does not have: ${unknown.join(", ")}. Add them to the OAuthApi or take them out of this grant.`;
}

/** The order of scopes says nothing: providers keep it as sent. */
export function isSameSet(left: readonly string[], right: readonly string[]): boolean {
  const members = new Set(left);
  return members.size === new Set(right).size && right.every((scope) => members.has(scope));
}
