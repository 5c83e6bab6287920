import { isDeepStrictEqual } from "node:util";
import type { ObjectKey } from "./object-key.ts";
import { afterRefusal } from "./refusals.ts";
import { type PassResult, type ReconcileResult, resultOf } from "./result.ts";
import type { WorkClass } from "../work/order.ts";

/** Why a plan ends short of the goal. */
export type Halt =
  | ({
      /** `wait`: something else must happen first. `stalled`: a person must act on this object or its tenant. */
      readonly kind: "wait" | "stalled";
      readonly reason: string;
      readonly message: string;
      /** A `wait` for something in progress. Status reports it only once it takes long. */
      readonly isUnderWay?: true;
      /** A `wait` for what only a person can provide and may be about to apply: it is `stalled` once it lasts. */
      readonly isUnmet?: true;
    } & Lift)
  | { readonly kind: "paused" };

/** What brings a halted object back: the watches that see the halt lifted, else a time. Never neither. */
type Lift = { readonly liftedBy: readonly string[] } | { readonly until: Date };

/** What an action touches. */
export interface Effect {
  /** `tenant`: it changes something there, whatever else it does. `cluster`: Kubernetes alone. `event`: it only tells. */
  readonly touches: "tenant" | "cluster" | "event";
  /** It gives up on something, which stays at the tenant. */
  readonly abandons?: true;
}

/** One entry for each action of a kind: the compiler asks for it. */
export type Effects<Action extends { readonly type: string }> = Readonly<Record<Action["type"], Effect>>;

/** The next steps towards the goal, as data without secret values: a plan can be logged and compared. */
export interface Plan<Action> {
  readonly actions: readonly Action[];
  readonly halt?: Halt;
  /** When to reconcile again although nothing changed, whether or not there is a halt. */
  readonly recheckAt?: Date;
  /** How urgent that pass is; absent: as urgent as this one was, or as drift. */
  readonly recheckAs?: WorkClass;
}

/** All the controller knows of a kind; nothing here has heard of OAuth. */
export interface Kind<Resource, Desired, Observed, Action extends { readonly type: string }> {
  readonly effects: Effects<Action>;
  /** The newest state known to this process; `undefined` when the object is gone. */
  get(key: ObjectKey): Resource | undefined;
  /** A deleted object is desired absent; deletion is not a second path through this file. */
  desire(resource: Resource): Desired;
  /** Reads only. */
  observe(resource: Resource, desired: Desired): Promise<Observed>;
  /**
   * Pure. No actions and no halt means: what was observed is what is desired. Actions that equal those of the round
   * before mean that these changed nothing, so what is done one by one carries what tells one from the next.
   */
  plan(desired: Desired, observed: Observed, now: Date): Plan<Action>;
  /** Carries out one action of a plan that was made from `observed`. May be repeated after a crash. */
  apply(resource: Resource, desired: Desired, observed: Observed, action: Action): Promise<void>;
  /** Writes status from what was seen last, not from what was meant. Succeeds when the object is gone. */
  report(resource: Resource, seen: Seen<Desired, Observed>, result: ReconcileResult): Promise<void>;
}

/** `observed` is missing when reading failed. */
export interface Seen<Desired, Observed> {
  readonly desired: Desired;
  readonly observed: Observed | undefined;
}

/**
 * Each round observes what the round before did, so that status rests on observation and not on belief. A plan that
 * still returns actions after this many rounds fights another writer or itself: it continues after a backoff.
 */
const MAX_ROUNDS = 8;

/** So many times in a row an object may have changed since it was read; after that the cache does not catch up. */
const MAX_LOST_RACES = 2;

/** What came of the last passes over one object. */
export interface PassHistory {
  /** How many passes in a row ended with `readAgain`, or with what became of it. */
  readonly lostRaces: number;
  /** For how long every pass was refused, in milliseconds; `undefined` when the last was not. */
  readonly refusedForMs: number | undefined;
  /** For how long every pass waited for something that is under way, in milliseconds; `undefined` when the last did not. */
  readonly underWayForMs: number | undefined;
  /** For how long every pass waited for what only a person can provide, in milliseconds; `undefined` when the last did not. */
  readonly unmetForMs: number | undefined;
}

/** Status reports a wait for something in progress after this time, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * For how long what only a person can provide counts as being on its way, in milliseconds: whatever is applied together
 * comes in any order.
 */
const UNMET_MS = 30_000;

export interface PassOptions<Action> {
  /** What came of the passes before. */
  readonly history?: Partial<PassHistory>;
  /** Called before each action. */
  readonly onAction?: (action: Action) => void;
}

/** One pass over one object. Never rejects for what a kind does. */
export async function reconcile<R, D, O, A extends { readonly type: string }>(
  kind: Kind<R, D, O, A>,
  key: ObjectKey,
  clock: { now(): Date },
  { history = {}, onAction = () => undefined }: PassOptions<A> = {},
): Promise<PassResult> {
  const { lostRaces = 0, refusedForMs } = history;
  const resource = kind.get(key);
  if (resource === undefined) return { kind: "gone" };
  const pass: Pass<R, D, O> = { resource, desired: kind.desire(resource), observed: undefined };
  let result: PassResult;
  try {
    result = lasting(await runRounds(kind, key, pass, clock, onAction), history);
  } catch (error) {
    result = afterRefusal(patient(resultOf(error), lostRaces), refusedForMs);
  }
  const latest = kind.get(key);
  if (latest === undefined || result.kind === "gone") return { kind: "gone" };
  if (result.kind === "readAgain") return result;
  const untold = untoldYet(result, history);
  if (untold !== undefined) return untold;
  return afterRefusal(patient(await reported(kind, latest, pass, result), lostRaces), refusedForMs);
}

/** A wait that status does not report yet, with the time when it will. `undefined` for everything else. */
function untoldYet(result: ReconcileResult, { underWayForMs = 0 }: Partial<PassHistory>): ReconcileResult | undefined {
  if (result.kind !== "wait" || result.isUnderWay !== true || underWayForMs >= PATIENCE_MS) return undefined;
  return { ...result, retryAfterMs: PATIENCE_MS - underWayForMs };
}

/** A wait that only a person can end is no progress any more once it has lasted. */
function lasting(result: PassResult, { unmetForMs = 0 }: Partial<PassHistory>): PassResult {
  if (result.kind !== "wait" || result.isUnmet !== true) return result;
  const { isUnderWay: _usual, keepsPlace: _place, isUnfinished: _rest, retryAfterMs, ...told } = result;
  if (unmetForMs < UNMET_MS)
    return { ...result, retryAfterMs: Math.min(retryAfterMs ?? UNMET_MS, UNMET_MS - unmetForMs) };
  return { ...told, kind: "stalled", isUnmet: true, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Right after a lost race; wrong, and hidden from everybody, when the cache does not catch up. */
function patient(result: ReconcileResult, lostRaces: number): ReconcileResult {
  if (result.kind !== "readAgain" || lostRaces < MAX_LOST_RACES) return result;
  const times = `${String(lostRaces + 1)} times in a row`;
  return {
    kind: "backoff",
    reason: "ProgressingWithRetry",
    message: `The API server answered ${times} that an object has changed or does not exist. The operator's watch does not show that change. The operator tries again. If it lasts, restart the operator and report a defect.`,
    error: result.error,
    isLostRace: true,
  };
}

/** Status that lost a race is written by the next pass, from a newer observation. */
async function reported<R, D, O, A extends { readonly type: string }>(
  kind: Kind<R, D, O, A>,
  latest: R,
  seen: Seen<D, O>,
  result: ReconcileResult,
): Promise<ReconcileResult> {
  try {
    await kind.report(latest, seen, result);
    return result;
  } catch (error) {
    return resultOf(error);
  }
}

interface Pass<R, D, O> {
  resource: R;
  desired: D;
  observed: O | undefined;
}

async function runRounds<R, D, O, A extends { readonly type: string }>(
  kind: Kind<R, D, O, A>,
  key: ObjectKey,
  pass: Pass<R, D, O>,
  clock: { now(): Date },
  onAction: (action: A) => void,
): Promise<PassResult> {
  const applied: (readonly A[])[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const observed = await kind.observe(pass.resource, pass.desired);
    pass.observed = observed;
    const plan = kind.plan(pass.desired, observed, clock.now());
    if (plan.actions.length === 0) return resultOfPlan(plan, clock.now());
    if (isDeepStrictEqual(plan.actions, applied.at(-1))) return noProgress(plan.actions);
    applied.push(plan.actions);
    for (const action of plan.actions) {
      onAction(action);
      await kind.apply(pass.resource, pass.desired, observed, action);
    }
    const next = kind.get(key);
    if (next === undefined) return { kind: "gone" };
    pass.resource = next;
    pass.desired = kind.desire(next);
  }
  return isGoingRound(applied)
    ? noProgress(applied.at(-1) ?? [])
    : {
        kind: "wait",
        reason: "Progressing",
        message: "Reconciliation is in progress.",
        retryAfterMs: 1000,
        isUnfinished: true,
      };
}

/** What was done last had been done before: the steps between undo each other. */
function isGoingRound(applied: readonly (readonly unknown[])[]): boolean {
  const last = applied.at(-1);
  return applied.slice(0, -1).some((earlier) => isDeepStrictEqual(earlier, last));
}

function noProgress(actions: readonly { readonly type: string }[]): ReconcileResult {
  const message = `These steps succeeded and changed nothing: ${actions.map(({ type }) => type).join(", ")}. Check whether a person or another controller changes the same object.`;
  return { kind: "backoff", reason: "NoProgress", message, error: new Error(message) };
}

function resultOfPlan(plan: Plan<unknown>, now: Date): ReconcileResult {
  const msUntil = (at: Date) => Math.max(0, at.getTime() - now.getTime());
  const { halt, recheckAt, recheckAs } = plan;
  const workClass = recheckAs === undefined ? {} : { workClass: recheckAs };
  if (halt === undefined)
    return recheckAt === undefined ? { kind: "done" } : { kind: "requeueAfter", ms: msUntil(recheckAt), ...workClass };
  if (halt.kind === "paused") return { kind: "paused" };
  const { kind, reason, message, isUnderWay, isUnmet } = halt;
  const until = "until" in halt ? msUntil(halt.until) : Infinity;
  const again = recheckAt === undefined ? Infinity : msUntil(recheckAt);
  const retry = Math.min(until, again) === Infinity ? {} : { retryAfterMs: Math.min(until, again) };
  const told = { reason, message, ...retry, ...(again <= until ? workClass : {}) };
  if (kind === "stalled") return { kind, ...told };
  return { kind, ...told, ...(isUnderWay === true ? { isUnderWay } : {}), ...(isUnmet === true ? { isUnmet } : {}) };
}
