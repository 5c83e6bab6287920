import type { Reason } from "../status/reasons.ts";
import { stepsOf } from "../../controller/steps.ts";
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
  readonly isReadRequested: boolean;
  /** Other provider objects need the same credentials Secret. */
  readonly isSecretShared: boolean;
  /** Secrets that our finalizer still holds although no provider object names them. */
  readonly formerCredentials: readonly string[];
}

export type Action =
  | { readonly type: "addFinalizer" }
  | { readonly type: "holdCredentials" }
  | { readonly type: "connect" }
  | { readonly type: "probe" }
  | { readonly type: "refreshTenant"; readonly notBefore: Date }
  | { readonly type: "disconnect" }
  | { readonly type: "releaseCredentials" }
  | { readonly type: "releaseFormerCredentials"; readonly names: readonly string[] }
  | { readonly type: "removeFinalizer" };

type Step = Plan<Action>;

const { act, nothing, stalled, stalledUntil, wait } = stepsOf<Action, Reason, typeof LIFTS>(LIFTS);

/** Decides the next steps. It is asked again after they were applied, until it asks for none. */
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
  if (!observed.credentials.isHeld) return act({ type: "holdCredentials" });
  return planConnection(desired, observed.connection, observed.isReadRequested, now);
}

/** A credential that is gone ends the connection: nothing goes on with what is no longer there. */
function planLost(reason: "CredentialsMissing" | "CredentialsInvalid", message: string, observed: Observed): Step {
  return observed.connection === undefined ? stalled(reason, message) : act({ type: "disconnect" });
}

function planConnection(
  desired: Desired,
  connection: ConnectionView | undefined,
  isReadRequested: boolean,
  now: Date,
): Step {
  if (connection === undefined || !connection.isCurrent) return act({ type: "connect" });
  const { missingPermissions, probedAt, refreshedAt } = connection;
  if (missingPermissions === undefined || probedAt === undefined) return act({ type: "probe" });
  if (missingPermissions.length > 0) return planMissing(desired, missingPermissions, probedAt, now);
  const dueAt = new Date((refreshedAt?.getTime() ?? 0) + desired.driftIntervalMs);
  if (refreshedAt === undefined || isReadRequested || now >= dueAt)
    return act({ type: "refreshTenant", notBefore: now });
  return { actions: [], recheckAt: dueAt };
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
  return { actions: [{ type: "disconnect" }, ...releasesOfFormer(observed), ...release, { type: "removeFinalizer" }] };
}

function releasesOfFormer({ formerCredentials: names }: Observed): Action[] {
  return names.length === 0 ? [] : [{ type: "releaseFormerCredentials", names }];
}
