import { listed } from "../../../ports/listed.ts";
import { planOutput } from "../../outputs/decide.ts";
import type { ProviderFacts } from "../../access/provider-access.ts";
import type { Action, Desired, Observed } from "../model.ts";
import { act, stalled, stalledUntil, type Step, unmet, wait, waitUntil } from "../plan-steps.ts";
import { planVerification } from "../plan-verification.ts";

/** Deletes only grants that were listed long enough, and only while it is certain that no ScopeGrant requests them. */
export function planUnmanaged(desired: Desired, observed: Observed, now: Date): Step | undefined {
  const { prunesAfterMs } = desired;
  if (prunesAfterMs === undefined || !observed.areGrantsSettled) return undefined;
  const due = (observed.unmanaged ?? []).filter(
    ({ since, isProtected }) => !isProtected && since !== undefined && now.getTime() - since.getTime() >= prunesAfterMs,
  );
  const removals = due.map(({ ref }): Action => ({ type: "removeUnmanagedGrant", ref }));
  return removals.length === 0 ? undefined : { actions: removals };
}

/** When the next unmanaged grant has been listed long enough. While that is uncertain, changes of ScopeGrants wake the client. */
export function pruneAt({ prunesAfterMs }: Desired, { areGrantsSettled, unmanaged }: Observed): Date | undefined {
  if (prunesAfterMs === undefined || !areGrantsSettled) return undefined;
  const times = (unmanaged ?? []).flatMap(({ since, isProtected }) =>
    since === undefined || isProtected ? [] : [since.getTime()],
  );
  return times.length === 0 ? undefined : new Date(Math.min(...times) + prunesAfterMs);
}

export function planPublication(desired: Desired, observed: Observed, facts: ProviderFacts, now: Date): Step {
  if (observed.isNamespaceTerminating) return wait("Deleting", "The namespace is being deleted.");
  if (observed.blocked !== undefined) return haltedBy(observed.blocked);
  const decision = planOutput(observed.secret);
  const until = decision.kind === "publish" ? completeAt(observed) : undefined;
  if (until !== undefined && until > now)
    return waitUntil(
      "GrantNotReady",
      `The operator waits for ScopeGrants (${namesOf(observed)}), so that the first Secret has all of them.`,
      until,
    );
  if (decision.kind === "refused") return stalled(decision.reason, decision.message);
  if (decision.kind === "publish") return act({ type: "publishSecret", why: decision.why });
  const step = planFormerSecrets(desired, observed, now) ?? planVerification(observed, facts, now);
  const isDone = step.actions.length === 0 && step.halt === undefined;
  return isDone && observed.undecided !== undefined ? { ...step, ...haltedBy(observed.undecided) } : step;
}

const haltedBy = ({ kind, reason, message }: NonNullable<Observed["blocked"]>): Step =>
  kind === "unmet" ? unmet(reason, message) : stalled(reason, message);

/** For how long a first Secret waits for ScopeGrants that came with its client, in milliseconds. */
const COMPLETION_MS = 10_000;

/** Client and ScopeGrants are mostly applied together: who mounts the Secret gets all of it at once, and not in two steps. */
function completeAt({ grantsUnderWay = [], secret, state }: Observed): Date | undefined {
  const isFirst = secret.ownership === "none" && secret.record === undefined;
  if (!isFirst || grantsUnderWay.length === 0 || state.current === undefined) return undefined;
  return new Date(state.current.life.createdAt.getTime() + COMPLETION_MS);
}

const MAX_NAMES = 5;

const namesOf = ({ grantsUnderWay = [], secret }: Observed): string =>
  listed(
    grantsUnderWay.map((name) => `${secret.namespace}/${name}`),
    MAX_NAMES,
  );

/** A Secret of an earlier name stays as long as an old credential does: until no Pod needs it, or `maxWait` has passed. */
function planFormerSecrets(desired: Desired, observed: Observed, now: Date): Step | undefined {
  const { formerPods } = observed.rotation;
  const isFree = formerPods.kind === "read" && formerPods.waiting.length === 0;
  const [first, ...others] = observed.formerSecrets
    .filter((former) => isFree || formerEnd(desired, former, now) <= now)
    .map(({ name }): Action => ({ type: "removeFormerSecret", name }));
  if (first !== undefined) return act(first, ...others);
  const until = formerAt(desired, observed, now);
  if (until === undefined || formerPods.kind !== "unreadable") return undefined;
  const names = observed.formerSecrets.map(({ name }) => `${observed.secret.namespace}/${name}`).join(", ");
  return stalledUntil(
    "PodsNotReadable",
    `The spec no longer names Secret ${names}, which stays while Pods use it. The operator may not read Pods (${formerPods.problem}). Grant it list and watch on Pods, or set spec.rotation.waitForPods to None. Otherwise the Secret stays until ${until.toISOString()}.`,
    until,
  );
}

const formerEnd = ({ rotation }: Desired, { since }: Observed["formerSecrets"][number], now: Date): Date =>
  new Date((since ?? now).getTime() + rotation.maxWaitMs);

/** When the first Secret of an earlier name is deleted although Pods use it; `undefined` without any. */
export function formerAt(desired: Desired, { formerSecrets }: Observed, now: Date): Date | undefined {
  const ends = formerSecrets.map((former) => formerEnd(desired, former, now).getTime());
  return ends.length === 0 ? undefined : new Date(Math.min(...ends));
}
