import type { ObservedClient } from "../../../ports/provider.ts";
import { leftOver } from "../credential/registrations.ts";
import { currentOf } from "../credential/plan.ts";
import type { Desired, Observed } from "../model.ts";
import type { CredentialFacts } from "../../state-secret/facts.ts";

/** A rotation that people requested and that has not begun. */
export interface PendingRotation {
  /** When it begins, as far as that is known. */
  readonly at?: Date;
  readonly message: string;
}

/** `undefined` while no request waits. */
export function pendingRotation(
  desired: Desired,
  observed: Observed,
  client: ObservedClient,
  now: Date,
): PendingRotation | undefined {
  const current = currentOf({ observed, client });
  // Of a service account there is nothing to replace.
  if (current === undefined || current.kind === "serviceAccount" || desired.keys.publicKeys !== undefined)
    return undefined;
  const { allowedAt } = observed.rotation;
  const isLimited = allowedAt !== undefined && now < allowedAt;
  if (isLeaked(desired, observed, current)) return isLimited ? limited(allowedAt) : undefined;
  if (!isWaiting(desired, observed, current)) return undefined;
  if (!client.isEnabled)
    return { message: `Client ${client.clientId} is disabled. Enable it: then the requested rotation starts.` };
  return underWay(desired, observed, client, current, now) ?? (isLimited ? limited(allowedAt) : undefined);
}

function isWaiting({ rotation }: Desired, { state }: Observed, current: CredentialFacts): boolean {
  const { request } = rotation;
  return request !== undefined && request !== current.request && request !== state.next?.request;
}

function isLeaked({ rotation: { compromisedAt } }: Desired, { state }: Observed, current: CredentialFacts): boolean {
  if (compromisedAt === undefined || !("time" in compromisedAt) || state.next !== undefined) return false;
  return current.life.createdAt < compromisedAt.time;
}

const limited = (at: Date): PendingRotation => ({
  at,
  message: `Several rotations of this client were requested within minutes. The next rotation starts at ${at.toISOString()}. Further requests until then count as one.`,
});

/** A rotation that is in progress finishes first. */
function underWay(
  { rotation }: Desired,
  observed: Observed,
  client: ObservedClient,
  { life }: CredentialFacts,
  now: Date,
): PendingRotation | undefined {
  const { next, previous } = observed.state;
  if (next !== undefined) return afterOther(next.life.announcedAt, rotation.announceMs);
  if (previous?.life.isShown === true || life.publishedAt === undefined) return undefined;
  if (previous === undefined && leftOver(observed, client).length === 0) return undefined;
  const overlapUntil = later(life.publishedAt, rotation.overlapMs);
  const isPast = now >= overlapUntil;
  const at = isPast ? later(overlapUntil, rotation.maxWaitMs) : overlapUntil;
  return { at, message: retiringMessage(at, isPast, life.createdAt) };
}

function afterOther(announcedAt: Date | undefined, announceMs: number): PendingRotation {
  const message = "The requested rotation starts after the one that is in progress";
  if (announcedAt === undefined) return { message: `${message}.` };
  const at = later(announcedAt, announceMs);
  return { at, message: `${message}, whose credential comes into force at ${at.toISOString()}.` };
}

function retiringMessage(at: Date, isPast: boolean, createdAt: Date): string {
  const until = isPast
    ? `as soon as no Pod uses the previous credential, at the latest at ${at.toISOString()}`
    : `at ${at.toISOString()}, when the previous credential is no longer valid`;
  return `The requested rotation starts ${until}. To revoke the previous credential and start now, annotate this resource with m2m-operator.io/compromised-at: "${createdAt.toISOString()}".`;
}

const later = (time: Date, ms: number): Date => new Date(time.getTime() + ms);
