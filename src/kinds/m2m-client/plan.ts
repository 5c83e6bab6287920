import type { AuthenticationMethod, ObservedClient } from "../../ports/provider.ts";
import { isOwnedBy } from "../../ownership/owner.ts";
import { noOrganization } from "../access/refused-organizations.ts";
import { isObserveOnly, isOwnWish, observedOnly } from "../access/observe-only.ts";
import { haltOf, type ProviderAccess, type ProviderFacts } from "../access/provider-access.ts";
import { changeOf } from "./change.ts";
import type { Action, Desired, Observed, RemoteView } from "./model.ts";
import { planAbsent } from "./plan-absent.ts";
import { planAdoptable, planNotOurs, planPredecessor } from "./plan-not-ours.ts";
import {
  currentOf,
  hasKey,
  isAdopted,
  isNextMethod,
  isPublishable,
  mayPublish,
  planCredential,
} from "./credential/plan.ts";
import { formerAt, planPublication, planUnmanaged, pruneAt } from "./publication/plan.ts";
import { planRotation, type RotationPlan } from "./rotation/plan.ts";
import { soonest, timesOf } from "./plan-times.ts";
import { serviceAccountHalt } from "./plan-service-account.ts";
import { algorithmOf, refusalOfSpec, resolved } from "./plan-spec.ts";
import type { CredentialFacts } from "../state-secret/facts.ts";
import { previewFor } from "./preview.ts";
import { act, nothing, refusalOf, stalled, type Step, unmetUntil, unmet, wait, waitUntil } from "./plan-steps.ts";

const halted = (access: ProviderAccess): Step => {
  const halt = haltOf(access);
  return halt === undefined ? { actions: [] } : { actions: [], halt };
};

/** Decides the next steps. The loop applies them and calls it again, until it returns none. */
export function plan(desired: Desired, observed: Observed, now: Date): Step {
  if (!isObserveOnly(observed.provider)) return planSteps(desired, observed, now);
  const losses = isOwnWish(observed.provider) && !desired.isAbsent ? lossesOf(desired, observed) : [];
  if (losses.length > 0) return { actions: losses };
  return observedOnly(desired.isAbsent, observed, previewFor(desired), (seen) => planSteps(desired, seen, now));
}

/** Access that is taken away whatever else keeps the client as it is: nobody requests it, or consent does not allow it. */
function lossesOf(desired: Desired, observed: Observed): readonly Action[] {
  const leftBehind = leftBehindOf(observed);
  if (leftBehind.length > 0) return leftBehind;
  const withdrawal = organizationWithdrawn(desired, observed);
  return withdrawal === undefined ? [] : [withdrawal];
}

const leftBehindOf = ({ leftBehind = [] }: Observed): readonly Action[] =>
  leftBehind.map((ref) => ({ type: "removeUnmanagedGrant", ref }));

function planSteps(desired: Desired, observed: Observed, now: Date): Step {
  if (desired.isAbsent) return planAbsent(desired, observed);
  // Whatever else keeps the client as it is does not keep access that nobody requests.
  const leftBehind = leftBehindOf(observed);
  if (leftBehind.length > 0) return { actions: leftBehind };
  // Somebody removed it. Without it, deleting the resource would leave its client at the tenant.
  if (!observed.hasFinalizer && observed.mayHaveMade === true) return act({ type: "addFinalizer" });
  const withdrawal = organizationWithdrawn(desired, observed);
  if (withdrawal !== undefined) return act(withdrawal);
  if (desired.isPaused) return { actions: [], halt: { kind: "paused" } };
  if (observed.provider.state !== "ready") return halted(observed.provider);
  const refusal = refusalOfSpec(desired, observed.provider.facts);
  if (refusal !== undefined) return refusal;
  if (observed.state.ownership === "foreign") return stateSecretTaken(desired, observed);
  if (!observed.hasFinalizer) return act({ type: "addFinalizer" });
  return planRemote(desired, observed, observed.provider.facts, now);
}

/** Withdrawn consent removes the default organization from the client, whatever the state of the resource. */
function organizationWithdrawn(desired: Desired, observed: Observed): Action | undefined {
  const { isOrganizationWithdrawn, provider, remote } = observed;
  if (isOrganizationWithdrawn !== true || remote.kind !== "found" || provider.state !== "ready") return undefined;
  if (refusalOf(remote.client, desired.owner, provider.facts, observed.mayRecover) !== undefined) return undefined;
  return { type: "updateClient", ref: remote.client.ref, change: { defaultOrganization: null }, remark: undefined };
}

function planRemote(desired: Desired, observed: Observed, facts: ProviderFacts, now: Date): Step {
  const { remote } = observed;
  if (observed.organization !== undefined && observed.organization.id === undefined)
    return unmetUntil(
      "OrganizationNotFound",
      noOrganization([desired.defaultOrganization ?? ""], "spec.defaultOrganization", {
        namespace: desired.names.namespace,
        object: facts.object,
      }),
      new Date(now.getTime() + ORGANIZATION_RETRY_MS),
    );
  switch (remote.kind) {
    case "unread":
      return wait("ProviderNotReady", "The tenant has not been read yet.");
    case "unsettled":
      return waitUntil(
        "Progressing",
        "The outcome of an earlier create request is not known. The operator waits until the tenant shows it.",
        remote.until,
      );
    case "absent":
      return planAbsentRemote(desired, observed, facts, now);
    case "notOurs":
      return planNotOurs(desired, facts, remote.client);
    case "adoptable":
      return planAdoptable(desired, observed, facts, remote.client, now, (client) =>
        planFound(desired, observed, facts, taken(client), now),
      );
    case "madeByPredecessor":
      return observed.mayRecover
        ? planFound(desired, observed, facts, taken(remote.client), now)
        : planPredecessor(remote.client);
    case "found":
      return planFound(desired, observed, facts, remote, now);
  }
}

/** The tenant sends no event when an organization is created, so check again this often. */
const ORGANIZATION_RETRY_MS = 60_000;

/** A private key is stored before anything is created with it. */
function planAbsentRemote(desired: Desired, observed: Observed, facts: ProviderFacts, now: Date): Step {
  if (observed.isNamespaceTerminating) return wait("Deleting", "The namespace is being deleted.");
  const unavailable = serviceAccountHalt(desired, observed, now);
  if (unavailable !== undefined) return unavailable;
  const spec = resolved(desired, observed, facts);
  const algorithm = algorithmOf(desired, facts);
  const needsKey = spec.authenticationMethod === "private_key_jwt" && desired.keys.publicKeys === undefined;
  const hasOne = isObserveOnly(observed.provider) || hasKey(observed.state, algorithm);
  if (needsKey && !hasOne) return act({ type: "prepareKey", algorithm });
  return act({ type: "createClient", spec, owner: desired.owner });
}

const taken = (client: ObservedClient): Extract<RemoteView, { kind: "found" }> => ({
  kind: "found",
  client,
  duplicates: [],
});

function planFound(
  desired: Desired,
  observed: Observed,
  facts: ProviderFacts,
  remote: Extract<RemoteView, { kind: "found" }>,
  now: Date,
): Step {
  const { client, duplicates } = remote;
  const refusal = refusalOf(client, desired.owner, facts, observed.mayRecover) ?? planUnnamed(desired, client);
  if (refusal !== undefined) return refusal;
  const unavailable = serviceAccountHalt(desired, observed, now);
  const current = currentOf({ observed, client });
  // Nothing of the operator is in force: all waits, so that nothing is written.
  if (unavailable !== undefined && current === undefined) return unavailable;
  const actions: Action[] = duplicates.map((ref) => ({ type: "removeDuplicateClient", ref }));
  actions.push(...updateOf(desired, observed, facts, client));
  if (actions.length > 0) return { actions };
  // What is in force stays in force until the service account can be used.
  const authentication =
    unavailable === undefined || current === undefined
      ? { method: wantedMethod(desired, observed, facts, client), subject: desired.serviceAccount?.subject }
      : { method: current.authenticationMethod, subject: subjectIn(current) };
  const settled = planCredentials({ desired, observed, client, facts, ...authentication }, now);
  return settled.actions.length > 0 ? settled : (unavailable ?? settled);
}

function planCredentials(asked: Omit<RotationPlan, "algorithm">, now: Date): Step {
  const { desired, observed, facts } = asked;
  const common = { ...asked, algorithm: algorithmOf(desired, facts) };
  const credential = planCredential({ ...common, propagationMs: facts.capabilities.propagationMs, now });
  if (credential !== undefined) return act(credential);
  const wanted = planRotation(common, now);
  // Where nothing is done, what holds a rotation up is no news.
  const rotation = isObserveOnly(observed.provider) && wanted.actions.length === 0 ? nothing : wanted;
  return rotation.actions.length > 0 ? rotation : planSettled(common, rotation, now);
}

const subjectIn = (facts: CredentialFacts): string | undefined =>
  facts.kind === "serviceAccount" ? facts.subject : undefined;

/** An adopted client keeps its method unless the spec names one. Its service account may be another namespace's. */
function planUnnamed({ owns, serviceAccount }: Desired, client: ObservedClient): Step | undefined {
  if (owns.authenticationMethod || serviceAccount !== undefined || client.authenticationMethod !== "kubernetes")
    return undefined;
  return stalled(
    "InvalidRequest",
    `Client ${client.clientId} authenticates with a service account. Name it in spec.authentication.serviceAccount with method: kubernetes, or set another method.`,
  );
}

function updateOf(
  desired: Desired,
  observed: Observed,
  facts: ProviderFacts,
  client: ObservedClient,
): readonly Action[] {
  const adopted = isAdopted(desired, observed) || (client.mark === undefined && observed.origin === "Adopted");
  const isMarked = isOwnedBy(client.mark, desired.owner) && client.mark?.object === desired.owner.object;
  const remark = isMarked ? undefined : (client.mark?.origin ?? (adopted ? "adopted" : "made"));
  // In ObserveOnly mode every difference is reported, including one that a rotation would remove.
  const methodOf = isObserveOnly(observed.provider) ? wantedMethod : methodInForce;
  const method = methodOf(desired, observed, facts, client);
  const change = changeOf(
    desired.owns,
    adopted,
    { ...resolved(desired, observed, facts), authenticationMethod: method },
    client,
  );
  if (remark === undefined && Object.keys(change).length === 0) return [];
  return [{ type: "updateClient", ref: client.ref, change, remark }];
}

/** What the client finally authenticates with. An adopted one keeps its method unless the spec names one. */
function wantedMethod(
  desired: Desired,
  observed: Observed,
  facts: ProviderFacts,
  client: ObservedClient,
): AuthenticationMethod {
  const wanted = resolved(desired, observed, facts).authenticationMethod;
  const keepsOwn = isAdopted(desired, observed) && !desired.owns.authenticationMethod;
  return keepsOwn ? (client.authenticationMethod ?? wanted) : wanted;
}

/** What it authenticates with until then: a change of method is a rotation, and one made by hand is undone. */
function methodInForce(
  desired: Desired,
  observed: Observed,
  facts: ProviderFacts,
  client: ObservedClient,
): AuthenticationMethod {
  const { next } = observed.state;
  const current = currentOf({ observed, client });
  const wanted = wantedMethod(desired, observed, facts, client);
  // Nothing of the user's own keys is in the state Secret: they are registered at once.
  if (wanted === "private_key_jwt" && desired.keys.publicKeys !== undefined) return wanted;
  const present = client.authenticationMethod ?? wanted;
  return current === undefined || isNextMethod(client, next, current) ? present : current.authenticationMethod;
}

function planSettled(plan: RotationPlan, rotation: Step, now: Date): Step {
  const { desired, observed, facts } = plan;
  const step =
    planUnshared(plan) ??
    planUnmanaged(desired, observed, now) ??
    planUnreadable(plan) ??
    planPublication(desired, observed, facts, now);
  if (step.actions.length > 0) return step;
  // What is published stays right while a rotation waits.
  const halt = step.halt ?? rotation.halt;
  const times = [step, rotation, pruneAt(desired, observed), formerAt(desired, observed, now)].flatMap(timesOf);
  if (halt === undefined) return soonest(times);
  // What is due already waits for whatever lifts the halt.
  return { ...soonest(times.filter(({ recheckAt }) => recheckAt > now)), halt };
}

/** The credential of an adopted client belongs to those who used it before. */
function planUnshared({ desired, observed, client, facts }: RotationPlan): Step | undefined {
  if (mayPublish(desired, observed) || isPublishable({ desired, observed, client })) return undefined;
  return stalled(
    "CredentialNotShared",
    `Client ${client.clientId} was adopted, and others may use its credential. To publish it, ask the owner of ${facts.object} to set spec.allow[].adopt.shareCredential: true. To replace it for everybody, annotate this M2MClient with m2m-operator.io/rotate-requested-at and any new value.`,
  );
}

/** Without a readable credential, an action that publishes would find nothing to publish. */
function planUnreadable({ desired, observed, client, method }: RotationPlan): Step | undefined {
  if (isObserveOnly(observed.provider) || observed.isNamespaceTerminating) return undefined;
  if (isPublishable({ desired, observed, client })) return undefined;
  return (client.isEnabled ? wait : unmet)(
    "CredentialPending",
    client.isEnabled
      ? `The operator has not stored a credential of client ${client.clientId} yet.`
      : `The operator does not know the credential of client ${client.clientId}, and the client is disabled. Set spec.enabled: true, or enable it at the tenant: the operator then generates a new one (${method}).`,
  );
}

function stateSecretTaken({ names: { namespace, name } }: Desired, { state }: Observed): Step {
  return stalled(
    "SecretNotOwned",
    `Secret ${namespace}/${state.name} does not belong to M2MClient ${namespace}/${name}, and the operator stores credentials under this name. If nobody needs its content, delete it. Otherwise give this M2MClient another name.`,
  );
}
