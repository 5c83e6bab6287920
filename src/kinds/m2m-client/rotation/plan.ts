import { listed } from "../../../ports/listed.ts";
import type { AuthenticationMethod, ObservedClient } from "../../../ports/provider.ts";
import { volumesRenewedAt } from "./pods.ts";
import { nextRotationAt } from "./schedule.ts";
import { type RotationCause, type RotationFacts, type RotationStep, rotationStep } from "./step.ts";
import type { CredentialLife } from "../../state-secret/facts.ts";
import type { ProviderFacts } from "../../access/provider-access.ts";
import { matchesMethod, leftOver, registrationOf } from "../credential/registrations.ts";
import type { Desired, Observed, PodsView, RetiringRef } from "../model.ts";
import type { CredentialFacts } from "../../state-secret/facts.ts";
import { currentOf, differsInMethod, isAdopted, isWithoutSecret, mayPublish } from "../credential/plan.ts";
import { act, nothing, stalled, stalledUntil, type Step, unmet, waitUntil } from "../plan-steps.ts";
import { planTry } from "../plan-verification.ts";

export interface RotationPlan {
  readonly desired: Desired;
  readonly observed: Observed;
  readonly client: ObservedClient;
  readonly facts: ProviderFacts;
  /** What new credentials are to be for. */
  readonly method: AuthenticationMethod;
  /** JWS algorithm of client assertions. */
  readonly algorithm: string;
  /** `sub` of the tokens that the client is to authenticate with; `undefined` without a service account. */
  readonly subject: string | undefined;
}

/** The next step of a rotation. Without an action or a halt, the rest of the plan continues, and checks again at `recheckAt`. */
export function planRotation(plan: RotationPlan, now: Date): Step {
  const { desired, observed, client } = plan;
  const { compromisedAt } = desired.rotation;
  if (compromisedAt !== undefined && "problem" in compromisedAt)
    return stalled("InvalidRequest", compromisedAt.problem);
  if (observed.isNamespaceTerminating) return nothing;
  if (desired.keys.publicKeys !== undefined) return planOwnKeys(plan, compromisedAt?.time);
  if (isLostForGood(plan, compromisedAt?.time)) return stalled("InvalidRequest", NOTHING_TO_REVOKE);
  if (!client.isEnabled) return planSwitchedOff(plan);
  if (needsPods(plan)) return stalled("PodsNotReadable", PODS_NOT_READABLE);
  const facts = factsOf(plan, now);
  return planStep(plan, rotationStep(facts, now), facts, now);
}

type Waiting = Extract<RotationStep, { type: "wait" }>;

/** A step of the state machine as this plan says it. */
function planStep(plan: RotationPlan, step: RotationStep, facts: RotationFacts, now: Date): Step {
  const { observed, client } = plan;
  const { ref } = client;
  switch (step.type) {
    case "rest":
      return { actions: [], ...dueAt(plan, now) };
    case "publish":
      return nothing;
    case "wait":
      return blockedByPods(plan, step) ?? waiting(plan, step, facts, now);
    case "tryNext":
      return planTry(observed, plan.facts, observed.state.next?.id, "next", now) ?? act({ type: "promoteNext" });
    case "replaceCurrent":
      return act({ type: "replaceSecret", ref });
    case "prepareNext": {
      const { cause, isShown } = step;
      const isHidden = isShown && !facts.isAnnouncing;
      return act({
        ...{ type: "prepareNext", ref, cause, isShown, isHidden },
        ...{ method: plan.method, algorithm: plan.algorithm },
      });
    }
    case "registerNext":
      return act({ type: "registerNext", ref, insteadOf: step.isUrgent ? makesRoom(plan) : undefined });
    case "retirePrevious":
      return act({ type: "retirePrevious", ref, credentials: retiring(plan) });
    case "discardNext":
    case "switchToNext":
      return act({ type: step.type, ref });
    case "promoteNext":
    case "noteAnnounced":
    case "notePublished":
    case "forgetPrevious":
      return act({ type: step.type });
  }
}

function blockedByPods({ observed }: RotationPlan, { until, for: what }: Waiting): Step | undefined {
  const { pods } = observed.rotation;
  return what === "pods" && pods.kind === "unreadable"
    ? stalledUntil("PodsNotReadable", unreadablePods(pods.problem, until), until)
    : undefined;
}

const unreadablePods = (problem: string, until: Date): string =>
  `The rotation waits for Pods, and the operator may not read them (${problem}). Grant it list and watch on Pods, or set spec.rotation.waitForPods to None. Otherwise the old credential stays valid until ${until.toISOString()}.`;

const PODS_NOT_READABLE =
  "spec.rotation.waitForPods needs an operator that reads Pods. Start the operator with --pod-awareness, or set the field to None.";

/** Requested by the spec and switched off by the configuration; the default adapts. */
function needsPods({ desired, observed }: RotationPlan): boolean {
  const { waitForPods = "None" } = desired.rotation;
  return waitForPods !== "None" && !observed.rotation.mayReadPods;
}

/** Nobody gets tokens with anything that it has, and a provider may take no changes of it: all waits. */
function planSwitchedOff(plan: RotationPlan): Step {
  const current = currentOf(plan);
  if (current === undefined || matchesMethod(current, plan)) return nothing;
  return unmet(
    "CredentialPending",
    `Client ${plan.client.clientId} is disabled, so it cannot change to ${plan.method}. Set spec.enabled: true, or enable it at the tenant.`,
  );
}

const NOTHING_TO_REVOKE =
  "The client authenticates with a service account, so that the operator has no credential to revoke. Name another one in spec.authentication.serviceAccount, or set spec.enabled to false until the tokens of this one have expired.";

/** Tokens of the service account that stays are known to others. */
function isLostForGood(plan: RotationPlan, compromisedAt: Date | undefined): boolean {
  const current = currentOf(plan);
  if (current?.kind !== "serviceAccount" || compromisedAt === undefined) return false;
  return current.life.createdAt < compromisedAt && matchesMethod(current, plan);
}

/** Only who has the private halves can make new ones. */
function planOwnKeys({ observed, client }: RotationPlan, compromisedAt: Date | undefined): Step {
  const isOlder = observed.registered.some(
    ({ ref, createdAt }) =>
      client.keyRefs?.includes(ref) === true && new Date(createdAt) < (compromisedAt ?? new Date(0)),
  );
  return isOlder
    ? stalled(
        "InvalidRequest",
        "The operator cannot replace the compromised keys, since you own them. Replace them in spec.authentication.privateKeyJwt.publicKeys.",
      )
    : nothing;
}

/** A change of method shows in Ready, since spec and tenant differ until it is done; other waits continue beside it. */
function waiting(plan: RotationPlan, { until, for: what }: Waiting, facts: RotationFacts, now: Date): Step {
  const { current, next } = plan.observed.state;
  const renewed = volumesRenewedAt(current?.life.publishedAt ?? now);
  const recheckAt = what === "pods" && now < renewed && renewed < until ? renewed : until;
  const isOtherMethod =
    next !== undefined && facts.next?.isShown === true && next.authenticationMethod !== current?.authenticationMethod;
  if (!isOtherMethod) return { actions: [], recheckAt, recheckAs: "rotationDue" };
  const waitsFor = what === "pods" ? podsText(plan, until) : `the ${what}, until ${until.toISOString()}.`;
  return waitUntil(
    "Progressing",
    `Client ${plan.client.clientId} changes to ${next.authenticationMethod}. The operator waits for ${waitsFor}`,
    recheckAt,
  );
}

const MAX_PODS = 5;

function podsText({ desired, observed }: RotationPlan, until: Date): string {
  const { pods } = observed.rotation;
  const { namespace } = desired.names;
  const waiting = pods.kind === "read" ? pods.waiting : [];
  if (waiting.length === 0) return `Pods, at most until ${until.toISOString()}.`;
  const names = waiting.map((name) => `${namespace}/${name}`);
  return `Pods ${listed(names, MAX_PODS)}, at most until ${until.toISOString()}. Restart them.`;
}

function dueAt(plan: RotationPlan, now: Date): Pick<Step, "recheckAt" | "recheckAs"> {
  const recheckAt = scheduledAt(plan.desired, plan.observed, currentOf(plan), now);
  return recheckAt === undefined ? {} : { recheckAt, recheckAs: "rotationDue" };
}

/** When the next rotation by age begins; `undefined` without one. */
export function scheduledAt(
  { rotation }: Desired,
  observed: Observed,
  current: CredentialFacts | undefined,
  now: Date,
): Date | undefined {
  const { everyMs, jitter } = rotation;
  if (everyMs === undefined || current === undefined) return undefined;
  const { createdAt } = current.life;
  const { previouslyScheduledAt } = observed.rotation;
  return nextRotationAt({ createdAt, everyMs, jitter, previouslyScheduledAt }, now);
}

function factsOf(plan: RotationPlan, now: Date): RotationFacts {
  const { desired, observed, client, facts } = plan;
  const { next, previous } = observed.state;
  const current = currentOf(plan);
  const { rotation } = desired;
  const left = leftOver(observed, client);
  return {
    current: current?.life,
    next: next?.life,
    previous: previous?.life ?? lifeOfRest(left),
    isNextStale: next !== undefined && !matchesMethod(next, plan),
    cause: causeOf(plan, current, now),
    allowedAt: observed.rotation.allowedAt,
    compromisedAt:
      rotation.compromisedAt !== undefined && "time" in rotation.compromisedAt
        ? rotation.compromisedAt.time
        : undefined,
    overlap: overlapWith(plan, current),
    isPublished: observed.rotation.isPublished,
    isAnnouncing: observed.rotation.isAnnouncing,
    mayPodsHoldOld: mayHoldOld(observed.rotation.pods),
    isNextUntried: isUntried(plan),
    timing: { ...rotation, propagationMs: facts.capabilities.propagationMs },
  };
}

/** Two methods never work at a time, and neither do two service accounts. */
function overlapWith(plan: RotationPlan, current: CredentialFacts | undefined): RotationFacts["overlap"] {
  const isOtherMethod = current !== undefined && current.authenticationMethod !== plan.method;
  if (plan.method === "kubernetes" || isOtherMethod || isForeignMethod(plan, current)) return "announced";
  return overlapOf(plan);
}

/** Of two credentials of the wanted method. */
function overlapOf({ client, facts, method }: RotationPlan): RotationFacts["overlap"] {
  const { secretOverlap } = facts.capabilities;
  if (method === "private_key_jwt") return "full";
  return secretOverlap === "full" && client.lacksSecretOverlap === true ? "announced" : secretOverlap;
}

const mayHoldOld = (pods: PodsView): boolean => pods.kind !== "read" || pods.waiting.length > 0;

/** Nothing of the operator is known and the client authenticates in another way than it should. */
const isForeignMethod = ({ client, method }: RotationPlan, current: CredentialFacts | undefined): boolean =>
  current === undefined && differsInMethod(client, method);

function lifeOfRest(left: readonly { readonly createdAt: string }[]): CredentialLife | undefined {
  const [first] = left;
  return first === undefined ? undefined : { createdAt: new Date(first.createdAt), isShown: false };
}

function causeOf(plan: RotationPlan, current: CredentialFacts | undefined, now: Date): RotationCause | undefined {
  const { desired, observed } = plan;
  if (current === undefined) return isMissing(plan) ? "Missing" : undefined;
  if (!matchesMethod(current, plan)) return "MethodChanged";
  if (current.kind === "serviceAccount") return undefined;
  const { request } = desired.rotation;
  if (request !== undefined && request !== current.request) return "Requested";
  const scheduled = scheduledAt(desired, observed, current, now);
  const isDue = scheduled !== undefined && scheduled <= now;
  // What cannot be published is not replaced without need.
  return isDue && observed.blocked === undefined ? "Due" : undefined;
}

/** A secret that the provider shows is stored instead; one that belongs to others is only added to. */
function isMissing(plan: RotationPlan): boolean {
  const { desired, observed, client, method } = plan;
  if (differsInMethod(client, method))
    return !isAdopted(desired, observed) || isForeignAllowed(desired, observed, client);
  if (isWithoutSecret(method)) return true;
  return isAdopted(desired, observed) && !mayPublish(desired, observed) && overlapOf(plan) === "full";
}

/** The spec says how an adopted client is to authenticate, and nobody here uses what it had: a private key never leaves its owner. */
const isForeignAllowed = (desired: Desired, observed: Observed, client: ObservedClient): boolean =>
  isAdopted(desired, observed) &&
  desired.owns.authenticationMethod &&
  (!mayPublish(desired, observed) || isWithoutSecret(client.authenticationMethod));

/** One token shows that the next credential works before anybody gets it. */
function isUntried({ observed, facts }: RotationPlan): boolean {
  const { state, verification, verifiableAudience, unverifiableBecause } = observed;
  const isPossible =
    facts.verificationPolicy !== "Never" && unverifiableBecause === undefined && verifiableAudience !== undefined;
  const isTried = verification?.credentialId === state.next?.id && verification?.result !== "Refused";
  return isPossible && !isTried;
}

/** If there is no room for another credential, the compromised one is revoked first. */
function makesRoom({ observed, client }: RotationPlan): string | undefined {
  const { current } = observed.state;
  return current === undefined ? undefined : registrationOf(current, client);
}

/** All that this resource registered and no longer uses. */
function retiring({ observed, client }: RotationPlan): readonly RetiringRef[] {
  const { previous } = observed.state;
  const ref = previous === undefined ? undefined : registrationOf(previous, client);
  const own: RetiringRef[] =
    previous === undefined || previous.kind === "serviceAccount" || ref === undefined
      ? []
      : [{ kind: previous.kind, ref }];
  const left = leftOver(observed, client).map(({ ref: id, keyId }): RetiringRef => ({
    kind: keyId === undefined ? "secret" : "key",
    ref: id,
  }));
  return [...own, ...left];
}
