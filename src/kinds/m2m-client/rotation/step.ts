import type { CredentialLife } from "../../state-secret/facts.ts";

/** Why a new credential is wanted. */
export type RotationCause = "Due" | "Requested" | "Compromised" | "MethodChanged" | "Missing";

export interface RotationFacts {
  readonly current: CredentialLife | undefined;
  readonly next: CredentialLife | undefined;
  readonly previous: CredentialLife | undefined;
  /** What is to come is for a method or algorithm that is no longer wanted. */
  readonly isNextStale: boolean;
  readonly cause: RotationCause | undefined;
  /** When a rotation that people request may begin; `undefined`: at once. */
  readonly allowedAt?: Date | undefined;
  /** Everything that was made before this moment is known to others. */
  readonly compromisedAt: Date | undefined;
  /** How the rotation that `cause` requests would go. */
  readonly overlap: "full" | "announced" | "none";
  /** Every published Secret is what the state Secret says. */
  readonly isPublished: boolean;
  /** Some published Secret shows what comes next. Elsewhere there is nobody to announce it to. */
  readonly isAnnouncing: boolean;
  /** Pods may still work with the old credential: some do, or nobody knows. */
  readonly mayPodsHoldOld: boolean;
  /** Whether a token is still to be requested with the next credential before it is published. */
  readonly isNextUntried: boolean;
  readonly timing: RotationTiming;
}

/** Milliseconds. */
export interface RotationTiming {
  /** Between publishing the next credential and putting it in force. */
  readonly announceMs: number;
  /** For how long the old credential works beside the published new one. */
  readonly overlapMs: number;
  /** How much longer than that Pods are waited for. */
  readonly maxWaitMs: number;
  /** For how long after a change the provider may take the old credential or the new one. */
  readonly propagationMs: number;
}

export type RotationStep =
  | { readonly type: "rest" }
  | { readonly type: "prepareNext"; readonly cause: RotationCause; readonly isShown: boolean }
  | { readonly type: "discardNext" }
  /** The provider is to take it beside the one in force; `isUrgent`: in its place if there is no room. */
  | { readonly type: "registerNext"; readonly isUrgent: boolean }
  /** A token is to be requested with it. */
  | { readonly type: "tryNext" }
  /** Waits until every published Secret matches the state Secret. */
  | { readonly type: "publish" }
  | { readonly type: "noteAnnounced" }
  /** Both work: from now on this one is published. */
  | { readonly type: "promoteNext" }
  /** The provider must accept this credential and no other. */
  | { readonly type: "switchToNext" }
  /** The provider must choose a secret itself. */
  | { readonly type: "replaceCurrent"; readonly cause: RotationCause }
  | { readonly type: "notePublished" }
  /** The provider must no longer accept the old credential. */
  | { readonly type: "retirePrevious" }
  /** The provider no longer accepts it, and it must not be published. */
  | { readonly type: "forgetPrevious" }
  | { readonly type: "wait"; readonly until: Date; readonly for: RotationWait };

/** What a rotation waits for; `limit`: it was requested too often within minutes. */
export type RotationWait = "announcement" | "propagation" | "overlap" | "pods" | "limit";

/**
 * The one step that a client's credentials need now; the same for every provider and method. A rotation that was begun
 * ends before another begins, and each step may be requested again after a crash.
 */
export function rotationStep(facts: RotationFacts, now: Date): RotationStep {
  return revocation(facts) ?? retiring(facts, now) ?? coming(facts, now) ?? beginning(facts, now);
}

/** Credentials older than the compromise are revoked first, without waiting for anything. */
function revocation({ compromisedAt, current, next, previous, isPublished }: RotationFacts): RotationStep | undefined {
  if (compromisedAt === undefined) return undefined;
  const isOlder = (life: CredentialLife | undefined): boolean => life !== undefined && life.createdAt < compromisedAt;
  if (isOlder(next)) return { type: "discardNext" };
  if (isOlder(current)) {
    if (isOlder(previous)) return previous?.isShown === true ? { type: "forgetPrevious" } : { type: "retirePrevious" };
    return undefined;
  }
  if (!isOlder(previous) || previous?.isShown === true) return undefined;
  return isPublished ? { type: "retirePrevious" } : { type: "publish" };
}

function isUrgent({ compromisedAt, current }: RotationFacts): boolean {
  return compromisedAt !== undefined && current !== undefined && current.createdAt < compromisedAt;
}

/** The end of a rotation: the new credential is in force, and the old one is revoked. */
function retiring(facts: RotationFacts, now: Date): RotationStep | undefined {
  const { current, previous, isPublished, timing } = facts;
  if (previous === undefined || current === undefined) return undefined;
  if (current.publishedAt === undefined) return isPublished ? { type: "notePublished" } : { type: "publish" };
  if (previous.isShown) {
    const until = later(current.activatedAt ?? current.publishedAt, timing.propagationMs);
    return now < until ? { type: "wait", until, for: "propagation" } : { type: "forgetPrevious" };
  }
  const until = later(current.publishedAt, timing.overlapMs);
  if (now < until) return { type: "wait", until, for: "overlap" };
  return forPods(facts, until, now) ?? { type: "retirePrevious" };
}

/** The wait for Pods comes last, and it is limited. */
function forPods({ mayPodsHoldOld, timing }: RotationFacts, since: Date, now: Date): RotationStep | undefined {
  const until = later(since, timing.maxWaitMs);
  return mayPodsHoldOld && now < until ? { type: "wait", until, for: "pods" } : undefined;
}

/** The beginning of a rotation that was prepared. */
function coming(facts: RotationFacts, now: Date): RotationStep | undefined {
  const { next } = facts;
  if (next === undefined) return undefined;
  if (facts.isNextStale) return { type: "discardNext" };
  return next.isShown ? announced(facts, next, now) : overlapping(facts, next, now);
}

function overlapping(facts: RotationFacts, next: CredentialLife, now: Date): RotationStep {
  const { registeredAt } = next;
  const urgent = isUrgent(facts);
  if (registeredAt === undefined) return { type: "registerNext", isUrgent: urgent };
  // Where nothing works any more, nothing is gained by waiting.
  if (urgent || facts.current === undefined) return { type: "promoteNext" };
  const until = later(registeredAt, facts.timing.propagationMs);
  if (now < until) return { type: "wait", until, for: "propagation" };
  return facts.isNextUntried ? { type: "tryNext" } : { type: "promoteNext" };
}

function announced(facts: RotationFacts, next: CredentialLife, now: Date): RotationStep {
  const { announcedAt } = next;
  if (isUrgent(facts) || facts.current === undefined || !facts.isAnnouncing) return { type: "switchToNext" };
  if (announcedAt === undefined) return facts.isPublished ? { type: "noteAnnounced" } : { type: "publish" };
  const until = later(announcedAt, facts.timing.announceMs);
  if (now < until) return { type: "wait", until, for: "announcement" };
  return forPods(facts, until, now) ?? { type: "switchToNext" };
}

function beginning(facts: RotationFacts, now: Date): RotationStep {
  const cause = isUrgent(facts) ? "Compromised" : facts.cause;
  if (cause === undefined) return { type: "rest" };
  const { allowedAt } = facts;
  if (isRequested(cause) && allowedAt !== undefined && now < allowedAt)
    return { type: "wait", until: allowedAt, for: "limit" };
  if (facts.overlap === "none") return { type: "replaceCurrent", cause };
  return { type: "prepareNext", cause, isShown: facts.overlap === "announced" };
}

/** Somebody requested it, by an annotation. */
export const isRequested = (cause: RotationCause): boolean => cause === "Requested" || cause === "Compromised";

const later = (time: Date, ms: number): Date => new Date(time.getTime() + ms);
