import { deletionPolicyFor } from "../../ownership/deletion-policy.ts";
import { originInStatus } from "../../ownership/origin.ts";
import { deletionText } from "../access/provider-access.ts";
import type { Action, Desired, Observed } from "./model.ts";
import type { ProviderFacts } from "../access/provider-access.ts";
import { act, nothing, refusalOf, type Step, waitUntil } from "./plan-steps.ts";

/** What a deletion still has to do. Status may be lost or forged, so only the finalizer says that there is nothing. */
export function planAbsent(desired: Desired, observed: Observed): Step {
  if (!observed.hasFinalizer) return nothing;
  const { abandonment, remote } = observed;
  if (observed.provider.state !== "ready" || abandonment.mayAbandon)
    return planAbsentWithoutProvider(desired, observed);
  if (remote.kind === "unread")
    return waitUntil("ProviderNotReady", "The tenant has not been read yet.", abandonment.checkAt);
  if (remote.kind === "unsettled")
    return waitUntil(
      "Deleting",
      "The outcome of an earlier create request is not known. The operator waits until the tenant shows it.",
      remote.until,
    );
  return planRemoval(desired, observed, observed.provider.facts);
}

/**
 * What was adopted is not deleted by default. The mark says so; status does once the mark was taken off and only the
 * rest of a release remains.
 */
function planRemoval(desired: Desired, { origin, remote }: Observed, facts: ProviderFacts): Step {
  const removable =
    remote.kind === "found" && refusalOf(remote.client, desired.owner, facts) === undefined ? remote : undefined;
  const mark = removable?.client.mark;
  if (isRetained(desired, mark === undefined ? origin : originInStatus(mark))) {
    const ref = mark === undefined ? undefined : removable?.client.ref;
    return act({ type: "releaseClient", ref }, { type: "removeFinalizer" });
  }
  const refs = removable === undefined ? [] : [...removable.duplicates, removable.client.ref];
  const removals = refs.map((ref): Action => ({ type: "removeClient", ref }));
  return { actions: [...removals, { type: "removeFinalizer" }] };
}

const isRetained = ({ deletionPolicy }: Desired, origin: Observed["origin"]): boolean =>
  deletionPolicyFor(deletionPolicy, origin) === "Retain";

/** A deletion never needs consent. It waits for a tenant that does not answer, but not forever. */
function planAbsentWithoutProvider(desired: Desired, { abandonment, origin, provider }: Observed): Step {
  if (!abandonment.mayAbandon)
    return waitUntil("ProviderNotReady", deletionText(provider, "the client"), abandonment.checkAt);
  // What is to stay keeps its mark, and its Secrets stay with it.
  if (isRetained(desired, origin)) return act({ type: "releaseClient", ref: undefined }, { type: "removeFinalizer" });
  return act({ type: "abandonClient" }, { type: "removeFinalizer" });
}
