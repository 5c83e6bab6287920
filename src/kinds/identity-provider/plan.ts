import type { Reason } from "../status/reasons.ts";
import { stepsOf } from "../../controller/steps.ts";
import type { Failure } from "../../ports/failure.ts";
import { LIFTS } from "./halts.ts";
import type { Plan } from "../../controller/reconcile.ts";

export interface Desired {
  readonly isAbsent: boolean;
  readonly isPaused: boolean;
  readonly driftIntervalMs: number;
}

/** The Secret with the operator's own credential at the tenant, without its values. */
export type CredentialsView =
  | { readonly state: "missing"; readonly message: string }
  | { readonly state: "incomplete"; readonly message: string }
  | { readonly state: "present"; readonly isHeld: boolean };

export interface ConnectionView {
  /** Made from this generation of the spec and this version of the credentials Secret. */
  readonly isCurrent: boolean;
  /** `undefined` until a real call proved the credential. */
  readonly missingPermissions: readonly string[] | undefined;
  readonly probedAt: Date | undefined;
  /** When the last look at the tenant began. */
  readonly refreshedAt: Date | undefined;
  /** Why the last probe or read failed; `undefined` after one that succeeded. */
  readonly failure: Failure | undefined;
  /** A resource was refused or not answered since the tenant was read. */
  readonly isDoubted: boolean;
  /** When the oldest reading of the tenant began that answers still rest on. */
  readonly oldestReadAt: Date | undefined;
}

export interface Observed {
  readonly hasFinalizer: boolean;
  readonly credentials: CredentialsView;
  readonly connection: ConnectionView | undefined;
  /** Resources that still point here, as `Kind namespace/name`. */
  readonly dependents: readonly string[];
  /** Somebody asked for a look by annotation. */
  readonly isLookRequested: boolean;
  /** Other provider objects use the same credentials Secret. */
  readonly isSecretShared: boolean;
}

export type Action =
  | { readonly type: "addFinalizer" }
  | { readonly type: "holdCredentials" }
  | { readonly type: "connect" }
  | { readonly type: "probe" }
  | { readonly type: "refreshTenant"; readonly notBefore: Date }
  | { readonly type: "disconnect" }
  | { readonly type: "releaseCredentials" }
  | { readonly type: "removeFinalizer" };

type Step = Plan<Action>;

const { act, nothing, stalled, stalledUntil, wait, waitUntil } = stepsOf<Action, Reason, typeof LIFTS>(LIFTS);

/** Decides the next steps. It is asked again after they were applied, until it asks for none. */
export function plan(desired: Desired, observed: Observed, now: Date): Step {
  if (desired.isAbsent) return planAbsent(desired, observed, now);
  if (desired.isPaused) return { actions: [], halt: { kind: "paused" } };
  if (!observed.hasFinalizer) return act({ type: "addFinalizer" });
  return planUsable(desired, observed, now);
}

function planUsable(desired: Desired, observed: Observed, now: Date): Step {
  if (observed.credentials.state === "missing")
    return planLost("CredentialsMissing", observed.credentials.message, observed);
  if (observed.credentials.state === "incomplete")
    return planLost("CredentialsInvalid", observed.credentials.message, observed);
  if (!observed.credentials.isHeld) return act({ type: "holdCredentials" });
  return planConnection(desired, observed.connection, observed.isLookRequested, now);
}

/** A credential that is gone ends the connection: nothing goes on with what is no longer there. */
function planLost(reason: "CredentialsMissing" | "CredentialsInvalid", message: string, observed: Observed): Step {
  return observed.connection === undefined ? stalled(reason, message) : act({ type: "disconnect" });
}

function planConnection(
  desired: Desired,
  connection: ConnectionView | undefined,
  isLookRequested: boolean,
  now: Date,
): Step {
  if (connection === undefined || !connection.isCurrent) return act({ type: "connect" });
  const { failure, missingPermissions, probedAt, refreshedAt } = connection;
  if (failure !== undefined && !isLookRequested && now < retryAt(failure)) return halted(failure);
  if (missingPermissions === undefined || probedAt === undefined) return act({ type: "probe" });
  if (missingPermissions.length > 0) return planMissing(desired, missingPermissions, probedAt, now);
  const isAsked = isLookRequested || failure !== undefined;
  return isAsked || refreshedAt === undefined ? refresh(now) : planRefresh(desired, connection, now);
}

const refresh = (now: Date): Step => act({ type: "refreshTenant", notBefore: now });

function planRefresh(desired: Desired, connection: ConnectionView, now: Date): Step {
  const dueAt = refreshDueAt(desired, connection);
  return now >= dueAt ? refresh(now) : { actions: [], recheckAt: dueAt };
}

/** However many resources are refused or not answered: because of them the tenant is read at most this often. */
const DOUBT_PAUSE_MS = 60_000;

function refreshDueAt({ driftIntervalMs }: Desired, { refreshedAt, isDoubted }: ConnectionView): Date {
  const pauseMs = isDoubted ? Math.min(DOUBT_PAUSE_MS, driftIntervalMs) : driftIntervalMs;
  return new Date((refreshedAt?.getTime() ?? 0) + pauseMs);
}

/** A single refusal may be a stray one, so the second try comes soon. */
const FIRST_RETRY_MS = 5000;
const RETRY_MS = 60_000;
/** After failing for this long, a try a minute is enough. */
const SOON_MS = 30_000;

function retryAt(failure: Failure): Date {
  if (failure.retryAt !== undefined) return failure.retryAt;
  const isEarly = failure.triedAt.getTime() - failure.since.getTime() < SOON_MS;
  return new Date(failure.triedAt.getTime() + (isEarly ? FIRST_RETRY_MS : RETRY_MS));
}

function halted(failure: Failure): Step {
  const halt = failure.kind === "stalled" ? stalledUntil : waitUntil;
  return halt(failure.reason as Reason, failure.message, retryAt(failure));
}

/** Somebody may grant the permission at any time, so it is asked again, at the pace of the drift look. */
const REPROBE_MS = 60_000;

function planMissing(desired: Desired, missing: readonly string[], probedAt: Date, now: Date): Step {
  const dueAt = new Date(probedAt.getTime() + Math.min(desired.driftIntervalMs, REPROBE_MS));
  if (now >= dueAt) return act({ type: "probe" });
  return stalledUntil("PermissionsMissing", `Grant the operator's client at the tenant: ${missing.join(", ")}.`, dueAt);
}

/** The provider outlives, connected, everything that needs it to be deleted properly. */
function planAbsent(desired: Desired, observed: Observed, now: Date): Step {
  if (!observed.hasFinalizer) return nothing;
  if (observed.dependents.length > 0) {
    const usable = planUsable(desired, observed, now);
    if (usable.actions.length > 0) return usable;
    const named = observed.dependents.slice(0, 5).join(", ");
    const more = observed.dependents.length > 5 ? ` and ${String(observed.dependents.length - 5)} more` : "";
    return wait("Deleting", `Still used by ${named}${more}.`);
  }
  const release: Action[] =
    observed.credentials.state === "present" && observed.credentials.isHeld && !observed.isSecretShared
      ? [{ type: "releaseCredentials" }]
      : [];
  return { actions: [{ type: "disconnect" }, ...release, { type: "removeFinalizer" }] };
}
