import type { Plan } from "../../controller/reconcile.ts";
import type { ObservedClient } from "../../ports/provider.ts";
import { isOwnedBy, type Owner } from "../../ownership/owner.ts";
import type { ProviderFacts } from "../access/provider-access.ts";
import { stepsOf } from "../../controller/steps.ts";
import type { Reason } from "../status/reasons.ts";
import { LIFTS } from "./halts.ts";
import type { Action } from "./model.ts";

export type Step = Plan<Action>;

export const { act, nothing, unmet, unmetUntil, wait, waitUntil, stalled, stalledUntil } = stepsOf<
  Action,
  Reason,
  typeof LIFTS
>(LIFTS);

/** Objects of other owners are never touched, whatever status says. */
export function refusalOf(
  client: ObservedClient,
  owner: Owner,
  facts: ProviderFacts,
  mayRecover = false,
): Step | undefined {
  if (client.isSystem || client.clientId === facts.ownClientId)
    return stalled(
      "NotOwned",
      `Client ${client.clientId} belongs to the provider or to this operator, which does not manage it. Create this M2MClient again with another client ID.`,
    );
  const isPredecessors = mayRecover && client.mark?.instance === owner.instance && client.mark.object === owner.object;
  if (client.mark !== undefined && !isOwnedBy(client.mark, owner) && !isPredecessors)
    return stalled(
      "NotOwned",
      `Client ${client.clientId} carries the mark of another resource or installation. Create this M2MClient again with another client ID, or delete that resource with deletionPolicy: Retain first.`,
    );
  return undefined;
}
