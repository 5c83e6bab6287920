import type { ProviderFacts } from "../access/provider-access.ts";
import type { Observed, Verification } from "./model.ts";
import { act, nothing, stalledUntil, type Step, waitUntil } from "./plan-steps.ts";

/** So many tries of a refused credential follow each other: the tenant may not know everywhere yet what the operator changed. */
const QUICK_TRIES = 3;
/** Then somebody has to correct something, or the tenant recovers. Tokens cost quota, so each pause is twice as long as the last. */
const FIRST_PAUSE_MS = 600_000;
const LONGEST_PAUSE_MS = 86_400_000;
/** As many as status can count. */
const MAX_COUNTED = 100;

/** Status keeps one result only: a try of the current credential would restart the tries of the next one. */
const isTryingNext = ({ state: { next }, verification }: Observed): boolean =>
  next !== undefined && verification?.credentialId === next.id;

/** One token for each changed credential and API, and others for what was refused or not answered. */
export function planVerification(observed: Observed, facts: ProviderFacts, now: Date): Step {
  if (isTryingNext(observed)) return nothing;
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
  const audience = askableAudience(observed, facts);
  if (audience === undefined || credentialId === undefined) return undefined;
  if (observed.verifiableAt > now) return { actions: [], recheckAt: observed.verifiableAt };
  const { verification } = observed;
  const isSame = verification?.credentialId === credentialId && verification.audience === audience;
  const last = isSame ? verification : undefined;
  if (last === undefined) return act({ type: "verifyCredential", audience, attempt: 1, which });
  if (last.result === "Verified" || last.result === "CannotVerify") return undefined;
  const attempt = Math.min(last.tries + 1, MAX_COUNTED);
  return planPause(last, facts, now) ?? act({ type: "verifyCredential", audience, attempt, which });
}

/** The audience that a token can be requested for; `undefined` where the operator is not to request one, or has no use for it. */
const askableAudience = (observed: Observed, facts: ProviderFacts): string | undefined =>
  facts.verificationPolicy === "Never" || observed.unverifiableBecause !== undefined
    ? undefined
    : observed.verifiableAudience;

/** Until when the credential rests; `undefined` when its next try is due. */
function planPause({ result, tries, message, at }: Verification, facts: ProviderFacts, now: Date): Step | undefined {
  const quick = result === "Refused" ? QUICK_TRIES : 1;
  const isQuick = tries < quick;
  const pauseMs = isQuick ? facts.capabilities.propagationMs : pauseAfter(tries - quick);
  const dueAt = new Date(at.getTime() + pauseMs);
  if (now >= dueAt) return undefined;
  if (result === "NotIssued") return { actions: [], recheckAt: dueAt };
  return (isQuick ? waitUntil : stalledUntil)("VerificationFailed", message, dueAt);
}

/** In milliseconds; `slowTries`: how many of them there were. */
const pauseAfter = (slowTries: number): number => Math.min(FIRST_PAUSE_MS * 2 ** slowTries, LONGEST_PAUSE_MS);
