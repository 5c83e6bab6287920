import { conditionOf, type Condition, type Judgement } from "../../controller/conditions.ts";
import type { Resource } from "../../ports/resource.ts";
import type { KindContext } from "../kind-context.ts";
import type { Confirmation } from "../schema/annotations.ts";
import type { BaseStatus } from "./report.ts";

const TYPE = "RevocationsHeld";

/** What waits for a confirmation. */
export interface Waiting {
  /** Access that the object's owner withdrew and that stays for now. */
  readonly withdrawals: readonly Confirmation[];
  readonly others: readonly Confirmation[];
}

type ConfirmingStatus = BaseStatus & { readonly pendingConfirmations?: readonly Confirmation[] | undefined };

/**
 * What status says of it. The condition is present only while access stays that was withdrawn, so that the owner learns
 * what to confirm. `undefined`: reading failed, and what was judged last stands.
 */
export function confirmationReport(
  { status }: Resource<unknown, ConfirmingStatus>,
  waiting: Waiting | undefined,
): { readonly held: readonly Judgement[]; readonly pendingConfirmations: Confirmation[] | undefined } {
  if (waiting === undefined) {
    const before = conditionOf(status?.conditions, TYPE);
    return { held: before === undefined ? [] : [before], pendingConfirmations: shown(status?.pendingConfirmations) };
  }
  const { withdrawals, others } = waiting;
  const message = withdrawals.map((each) => each.message).join(" ");
  const held = message === "" ? [] : [{ type: TYPE, status: "True", reason: "MassRevocation", message } as const];
  return { held, pendingConfirmations: shown([...withdrawals, ...others]) };
}

const shown = (confirmations: readonly Confirmation[] = []): Confirmation[] | undefined =>
  confirmations.length === 0 ? undefined : [...confirmations];

/** Records an event when there is something else to confirm than status says. */
export function announceHeld(
  { events }: Pick<KindContext, "events">,
  resource: Resource<unknown, BaseStatus>,
  [held]: readonly Judgement[],
): void {
  const before: Condition | undefined = conditionOf(resource.status?.conditions, TYPE);
  if (held !== undefined && before?.message !== held.message)
    events.record(resource, "Warning", "MassRevocation", held.message);
}
