import type { ObservedClient } from "../../ports/provider.ts";
import { adoptableRetryAt } from "../access/fresh-reading.ts";
import type { ProviderFacts } from "../access/provider-access.ts";
import type { Desired, Observed } from "./model.ts";
import { refusalOf, stalled, stalledUntil, type Step } from "./plan-steps.ts";

/** A resource never switches to another client. To adopt one, the resource must be created again. */
export function planNotOurs(desired: Desired, facts: ProviderFacts, client: ObservedClient): Step {
  const id = client.clientId;
  return (
    refusalOf(client, desired.owner, facts) ??
    stalled(
      "NotOwned",
      `Client ${id} does not carry the mark of this resource, and nothing proves that the operator created it. To adopt it, delete this resource and create it with spec.clientId: ${id} and spec.adopt: true.`,
    )
  );
}

/**
 * The client stays untouched unless the spec and the provider object both allow its adoption. `adopt` decides the next
 * steps once they do.
 */
export function planAdoptable(
  desired: Desired,
  observed: Observed,
  facts: ProviderFacts,
  client: ObservedClient | undefined,
  now: Date,
  adopt: (client: ObservedClient) => Step,
): Step {
  const id = desired.clientId ?? "";
  // Before consent, in the same words whether there is such a client, and no matter who owns it.
  if (!observed.adoption.isAllowed)
    return stalled(
      "NotOwned",
      `Client ${id} does not exist, or ${facts.object} does not allow namespace ${desired.names.namespace} to adopt it. Ask the owner of ${facts.object} to extend spec.allow[].adopt.clients, or create this M2MClient again with the correct spec.clientId.`,
    );
  if (client === undefined)
    return stalledUntil(
      "NotOwned",
      `The tenant has no client ${id} to adopt. ${adviceOn(facts)}`,
      adoptableRetryAt(now),
    );
  const { winner } = observed.adoption;
  if (winner !== undefined)
    return stalled(
      "Conflict",
      `Client ${id} is already claimed by ${winner}. Delete one of the two, or create this M2MClient again with another client ID.`,
    );
  const refusal = refusalOf(client, desired.owner, facts);
  if (refusal !== undefined) return refusal;
  if (!client.isService)
    return stalled(
      "NotOwned",
      `Client ${id} is not a machine-to-machine application, so the operator cannot adopt it. Create this M2MClient again with another client ID.`,
    );
  return adopt(client);
}

/** Somebody can create a client with this ID only where IDs can be chosen. */
const adviceOn = ({ capabilities }: ProviderFacts): string =>
  capabilities.choosesClientId
    ? "Create the client at the tenant, or create this M2MClient again with the correct spec.clientId."
    : "Create this M2MClient again with the correct spec.clientId, or without spec.clientId and spec.adopt to create a client.";

/** After a rebuild from Git, resources find what their predecessors created. The operator recovers it only with --recover. */
export const planPredecessor = ({ clientId }: ObservedClient): Step =>
  stalled(
    "NotOwned",
    `This installation created client ${clientId} for an earlier resource of this name. After a rebuild of the cluster, start the operator with --recover to manage it again. Otherwise delete the client at the tenant.`,
  );
