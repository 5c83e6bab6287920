import { conditionOf, type Condition, type Judgement } from "../../controller/conditions.ts";
import type { Resource } from "../../ports/resource.ts";
import type { KindContext } from "../kind-context.ts";
import type { Confirmation } from "../schema/annotations.ts";
import type { BaseStatus } from "./report.ts";

const TYPE = "RevocationsHeld";

/**
 * Present only while access stays that the object's owner withdrew, so that the owner learns what to confirm. `undefined`:
 * reading failed, and what was judged last stands.
 */
export function revocationsHeld(
  resource: Resource<unknown, BaseStatus>,
  confirmations: readonly Confirmation[] | undefined,
): readonly Judgement[] {
  const before = conditionOf(resource.status?.conditions, TYPE);
  if (confirmations === undefined) return before === undefined ? [] : [before];
  const message = confirmations.map((each) => each.message).join(" ");
  return message === "" ? [] : [{ type: TYPE, status: "True", reason: "MassRevocation", message }];
}

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

/** As status shows them. */
export const shownConfirmations = (confirmations: readonly Confirmation[]): Confirmation[] | undefined =>
  confirmations.length === 0 ? undefined : [...confirmations];
