import type { Plan } from "../../controller/reconcile.ts";
import type { ObservedGrant, Ref } from "../../ports/provider.ts";
import { stepsOf } from "../../controller/steps.ts";
import { planOutput } from "../outputs/decide.ts";
import { changeOf, narrowingTo } from "./change.ts";
import { organizationsMessage } from "../access/refused-organizations.ts";
import { isObserveOnly, isOwnWish, observedOnly } from "../access/observe-only.ts";
import { deletionText, haltOf, type ProviderAccess } from "../access/provider-access.ts";
import { isLeft } from "../access/requested-scopes.ts";
import type { Reason } from "../status/reasons.ts";
import { LIFTS } from "./halts.ts";
import type { Action, Desired, Observed, PairView } from "./model.ts";
import { isUndecided, narrowingOf, organizationsWithdrawn } from "./narrowing.ts";
import { PREVIEW } from "./preview.ts";
import { scopeProblem } from "./scope-problem.ts";
import { unsupportedFields } from "./unsupported-fields.ts";

type Step = Plan<Action>;

const { act, awaiting, nothing, unmet, unmetUntil, wait, waitUntil, stalled } = stepsOf<Action, Reason, typeof LIFTS>(
  LIFTS,
);

/** What only the tenant knows is read again this often. */
const REMOTE_RETRY_MS = 60_000;

/** Decides the next steps. The loop applies them and calls it again, until it returns none. */
export function plan(desired: Desired, observed: Observed, now: Date): Step {
  if (!isObserveOnly(observed.provider)) return planSteps(desired, observed, now);
  const loss = isOwnWish(observed.provider) && !desired.isAbsent ? lossOf(observed) : undefined;
  if (loss !== undefined && loss.actions.length > 0) return loss;
  return observedOnly(desired.isAbsent, observed, PREVIEW, (seen) => planSteps(desired, seen, now));
}

/** What consent no longer allows, whatever the resource itself requests. */
function lossOf(observed: Observed): Step | undefined {
  const refusal = firstRefusal(observed);
  if (refusal !== undefined) return planWithdrawn(observed, refusal);
  const narrower = organizationsWithdrawn(observed) ?? narrowingOf(observed);
  return narrower === undefined ? undefined : act(narrower);
}

/** Access that is no longer allowed is always withdrawn: what prevents more access does not prevent less. */
function planSteps(desired: Desired, observed: Observed, now: Date): Step {
  if (desired.isAbsent) return planAbsent(observed);
  const isRefused = firstRefusal(observed) !== undefined;
  // First and by itself: nothing else that the tenant refuses keeps it.
  const withdrawn = isRefused ? undefined : organizationsWithdrawn(observed);
  if (withdrawn !== undefined) return act(withdrawn);
  const step = planLiving(desired, observed, now);
  if (step.actions.length > 0 || isRefused) return step;
  const narrowing = narrowingOf(observed);
  return narrowing === undefined ? step : act(narrowing);
}

function planLiving(desired: Desired, observed: Observed, now: Date): Step {
  const refusal = firstRefusal(observed);
  const withdrawal = refusal === undefined ? undefined : planWithdrawn(observed, refusal);
  if (withdrawal !== undefined && withdrawal.actions.length > 0) return withdrawal;
  const isBare = !observed.hasFinalizer && !observed.isNew;
  if (desired.isPaused && !isBare) return { actions: [], halt: { kind: "paused" } };
  if (!observed.hasFinalizer) return act({ type: "addFinalizer" });
  if (withdrawal !== undefined) return withdrawal;
  return planUsable(desired, observed, now);
}

/** Where no provider is known, because neither side is, the plan says which side is missing. */
function planUsable(desired: Desired, observed: Observed, now: Date): Step {
  const unusable = planUnusable(desired, observed);
  if (unusable !== undefined && observed.isProviderNamed) return unusable;
  return notReady(observed, now) ?? unusable ?? planPair(observed, now);
}

/** The provider cannot be used, or not for this. */
function planUnusable(desired: Desired, { provider }: Observed): Step | undefined {
  const halt = haltOf(provider);
  if (halt !== undefined) return { actions: [], halt };
  const unsupported = unsupportedIn(desired, provider);
  return unsupported === undefined ? undefined : stalled("UnsupportedByProvider", unsupported);
}

function unsupportedIn({ asksFor }: Desired, access: ProviderAccess): string | undefined {
  if (access.state !== "ready") return undefined;
  return unsupportedFields(asksFor, access.facts);
}

function notReady({ client, api }: Observed, now: Date): Step | undefined {
  const retryAt = new Date(now.getTime() + REMOTE_RETRY_MS);
  const waitFor = (peer: typeof client, reason: "ClientNotReady" | "ApiNotReady"): Step | undefined => {
    if (peer.state !== "notReady") return undefined;
    if (peer.isRemote === true) return unmetUntil(reason, peer.message, retryAt);
    if (peer.isMissing === true) return unmet(reason, peer.message);
    return peer.isUnderWay === true ? awaiting(reason, peer.message) : wait(reason, peer.message);
  };
  return waitFor(client, "ClientNotReady") ?? waitFor(api, "ApiNotReady");
}

function planPair(observed: Observed, now: Date): Step {
  const { client, api, conflict, pair, remote } = observed;
  if (conflict !== undefined)
    return stalled(
      "Conflict",
      `ScopeGrant ${observed.names.namespace}/${conflict.winner} for the same client and API has another value in ${conflict.field} and is older. This one adds nothing until both have the same value. Change one of them.`,
    );
  if (remote.kind === "unread") return planUnread(observed);
  if (pair === undefined || client.state !== "ready" || api.state !== "ready")
    return wait("ProviderNotReady", "The tenant has not been read yet.");
  return planGrant(observed, pair, client.ref, api.ref, remote.grant, now);
}

/** What the tenant holds is not known again yet. What is published needs no read there. */
function planUnread(observed: Observed): Step {
  const step = planOwnSecret(observed);
  return step.actions.length > 0 ? step : wait("ProviderNotReady", "The tenant has not been read yet.");
}

function planGrant(
  observed: Observed,
  pair: PairView,
  client: Ref,
  api: Ref,
  grant: ObservedGrant | undefined,
  now: Date,
): Step {
  if (grant?.isSystem === true)
    return stalled(
      "NotOwned",
      `The grant of client ${grant.client} on ${grant.audience} belongs to the tenant itself, and the operator does not manage it. Delete this ScopeGrant.`,
    );
  if (!pair.isWanted) return planNothingValid(observed, grant);
  if (grant === undefined) return act(creation(pair, client, api));
  if (observed.isClientAdopted && observed.isNew && observed.origin === "Made")
    return act({ type: "adoptGrant", ref: grant.ref });
  if (grant.duplicates.length > 0)
    return { actions: grant.duplicates.map((ref): Action => ({ type: "removeDuplicateGrant", ref })) };
  const change = changeOf(pair, grant, observed);
  if (Object.keys(change).length > 0) return act({ type: "updateGrant", ref: grant.ref, change });
  const organizations = organizationsMessage(observed.organizations, {
    namespace: observed.names.namespace,
    object: objectOf(observed.provider),
  });
  if (organizations !== undefined)
    return unmetUntil("OrganizationNotFound", organizations, new Date(now.getTime() + REMOTE_RETRY_MS));
  return planOwnSecret(observed);
}

const objectOf = (access: ProviderAccess): string =>
  access.state === "ready" ? access.facts.object : "the provider object";

function creation(
  { audience, scopes, organizations, lifetimeSeconds }: PairView,
  client: Ref,
  api: Ref,
): Extract<Action, { type: "createGrant" }> {
  return {
    type: "createGrant",
    client,
    api: { ref: api, audience },
    scopes,
    ...(organizations === undefined ? {} : { organizations }),
    ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
  };
}

/** Nothing of what is requested exists and is allowed: a grant without scopes would still issue tokens, so there is none. */
function planNothingValid(observed: Observed, grant: ObservedGrant | undefined): Step {
  const isOurs = !(observed.isClientAdopted && wasThereBefore(observed));
  if (grant === undefined || !isOurs) return planScopes(observed);
  if (observed.heldRevocation !== undefined) return stalled("MassRevocation", observed.heldRevocation);
  return act({ type: "removeGrant", ref: grant.ref, why: "NothingGranted" });
}

function planOwnSecret(observed: Observed): Step {
  if (observed.isNamespaceTerminating) return wait("Deleting", "The namespace is being deleted.");
  if (observed.formerSecrets.length > 0)
    return { actions: observed.formerSecrets.map((name) => ({ type: "removeFormerSecret", name })) };
  if (!isLeft(observed.own)) return planScopes(observed);
  if (observed.secret === "notReady")
    return wait(
      "ClientNotReady",
      `The operator has not stored the credential of ${observed.names.client}. Read its condition.`,
    );
  const decision = observed.secret === undefined ? undefined : planOutput(observed.secret);
  if (decision?.kind === "refused") return stalled(decision.reason, decision.message);
  if (decision?.kind === "publish") return act({ type: "publishSecret", why: decision.why });
  if (!observed.isCarriedByClient)
    return wait(
      "ClientNotReady",
      `The Secret of ${observed.names.client} does not list this grant. Read the condition of ${observed.names.client}.`,
    );
  // What is left of the request was granted and published, and it is not what the spec says.
  return planScopes(observed);
}

function planScopes(observed: Observed): Step {
  const problem = scopeProblem(observed);
  return problem === undefined ? nothing : unmet(problem.reason, problem.message);
}

/** Withdrawn consent removes access at once. Scopes that other ScopeGrants of the pair may request stay. */
function planWithdrawn(observed: Observed, { reason = "NotAllowedOrMissing", message }: Refusal): Step {
  const removal = isUndecided(observed) ? undefined : removalOf(observed, "ConsentWithdrawn");
  if (removal?.type === "removeGrant" && observed.heldRevocation !== undefined)
    return stalled("MassRevocation", observed.heldRevocation);
  return removal === undefined ? unmet(reason, message) : act(removal);
}

function planAbsent(observed: Observed): Step {
  if (!observed.hasFinalizer) return nothing;
  const { abandonment } = observed;
  if (observed.provider.state !== "ready" || observed.remote.kind === "unread" || abandonment.mayAbandon) {
    if (!observed.mayHaveMade) return act({ type: "removeFinalizer" });
    if (abandonment.mayAbandon) return act({ type: "abandonGrant" }, { type: "removeFinalizer" });
    return waitUntil("ProviderNotReady", deletionText(observed.provider, "the grant"), abandonment.checkAt);
  }
  const removal = wasThereBefore(observed) ? undefined : removalOf(observed, "Deleted");
  return removal === undefined ? act({ type: "removeFinalizer" }) : act(removal, { type: "removeFinalizer" });
}

/** Grants that existed before this resource stay when it is deleted. On an adopted client, these are all that it has no record of. */
function wasThereBefore(observed: Observed): boolean {
  return observed.origin === "Adopted" || isUndecided(observed);
}

/** Removes only what no other ScopeGrant of the pair requests. */
function removalOf(observed: Observed, why: "Deleted" | "ConsentWithdrawn"): Action | undefined {
  const grant = observed.remote.kind === "read" ? observed.remote.grant : undefined;
  if (grant === undefined || grant.isSystem) return undefined;
  if (observed.pair === undefined || !observed.pair.isWanted) return { type: "removeGrant", ref: grant.ref, why };
  const change = narrowingTo(observed.pair, grant, observed);
  if (change === undefined) return { type: "removeGrant", ref: grant.ref, why };
  return Object.keys(change).length === 0 ? undefined : { type: "updateGrant", ref: grant.ref, change };
}

interface Refusal {
  readonly reason?: "NotAllowedOrMissing" | "ProvidersDiffer";
  readonly message: string;
}

function firstRefusal({ client, api, provider, names, isProviderNamed }: Observed): Refusal | undefined {
  if (provider.state === "refused" && isProviderNamed)
    return { message: provider.uid === undefined ? missingProviderText(names) : provider.message };
  if (client.state === "refused") return client;
  return api.state === "refused" ? api : undefined;
}

/** The reference is another resource's, and that one says what to do about it. */
const missingProviderText = ({ provided }: Observed["names"]): string =>
  `The provider object of ${provided} does not exist. Read the condition of ${provided}.`;
