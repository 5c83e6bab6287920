import type { ObservedApi } from "../../ports/provider.ts";
import { adoptableRetryAt } from "../access/fresh-reading.ts";
import type { ProviderFacts } from "../access/provider-access.ts";
import type { Desired, Observed } from "./model.ts";
import { act, markedByOthers, stalled, stalledUntil, type Step, systemApi } from "./plan-steps.ts";

/** `adopt` is set, and there is nothing to adopt. */
export const nothingToAdopt = ({ spec: { audience } }: Desired, now: Date): Step =>
  stalledUntil(
    "NotOwned",
    `The tenant has no API with audience ${audience} to adopt. Create this resource again with the correct audience, or remove spec.adopt to create the API.`,
    adoptableRetryAt(now),
  );

/** The tenant has no API of the ID to adopt. The provider chooses IDs: nobody can create one with this ID. */
export function planUnknownApi(desired: Desired, { mayAdopt }: Observed, facts: ProviderFacts, now: Date): Step {
  const { adoptedId = "" } = desired;
  if (!mayAdopt) return notAdoptable(desired, facts);
  return stalledUntil(
    "NotOwned",
    `The tenant has no API ${adoptedId} to adopt. Create this OAuthApi again with the correct ID, or without the ID and spec.adopt to create an API.`,
    adoptableRetryAt(now),
  );
}

/** In the same words whether there is such an API, and no matter who owns it. */
const notAdoptable = ({ adoptedId = "", namespace }: Desired, { object }: ProviderFacts): Step =>
  stalled(
    "NotOwned",
    `API ${adoptedId} does not exist, or ${object} does not allow namespace ${namespace} to adopt it. Ask the owner of ${object} to extend spec.allow[].adopt.audiences, or create this OAuthApi again with the correct ID.`,
  );

/** The API stays untouched unless the spec and the provider object both allow its adoption. */
export function planNotOurs(
  desired: Desired,
  { managedBy, mayAdopt }: Observed,
  facts: ProviderFacts,
  api: ObservedApi,
  now: Date,
): Step {
  const { isAdopting, spec, adoptedId = "" } = desired;
  if (adoptedId !== "" && !mayAdopt) return notAdoptable(desired, facts);
  const what = `An API with audience ${spec.audience} exists at the tenant, and nothing proves that this resource created it.`;
  const orRecover = facts.capabilities.marksApis
    ? ""
    : " After a rebuild of the cluster, start the operator with --recover.";
  if (api.isSystem && adoptedId === "") return systemApi(api);
  if (managedBy !== undefined && mayAdopt) return managedByOther(api, managedBy, now);
  if (api.mark !== undefined) return markedByOthers(api);
  if (!isAdopting)
    return stalled(
      "NotOwned",
      `${what} Set spec.adopt: true to adopt it, or create this OAuthApi again with another audience.${orRecover}`,
    );
  if (mayAdopt) return act({ type: "adoptApi", ref: api.ref });
  return stalled(
    "NotOwned",
    `${what} To adopt it, ask the owner of ${facts.object} to list the audience in spec.allow[].adopt.audiences for namespace ${desired.namespace}.${orRecover}`,
  );
}

/** Not every provider keeps our mark on an API. Two resources that manage one would undo each other's changes. */
const managedByOther = ({ audience }: ObservedApi, manager: string, now: Date): Step =>
  stalledUntil(
    "Conflict",
    `The API ${audience} of the tenant is managed by ${manager}, which uses another provider object for this tenant. Do not adopt it. Delete one of the two resources, with deletionPolicy: Retain.`,
    adoptableRetryAt(now),
  );

/** After a rebuild from Git, resources find what their predecessors created. The operator recovers it only with --recover. */
export function planMadeByPredecessor({ audience }: ObservedApi): Step {
  return stalled(
    "NotOwned",
    `This installation created the API ${audience} for an earlier resource of this name. After a rebuild of the cluster, start the operator with --recover to manage it again. Otherwise delete the API at the tenant.`,
  );
}
