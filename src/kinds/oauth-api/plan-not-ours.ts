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

/** The tenant has no API of the ID to adopt. */
export function planUnknownApi({ adoptedId = "" }: Desired, { mayAdopt }: Observed, now: Date): Step {
  if (!mayAdopt) return notAdoptable(adoptedId);
  return stalledUntil(
    "NotOwned",
    `The tenant has no API ${adoptedId} to adopt. Create it there, or check the ID.`,
    adoptableRetryAt(now),
  );
}

/** In the same words whether there is such an API, and no matter who owns it. */
const notAdoptable = (adoptedId: string): Step =>
  stalled(
    "NotOwned",
    `API ${adoptedId} does not exist, or the provider does not allow this namespace to adopt it. Check the ID, or ask the provider's owner to extend spec.allow[].adopt.audiences.`,
  );

/** The API stays untouched unless the spec and the provider object both allow its adoption. */
export function planNotOurs(
  desired: Desired,
  { mayAdopt }: Observed,
  { capabilities }: ProviderFacts,
  api: ObservedApi,
): Step {
  const { isAdopting, spec, adoptedId = "" } = desired;
  if (adoptedId !== "" && !mayAdopt) return notAdoptable(adoptedId);
  const what = `An API with audience ${spec.audience} exists at the tenant, and nothing proves that this resource created it.`;
  const orRecover = capabilities.marksApis ? "" : " After a rebuild of the cluster, start the operator with --recover.";
  if (api.isSystem && adoptedId === "") return systemApi(api);
  if (api.mark !== undefined) return markedByOthers(api);
  if (!isAdopting)
    return stalled("NotOwned", `${what} Set spec.adopt: true to adopt it, or use another audience.${orRecover}`);
  if (mayAdopt) return act({ type: "adoptApi", ref: api.ref });
  return stalled(
    "NotOwned",
    `${what} To adopt it, ask the provider's owner to list the audience in spec.allow[].adopt.audiences for this namespace.${orRecover}`,
  );
}

/** After a rebuild from Git, resources find what their predecessors created. The operator recovers it only with --recover. */
export function planMadeByPredecessor({ audience }: ObservedApi): Step {
  return stalled(
    "NotOwned",
    `This installation created the API ${audience} for an earlier resource of this name. After a rebuild of the cluster, start the operator with --recover to manage it again. Otherwise delete the API at the tenant.`,
  );
}
