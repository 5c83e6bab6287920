import { listed } from "../../ports/listed.ts";
import type { Reason } from "../status/reasons.ts";
import { pauseAfterRefusal } from "../../controller/refusals.ts";
import { stepsOf } from "../../controller/steps.ts";
import { LIFTS } from "./halts.ts";
import type { Plan } from "../../controller/reconcile.ts";
import type { MarkedObject } from "../../ports/provider.ts";
import type { Failure, Trouble } from "../../ports/tenant-trouble.ts";

export interface Desired {
  readonly isAbsent: boolean;
  readonly isPaused: boolean;
  readonly driftIntervalMs: number;
}

/** The Secret with the operator's own credential at the tenant, without its values. `missing` also where no one is named. */
export type CredentialsView =
  | { readonly state: "missing"; readonly message: string }
  | { readonly state: "incomplete"; readonly message: string }
  | { readonly state: "present"; readonly isHeld: boolean }
  /** The operator authenticates with its own service account. */
  | { readonly state: "unneeded" };

export interface ConnectionView {
  /** Made from this generation of the spec and this version of the credentials Secret. */
  readonly isCurrent: boolean;
  readonly connectedAt: Date;
  /** `undefined` until a real call proved the credential. */
  readonly missingPermissions: readonly string[] | undefined;
  /** The operator at the tenant, for messages. */
  readonly operator: { readonly tenant: string; readonly clientId: string | undefined };
  /** `undefined` where the tenant does not show them. */
  readonly excessPermissions?: readonly string[] | undefined;
  readonly probedAt: Date | undefined;
  /** When the last read of the tenant that ended began. */
  readonly refreshedAt: Date | undefined;
  /** When the oldest reading of the tenant began that answers still rest on. */
  readonly oldestReadAt: Date | undefined;
}

/** Objects at the tenant that carry the mark of this installation and belong to no resource. */
export interface Orphans {
  readonly members: readonly MarkedObject[];
  /** Names exactly these in a confirmation; empty without members. */
  readonly digest: string;
}

export interface Observed {
  /** What the last try to use the tenant came to, when it failed. */
  readonly failure: Failure | undefined;
  /** When a request of a dependent failed in a way that lets us doubt whether the tenant can be used. */
  readonly doubtedAt: Date | undefined;
  /** While the tenant cannot be used: whether a deletion waits for it. */
  readonly isDeletionWaiting: boolean;
  /** How often a tenant that a deletion waits for, or that is doubted, is tried at most, in milliseconds. */
  readonly retryMs: number;
  readonly hasFinalizer: boolean;
  readonly credentials: CredentialsView;
  readonly connection: ConnectionView | undefined;
  /** Resources that still point here, as `Kind namespace/name`. */
  readonly dependents: readonly string[];
  /** Those of them that nobody deletes. */
  readonly remaining: readonly string[];
  /** Somebody requested a read by annotation, and it has not been tried yet. */
  readonly isReadRequested: boolean;
  /** Other provider objects need the same credentials Secret. */
  readonly isSecretShared: boolean;
  /** What the tenant holds for nobody, and whether somebody confirmed its deletion; `undefined` before a reading. */
  readonly orphans: (Orphans & { readonly isConfirmed: boolean }) | undefined;
  /** Secrets that our finalizer still holds although no provider object names them. */
  readonly formerCredentials: readonly string[];
}

export type Action =
  | { readonly type: "addFinalizer" }
  | { readonly type: "holdCredentials" }
  | { readonly type: "connect" }
  | { readonly type: "probe" }
  | { readonly type: "refreshTenant"; readonly notBefore: Date }
  /** `trouble`: why there can be no connection. */
  | { readonly type: "disconnect"; readonly trouble?: Trouble }
  | { readonly type: "removeOrphans"; readonly members: Orphans["members"] }
  | { readonly type: "releaseCredentials" }
  | { readonly type: "releaseFormerCredentials"; readonly names: readonly string[] }
  | { readonly type: "removeFinalizer" };

type Step = Plan<Action>;

const { act, nothing, stalled, stalledUntil, unmet, unmetUntil, wait, waitUntil } = stepsOf<
  Action,
  Reason,
  typeof LIFTS
>(LIFTS);

/** Decides the next steps. The loop applies them and calls it again, until it returns none. */
export function plan(desired: Desired, observed: Observed, now: Date): Step {
  if (desired.isAbsent) return planAbsent(desired, observed, now);
  if (desired.isPaused) return { actions: [], halt: { kind: "paused" } };
  if (!observed.hasFinalizer) return act({ type: "addFinalizer" });
  return planUsable(desired, observed, now);
}

function planUsable(desired: Desired, observed: Observed, now: Date): Step {
  const [first, ...rest] = releasesOfFormer(observed);
  if (first !== undefined) return act(first, ...rest);
  if (observed.credentials.state === "missing")
    return planLost("CredentialsMissing", observed.credentials.message, observed);
  if (observed.credentials.state === "incomplete")
    return planLost("CredentialsInvalid", observed.credentials.message, observed);
  if (observed.credentials.state === "present" && !observed.credentials.isHeld) return act({ type: "holdCredentials" });
  return planConnection(desired, observed, now);
}

/** A deleted credential closes the connection: the operator never uses a credential that no longer exists. */
function planLost(reason: "CredentialsMissing" | "CredentialsInvalid", message: string, observed: Observed): Step {
  const isNoted = observed.connection === undefined && observed.failure !== undefined;
  return isNoted
    ? stalled(reason, message)
    : act({ type: "disconnect", trouble: { kind: "stalled", reason, message } });
}

function planConnection(desired: Desired, observed: Observed, now: Date): Step {
  const { connection } = observed;
  if (connection === undefined || !connection.isCurrent) return act({ type: "connect" });
  const { missingPermissions = [], probedAt } = connection;
  if (probedAt !== undefined && missingPermissions.length > 0)
    return planMissing(desired, observed, { ...connection, missingPermissions, probedAt }, now);
  return planPause(observed, connection, now) ?? planRead(desired, observed, connection, now);
}

function planRead(desired: Desired, observed: Observed, connection: ConnectionView, now: Date): Step {
  if (connection.probedAt === undefined) return act({ type: "probe" });
  const dueAt = observed.failure === undefined ? readDueAt(desired, observed, connection) : now;
  if (observed.isReadRequested || now >= dueAt) return act({ type: "refreshTenant", notBefore: now });
  if (observed.orphans?.isConfirmed === true) return act({ type: "removeOrphans", members: observed.orphans.members });
  return { actions: [], recheckAt: dueAt };
}

/** Between two tries of a tenant that fails. */
function planPause(observed: Observed, connection: ConnectionView, now: Date): Step | undefined {
  const { failure, isReadRequested } = observed;
  if (failure === undefined || isReadRequested) return undefined;
  const retryAt = retryAtOf(failure, connection, observed);
  return now < retryAt ? failing(failure, retryAt) : undefined;
}

/** Once per drift interval; sooner where a dependent's request failed, since only a try of our own tells. */
function readDueAt(desired: Desired, { doubtedAt, retryMs }: Observed, { refreshedAt }: ConnectionView): Date {
  if (refreshedAt === undefined) return new Date(0);
  const isDoubted = doubtedAt !== undefined && doubtedAt > refreshedAt;
  return new Date(refreshedAt.getTime() + Math.min(desired.driftIntervalMs, isDoubted ? retryMs : Infinity));
}

const SHORTEST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 60_000;

/**
 * The longer a tenant fails, the less often it is tried, unless a deletion waits for the outcome. What failed before the
 * credential was connected, or proved, says nothing of what comes next.
 */
function retryAtOf(
  { kind, since, lastAt, isRefusal }: Failure,
  { connectedAt, probedAt }: ConnectionView,
  { isDeletionWaiting, retryMs }: Observed,
): Date {
  if (lastAt < (probedAt ?? connectedAt)) return lastAt;
  const failingForMs = lastAt.getTime() - since.getTime();
  const growing = Math.min(LONGEST_RETRY_MS, Math.max(SHORTEST_RETRY_MS, failingForMs));
  // A person must act, and the remedy may lie where no watch sees it.
  const pause = kind === "stalled" || isRefusal === true ? pauseAfterRefusal(failingForMs) : growing;
  return new Date(lastAt.getTime() + (isDeletionWaiting ? Math.min(pause, retryMs) : pause));
}

const failing = ({ kind, reason, message }: Trouble, until: Date): Step => ({
  actions: [],
  halt: { kind, reason, message, until },
});

/** Somebody may grant the permission at any time, so the operator checks again every drift interval, or on request. */
const REPROBE_MS = 60_000;

function planMissing(
  { driftIntervalMs }: Desired,
  observed: Observed,
  connection: ConnectionView & { readonly missingPermissions: readonly string[]; readonly probedAt: Date },
  now: Date,
): Step {
  const { failure, isDeletionWaiting, isReadRequested, retryMs } = observed;
  const { missingPermissions: missing, probedAt } = connection;
  // Asked again, and the tenant did not answer.
  if (failure !== undefined && failure.lastAt > probedAt)
    return planPause(observed, connection, now) ?? act({ type: "probe" });
  const pause = Math.min(driftIntervalMs, isDeletionWaiting ? retryMs : REPROBE_MS);
  const dueAt = new Date(probedAt.getTime() + pause);
  if (isReadRequested || now >= dueAt) return act({ type: "probe" });
  const { reason, message } = missingPermissions(missing, connection.operator);
  return stalledUntil(reason, message, dueAt);
}

/** `operator`: who it is at the tenant; its client ID is not known with every credential. */
export function missingPermissions(missing: readonly string[], { tenant, clientId }: ConnectionView["operator"]) {
  const isKnown = clientId !== undefined && clientId !== "";
  const who = isKnown ? `The operator's client (client ID ${clientId})` : "The operator's credential";
  return {
    reason: "PermissionsMissing",
    message: `${who} lacks permissions at tenant ${tenant}: ${missing.join(", ")}. Grant them there.`,
  } as const;
}

/** The provider outlives, connected, everything that needs it to be deleted properly. */
function planAbsent(desired: Desired, observed: Observed, now: Date): Step {
  if (!observed.hasFinalizer) return nothing;
  if (observed.dependents.length > 0) {
    const usable = planUsable(desired, observed, now);
    if (usable.actions.length > 0) return usable;
    return planUsed(observed, timeOf(usable));
  }
  const release: Action[] =
    observed.credentials.state === "present" && observed.credentials.isHeld && !observed.isSecretShared
      ? [{ type: "releaseCredentials" }]
      : [];
  return { actions: [{ type: "disconnect" }, ...releasesOfFormer(observed), ...release, { type: "removeFinalizer" }] };
}

/** What is being deleted already needs nobody. */
function planUsed({ dependents, remaining }: Observed, until: Date | undefined): Step {
  if (remaining.length === 0) {
    const message = `This provider object waits for the deletion of what uses it: ${dependents.length === 1 ? "1 resource" : `${String(dependents.length)} resources`}.`;
    return until === undefined ? wait("Deleting", message) : waitUntil("Deleting", message, until);
  }
  const message = `This provider object is still used by ${listed(remaining, 5)}, and stays until they are deleted. To keep what they made at the tenant, set their deletionPolicy: Retain first. Then delete them.`;
  return until === undefined ? unmet("Deleting", message) : unmetUntil("Deleting", message, until);
}

function releasesOfFormer({ formerCredentials: names }: Observed): Action[] {
  return names.length === 0 ? [] : [{ type: "releaseFormerCredentials", names }];
}

/** When the connection has its next step. */
function timeOf({ halt, recheckAt }: Step): Date | undefined {
  return halt !== undefined && halt.kind !== "paused" && "until" in halt ? halt.until : recheckAt;
}
