import { conditionOf, type Judgement } from "../../../controller/conditions.ts";
import type { ReconcileResult } from "../../../controller/result.ts";
import type { ObservedClient } from "../../../ports/provider.ts";
import type { KindContext } from "../../kind-context.ts";
import { foreignRefs, leftOver, registrationOf } from "../credential/registrations.ts";
import type { ClientObserved } from "../observe.ts";
import type { Desired } from "../model.ts";
import type { CredentialFacts } from "../../state-secret/facts.ts";
import { currentOf } from "../credential/plan.ts";
import { waitEnd } from "./waiting.ts";
import type { Reason } from "../../status/reasons.ts";
import { pendingRotation } from "./pending.ts";
import { scheduledAt } from "./plan.ts";
import type { M2MClient, M2MClientStatus } from "../schema.ts";

type Credential = NonNullable<M2MClientStatus["credentials"]>[number];

type RotationFields = Pick<
  M2MClientStatus,
  | "credentials"
  | "rotation"
  | "unmanagedCredentials"
  | "lastRotationAt"
  | "nextRotationAt"
  | "lastHandledRotateAt"
  | "requestedRotationAt"
  | "waitingForPods"
  | "waitingForPodsUntil"
>;

/** What is known of the client's credentials; never a value. */
export function rotationFields(
  context: Pick<KindContext, "now">,
  desired: Desired,
  observed: ClientObserved,
  client: ObservedClient,
): Partial<RotationFields> {
  const current = currentOf({ observed, client });
  const foreign = foreignRefs(observed, client);
  const waiting = waitingPods(observed);
  return {
    ...(current === undefined ? {} : { credentials: credentialsOf(desired, observed, client, current) }),
    rotation: phaseOf(observed.state),
    unmanagedCredentials: foreign.length === 0 ? undefined : foreign.map((id) => ({ id })),
    lastRotationAt: current?.life.activatedAt?.toISOString(),
    nextRotationAt: scheduledAt(desired, observed, current, context.now())?.toISOString(),
    lastHandledRotateAt: current?.request,
    requestedRotationAt: pendingRotation(desired, observed, client, context.now())?.at?.toISOString(),
    waitingForPods: waiting.length > 0 ? [...waiting] : undefined,
    waitingForPodsUntil: waitEnd(desired, observed, context.now())?.toISOString(),
  };
}

function phaseOf({ next, previous }: ClientObserved["state"]): RotationFields["rotation"] {
  if (next !== undefined) return next.life.announcedAt === undefined ? "Preparing" : "Announced";
  return previous === undefined ? "Idle" : "Retiring";
}

function waitingPods({ rotation: { pods, formerPods } }: ClientObserved): readonly string[] {
  const all = [pods, formerPods].flatMap((view) => (view.kind === "read" ? view.waiting : []));
  return [...new Set(all)].sort();
}

function credentialsOf(
  { rotation }: Desired,
  observed: ClientObserved,
  client: ObservedClient,
  current: CredentialFacts,
): Credential[] {
  const { next, previous } = observed.state;
  const { publishedAt } = current.life;
  const retireAt = publishedAt === undefined ? undefined : new Date(publishedAt.getTime() + rotation.overlapMs);
  const ending = retireAt === undefined || previous?.life.isShown === true ? {} : endOf(rotation, observed, retireAt);
  const retiring = leftOver(observed, client).map(({ ref, keyId, algorithm, createdAt }): Credential => ({
    ...{ id: ref, state: "Retiring", createdAt },
    ...(keyId === undefined ? {} : { keyId }),
    ...(algorithm === undefined ? {} : { algorithm }),
    ...ending,
  }));
  return [
    entryOf(current, "Current", client),
    ...(next === undefined ? [] : [entryOf(next, "Next", client)]),
    ...(previous === undefined ? [] : [{ ...entryOf(previous, "Retiring", client), ...ending }]),
    ...retiring,
  ];
}

/** When the old credential is revoked, and until when it may stay because Pods use it. */
function endOf(
  { waitForPods, maxWaitMs }: Desired["rotation"],
  { rotation: { mayReadPods } }: ClientObserved,
  retireAt: Date,
): Pick<Credential, "retireAt" | "retireAtLatest"> {
  const policy = waitForPods ?? (mayReadPods ? "EnvAndSubPath" : "None");
  const latest = new Date(retireAt.getTime() + maxWaitMs).toISOString();
  return { retireAt: retireAt.toISOString(), ...(policy === "None" ? {} : { retireAtLatest: latest }) };
}

function entryOf(facts: CredentialFacts, state: Credential["state"], client: ObservedClient): Credential {
  const { id, life } = facts;
  const common = { id: registrationOf(facts, client) ?? id, state, createdAt: life.createdAt.toISOString() };
  return facts.kind === "key" ? { ...common, keyId: facts.keyId, algorithm: facts.algorithm } : common;
}

/** The condition while a requested rotation waits. */
export function pendingJudgement(
  { now }: Pick<KindContext, "now">,
  desired: Desired,
  observed: ClientObserved,
): Judgement<Reason> | undefined {
  if (observed.remote.kind !== "found") return undefined;
  const pending = pendingRotation(desired, observed, observed.remote.client, now());
  if (pending === undefined) return undefined;
  return { type: "RotationPending", status: "True", reason: "RotationPending", message: pending.message };
}

/** Said once for each time at which it is to begin. */
export function announcePending(
  context: Pick<KindContext, "events">,
  resource: M2MClient,
  observed: ClientObserved | undefined,
  pending: Judgement<Reason> | undefined,
): void {
  const before = conditionOf(resource.status?.conditions, "RotationPending");
  if (pending === undefined || before?.message === pending.message) return;
  // Only a person enables a client.
  const isDisabled = observed?.remote.kind === "found" && !observed.remote.client.isEnabled;
  context.events.record(resource, isDisabled ? "Warning" : "Normal", pending.reason, pending.message);
}

/** Said once per trouble: events are for people, and the metric counts them. */
export function announceTrouble(
  context: Pick<KindContext, "events" | "onRotationFailed">,
  resource: M2MClient,
  observed: ClientObserved | undefined,
  result: ReconcileResult,
): void {
  if (observed?.remote.kind === "found") announceForeign(context, resource, observed, observed.remote.client);
  if (observed === undefined || !isHeldUp(observed) || result.kind !== "stalled") return;
  const before = conditionOf(resource.status?.conditions, "Stalled");
  if (before?.message === result.message) return;
  context.onRotationFailed(resource);
  context.events.record(resource, "Warning", "RotationBlocked", result.message);
}

/** A rotation is in progress. A choice that only the flat keys wait for does not hold it up. */
function isHeldUp({ blocked, state, undecided }: ClientObserved): boolean {
  const isRotating = state.next !== undefined || state.previous !== undefined;
  return isRotating && (undecided === undefined || blocked !== undefined);
}

function announceForeign(
  context: Pick<KindContext, "events">,
  resource: M2MClient,
  observed: ClientObserved,
  client: ObservedClient,
): void {
  const known = (resource.status?.unmanagedCredentials ?? []).map(({ id }) => id);
  const found = foreignRefs(observed, client).filter((id) => !known.includes(id));
  if (found.length === 0) return;
  const message = `Client ${client.clientId} has credentials that this resource did not create: ${found.join(", ")}. The operator does not touch them. Delete them at the tenant if nobody uses them.`;
  context.events.record(resource, "Warning", "UnmanagedCredentials", message);
}
