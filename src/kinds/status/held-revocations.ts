import { conditionOf, type Condition, type Judgement } from "../../controller/conditions.ts";
import type { Resource } from "../../ports/resource.ts";
import type { KindContext } from "../kind-context.ts";
import type { BaseStatus } from "./report.ts";

const TYPE = "RevocationsHeld";

/** Present only while access stays that the object's owner withdrew, so that the owner learns what to confirm. */
export function revocationsHeld(messages: readonly (string | undefined)[]): readonly Judgement[] {
  const sentences = messages.filter((message) => message !== undefined);
  return sentences.length === 0
    ? []
    : [{ type: TYPE, status: "True", reason: "MassRevocation", message: sentences.join(" ") }];
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
