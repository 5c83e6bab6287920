import type { Reason } from "../../controller/reasons.ts";
import type { Plan } from "../../controller/reconcile.ts";
import type { GrantChange, GrantOrganizations, ObservedGrant, Ref } from "../../ports/provider.ts";
import { type OutputView, planOutput } from "../outputs-plan.ts";
import { isObserveOnly, observedOnly } from "../observe-only.ts";
import { haltOf, type ProviderAccess } from "../provider-access.ts";

export interface Desired {
  readonly isAbsent: boolean;
  readonly isPaused: boolean;
}

/** The client or the API, as far as a grant depends on it. */
export type PeerView =
  | { readonly state: "ready"; readonly ref: Ref }
  /** There, and not usable yet. Its own status says why. `isRemote`: only the tenant knows, and tells nobody. */
  | { readonly state: "notReady"; readonly message: string; readonly isRemote?: true }
  /** Not there or, across namespaces, not allowed: one answer for both. */
  | { readonly state: "refused"; readonly message: string };

/** What all grants of this (client, API) pair ask for together: the provider holds one grant for the pair. */
export interface PairView {
  readonly audience: string;
  /** Union of the valid scopes of every grant of the pair that is not being deleted and has consent; sorted. */
  readonly scopes: readonly string[];
  /** One of them asks for every scope, so that a remote grant of all is as good as a list. */
  readonly isAllScopes: boolean;
  /** Absent: none of them speaks of organizations, and nothing about them is sent. */
  readonly organizations?: GrantOrganizations;
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
  /** An earlier ScopeGrant of the pair says otherwise: this one contributes nothing. */
  readonly conflict: { readonly field: string; readonly winner: string } | undefined;
  readonly organizations: {
    readonly known: readonly { readonly id: string; readonly name: string }[];
    readonly missing: readonly string[];
  };
  /** Why grants are not taken away although consent was: too many at once. */
  readonly heldRevocation: string | undefined;
  readonly origin: "Made" | "Adopted";
  readonly isClientAdopted: boolean;
  /** Nothing was recorded of a remote grant yet. */
  readonly isNew: boolean;
  /** Scopes that resources were granted on this pair so far. */
  readonly owned: readonly string[];
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
      readonly organizations?: GrantOrganizations;
    }
  /** A grant that was there already on an adopted client. */
  | { readonly type: "adoptGrant"; readonly ref: Ref }
  | { readonly type: "updateGrant"; readonly ref: Ref; readonly change: GrantChange }
  | { readonly type: "removeGrant"; readonly ref: Ref; readonly why: "Deleted" | "ConsentWithdrawn" | "NothingGranted" }
  | { readonly type: "publishSecret"; readonly why: string }
  | { readonly type: "removeFormerSecret"; readonly name: string }
  | { readonly type: "abandonGrant" }
  | { readonly type: "removeFinalizer" };

type Step = Plan<Action>;

const act = (...actions: Action[]): Step => ({ actions });
const wait = (reason: Reason, message: string, until?: Date): Step => ({
  actions: [],
  halt: { kind: "wait", reason, message, ...(until === undefined ? {} : { until }) },
});
const stalled = (reason: Reason, message: string): Step => ({
  actions: [],
  halt: { kind: "stalled", reason, message },
});

/** What only the tenant knows is looked for again this often. */
const REMOTE_RETRY_MS = 60_000;

/** Decides the next steps. It is asked again after they were applied, until it asks for none. */
export function plan(desired: Desired, observed: Observed, now: Date): Step {
  return isObserveOnly(observed.provider)
    ? observedOnly(desired.isAbsent, observed, (seen) => planSteps(desired, seen, now))
    : planSteps(desired, observed, now);
}

function planSteps(desired: Desired, observed: Observed, now: Date): Step {
  if (desired.isAbsent) return planAbsent(observed);
  if (desired.isPaused) return { actions: [], halt: { kind: "paused" } };
  if (!observed.hasFinalizer) return act({ type: "addFinalizer" });
  const refusal = firstRefusal(observed);
  if (refusal !== undefined) return planWithdrawn(observed, refusal);
  const halt = haltOf(observed.provider);
  if (halt !== undefined) return { actions: [], halt };
  return notReady(observed, now) ?? planPair(observed, now);
}

function notReady({ client, api }: Observed, now: Date): Step | undefined {
  if (client.state === "notReady") return wait("ClientNotReady", client.message);
  if (api.state !== "notReady") return undefined;
  const until = api.isRemote === true ? new Date(now.getTime() + REMOTE_RETRY_MS) : undefined;
  return wait("ApiNotReady", api.message, until);
}

function planPair(observed: Observed, now: Date): Step {
  const { client, api, conflict, pair, remote } = observed;
  if (conflict !== undefined)
    return stalled(
      "Conflict",
      `ScopeGrant "${conflict.winner}" came first and says otherwise in ${conflict.field}; this one adds nothing until they agree.`,
    );
  if (remote.kind === "unread" || pair === undefined || client.state !== "ready" || api.state !== "ready")
    return wait("ProviderNotReady", "The tenant has not been read yet.");
  return planGrant(observed, pair, client.ref, api.ref, remote.grant, now);
}

function planGrant(
  observed: Observed,
  pair: PairView,
  client: Ref,
  api: Ref,
  grant: ObservedGrant | undefined,
  now: Date,
): Step {
  if (grant?.isSystem === true) return stalled("NotOwned", "The grant belongs to the provider and is not managed.");
  if (pair.scopes.length === 0 && observed.own.unknown.length > 0) return planNothingValid(observed, grant);
  const { audience, scopes, organizations } = pair;
  if (grant === undefined) {
    const wish = organizations === undefined ? {} : { organizations };
    return act({ type: "createGrant", client, api: { ref: api, audience }, scopes, ...wish });
  }
  if (observed.isClientAdopted && observed.isNew && observed.origin === "Made")
    return act({ type: "adoptGrant", ref: grant.ref });
  const change = changeOf(pair, grant, observed);
  if (Object.keys(change).length > 0) return act({ type: "updateGrant", ref: grant.ref, change });
  const { missing } = observed.organizations;
  if (missing.length > 0)
    return wait(
      "OrganizationNotFound",
      `The tenant has no organization ${missing.map((name) => `"${name}"`).join(", ")} (spec.organizations.names).`,
      new Date(now.getTime() + REMOTE_RETRY_MS),
    );
  return planOwnSecret(observed);
}

/** Only what differs. On an adopted client, scopes that no resource has ever asked for stay. */
export function changeOf(
  pair: PairView,
  grant: ObservedGrant,
  { isClientAdopted, owned }: Pick<Observed, "isClientAdopted" | "owned">,
): GrantChange {
  const kept = isClientAdopted ? grant.scopes.filter((scope) => !owned.includes(scope)) : [];
  const scopes = [...new Set([...pair.scopes, ...kept])].sort();
  const isWhole = grant.allScopes && (pair.isAllScopes || isClientAdopted);
  const { organizations } = pair;
  return {
    ...(isWhole || (!grant.allScopes && isSameSet(grant.scopes, scopes)) ? {} : { scopes }),
    ...(organizations === undefined || isSameOrganizations(organizations, grant.organizations)
      ? {}
      : { organizations }),
  };
}

function isSameOrganizations(wanted: GrantOrganizations, present: ObservedGrant["organizations"]): boolean {
  return (
    wanted.usage === present.usage &&
    (wanted.any ?? present.any) === present.any &&
    (wanted.ids === undefined || isSameSet(wanted.ids, present.ids ?? []))
  );
}

/** Nothing that was asked for exists at the API: a grant without scopes would still issue tokens, so there is none. */
function planNothingValid(observed: Observed, grant: ObservedGrant | undefined): Step {
  const isOurs = !(observed.isClientAdopted && (observed.isNew || observed.origin === "Adopted"));
  if (grant !== undefined && isOurs) return act({ type: "removeGrant", ref: grant.ref, why: "NothingGranted" });
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
  if (removal !== undefined && observed.heldRevocation !== undefined)
    return stalled("MassRevocation", observed.heldRevocation);
  return removal === undefined ? wait("NotAllowedOrMissing", message) : act(removal);
}

function planAbsent(observed: Observed): Step {
  if (!observed.hasFinalizer) return act();
  if (observed.provider.state !== "ready" || observed.remote.kind === "unread") {
    if (!observed.mayHaveMade) return act({ type: "removeFinalizer" });
    if (observed.mayAbandon) return act({ type: "abandonGrant" }, { type: "removeFinalizer" });
    return wait("ProviderNotReady", "Waiting for the provider in order to take the grant away there.");
  }
  // What was there before this resource stays when it goes.
  const removal = observed.origin === "Adopted" ? undefined : removalOf(observed, "Deleted");
  return removal === undefined ? act({ type: "removeFinalizer" }) : act(removal, { type: "removeFinalizer" });
}

/** Takes away only what no other grant of the pair asks for. */
function removalOf(observed: Observed, why: "Deleted" | "ConsentWithdrawn"): Action | undefined {
  const grant = observed.remote.kind === "read" ? observed.remote.grant : undefined;
  if (grant === undefined || grant.isSystem) return undefined;
  if (observed.pair === undefined || !observed.pair.isWanted) return { type: "removeGrant", ref: grant.ref, why };
  const change = changeOf(observed.pair, grant, observed);
  return Object.keys(change).length === 0 ? undefined : { type: "updateGrant", ref: grant.ref, change };
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
