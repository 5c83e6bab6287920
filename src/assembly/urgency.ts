import { conditionOf } from "../controller/conditions.ts";
import { isCompromised } from "../kinds/m2m-client/rotation/compromise.ts";
import { FINALIZER } from "../kinds/schema/annotations.ts";
import { UNOBSERVED } from "../kinds/schema/status.ts";
import type { BaseStatus } from "../kinds/status/report.ts";
import type { Resource } from "../ports/resource.ts";
import type { WorkClass } from "../work/order.ts";

/** Anything that can be woken: one of our own kinds. */
export type Judged = Pick<Resource<unknown, JudgedStatus>, "metadata" | "status"> & { readonly kind?: string };

type JudgedStatus = BaseStatus & {
  readonly externalId?: string | undefined;
  readonly lastRotationAt?: string | undefined;
};

/** How urgent the object's own change is; `undefined` when nobody but the operator changed it. */
export function urgencyOfOwnChange(before: Judged | undefined, after: Judged): WorkClass | undefined {
  const isNews =
    isEdited(before, after) || annotationsOf(before) !== annotationsOf(after) || hasLostFinalizer(before, after);
  return isNews ? urgencyFor(after, "userChange") : undefined;
}

/**
 * How urgent it is when this process begins to work on it, among everything else that it has to look at once: what a
 * person changed while nobody worked comes first. `observedGeneration` shows an edit, and nothing shows an annotation.
 */
export function urgencyAtStart(object: Judged): WorkClass {
  if (isLeaked(object)) return "compromised";
  const observed = observedOf(object);
  return observed !== UNOBSERVED && observed !== object.metadata.generation && !isFirst(object)
    ? "userChange"
    : "resync";
}

/**
 * How urgent a change is to those who depend on the object. A person's edit is an edit for them too, when it is made and
 * when the operator has carried it out (`observedGeneration` catches up), so that it reaches the end of the chain before
 * any backlog. What has arrived, or is ready for the first time, somebody waits to use. Everything else that the operator
 * writes into a status is no wish of a person.
 */
export function urgencyForOthers(before: Judged | undefined, after: Judged | undefined): WorkClass {
  if (before === undefined || after === undefined || isEdited(before, after)) return "userChange";
  const [seen, known] = [observedOf(before), observedOf(after)];
  if (seen !== UNOBSERVED && seen !== known) return "userChange";
  return isReady(before) !== isReady(after) || before.status?.externalId !== after.status?.externalId
    ? "creation"
    : "drift";
}

const observedOf = ({ status }: Judged): number => status?.observedGeneration ?? UNOBSERVED;

/**
 * The same for a provider, whose dependents may be thousands: only what a person changed is a change for them. Those that
 * wait for it are separated by `urgencyFor`.
 */
export function urgencyOfProvider(before: Judged | undefined, after: Judged | undefined): WorkClass {
  return before === undefined || after === undefined || isEdited(before, after) ? "userChange" : "drift";
}

/**
 * How urgent it is for this object, when what happened is so urgent by itself: nobody works yet with what is not at the
 * tenant; and what waits for something that may have come just now must not stand behind what only may have changed.
 */
export function urgencyFor(woken: Judged, urgency: WorkClass): WorkClass {
  if (urgency === "compromised" || isLeaked(woken)) return "compromised";
  if (isDeleting(woken)) return "deletion";
  if (urgency === "userChange") return isFirst(woken) ? "creation" : "userChange";
  return isWaiting(woken) ? "creation" : urgency;
}

export const isDeleting = ({ metadata }: Pick<Resource, "metadata">): boolean =>
  metadata.deletionTimestamp !== undefined;

function isEdited(before: Judged | undefined, after: Judged): boolean {
  const [old, now] = [before?.metadata, after.metadata];
  return (
    old?.uid !== now.uid ||
    old.generation !== now.generation ||
    old.deletionTimestamp !== now.deletionTimestamp ||
    JSON.stringify(old.labels) !== JSON.stringify(now.labels)
  );
}

/** Somebody else took our finalizer off, as a replace does: without it a deletion would leave at the tenant what was made. */
function hasLostFinalizer(before: Judged | undefined, after: Judged): boolean {
  return !isDeleting(after) && before !== undefined && isHeld(before) && !isHeld(after);
}

const isHeld = ({ metadata }: Judged): boolean => metadata.finalizers?.includes(FINALIZER) === true;

const annotationsOf = (object: Judged | undefined): string => JSON.stringify(object?.metadata.annotations ?? {});

const isReady = ({ status }: Judged): boolean => conditionOf(status?.conditions, "Ready")?.status === "True";

/** It was not reconciled yet, or the operator has more to do. What is stalled waits for a person. */
function isWaiting({ status }: Judged): boolean {
  if (conditionOf(status?.conditions, "Ready") === undefined) return true;
  return conditionOf(status?.conditions, "Reconciling")?.status === "True";
}

const isProvider = ({ kind = "" }: Judged): boolean => kind.endsWith("IdentityProvider");

/** Nothing of it is at the tenant yet, so that nobody works with it. Provider objects have nothing there. */
const isFirst = (object: Judged): boolean => !isProvider(object) && object.status?.externalId === undefined;

/** Only a client has a credential. */
const isLeaked = ({ kind, metadata, status }: Judged): boolean =>
  kind === "M2MClient" && isCompromised(metadata, status?.lastRotationAt);
