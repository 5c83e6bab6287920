import { planOutput } from "../../outputs/decide.ts";
import type { ProviderFacts } from "../../access/provider-access.ts";
import type { Action, Desired, Observed, Verification } from "../model.ts";
import { act, nothing, stalled, type Step, wait, waitUntil } from "../plan-steps.ts";

/** Only what was listed long enough, while it is certain that nobody asks for it. */
export function planUnmanaged(desired: Desired, observed: Observed, now: Date): Step | undefined {
  const { prunesAfterMs } = desired;
  if (prunesAfterMs === undefined || !observed.areGrantsSettled) return undefined;
  const due = (observed.unmanaged ?? []).filter(
    ({ since, isProtected }) => !isProtected && since !== undefined && now.getTime() - since.getTime() >= prunesAfterMs,
  );
  const removals = due.map(({ ref }): Action => ({ type: "removeUnmanagedGrant", ref }));
  return removals.length === 0 ? undefined : { actions: removals };
}

/** When the next grant that nobody asked for has been listed long enough. */
export function pruneAt({ prunesAfterMs }: Desired, { unmanaged }: Observed): Date | undefined {
  if (prunesAfterMs === undefined) return undefined;
  const times = (unmanaged ?? []).flatMap(({ since, isProtected }) =>
    since === undefined || isProtected ? [] : [since.getTime()],
  );
  return times.length === 0 ? undefined : new Date(Math.min(...times) + prunesAfterMs);
}

export function planPublication(observed: Observed, facts: ProviderFacts, now: Date): Step {
  if (observed.isNamespaceTerminating) return wait("Deleting", "The namespace is being deleted.");
  if (observed.blocked !== undefined) {
    const { kind, reason, message } = observed.blocked;
    return kind === "wait" ? wait(reason, message) : stalled(reason, message);
  }
  const decision = planOutput(observed.secret);
  if (decision.kind === "refused") return stalled(decision.reason, decision.message);
  if (decision.kind === "publish") return act({ type: "publishSecret", why: decision.why });
  if (observed.formerSecrets.length > 0)
    return { actions: observed.formerSecrets.map((name) => ({ type: "removeFormerSecret", name })) };
  return planVerification(observed, facts, now);
}

/** Tokens cost quota at the tenant: one per changed credential, at most three tries, never in a loop. */
const MAX_TRIES = 3;

function planVerification(observed: Observed, facts: ProviderFacts, now: Date): Step {
  const { current } = observed.state;
  // A change of our own may not be known everywhere yet.
  const settledAt = (current?.life.activatedAt?.getTime() ?? 0) + facts.capabilities.propagationMs;
  const isTried = observed.verification?.credentialId === current?.id;
  if (!isTried && settledAt > now.getTime()) return { actions: [], recheckAt: new Date(settledAt) };
  return planTry(observed, facts, current?.id, "current", now) ?? nothing;
}

/** The next try of a credential; `undefined` when none is needed, or none can be made. */
export function planTry(
  observed: Observed,
  facts: ProviderFacts,
  credentialId: string | undefined,
  which: "current" | "next",
  now: Date,
): Step | undefined {
  const audience = observed.verifiableAudience;
  if (facts.verificationPolicy === "Never" || observed.unverifiableBecause !== undefined) return undefined;
  if (audience === undefined || credentialId === undefined) return undefined;
  if (observed.verifiableAt > now) return { actions: [], recheckAt: observed.verifiableAt };
  const last = observed.verification?.credentialId === credentialId ? observed.verification : undefined;
  return planAttempt(audience, last, which, facts, now);
}

function planAttempt(
  audience: string,
  last: Verification | undefined,
  which: "current" | "next",
  facts: ProviderFacts,
  now: Date,
): Step | undefined {
  if (last === undefined) return act({ type: "verifyCredential", audience, attempt: 1, which });
  if (last.result !== "Refused") return undefined;
  if (last.tries >= MAX_TRIES) return stalled("VerificationFailed", last.message);
  const dueAt = new Date(last.at.getTime() + facts.capabilities.propagationMs);
  if (now < dueAt) return waitUntil("VerificationFailed", last.message, dueAt);
  return act({ type: "verifyCredential", audience, attempt: last.tries + 1, which });
}
