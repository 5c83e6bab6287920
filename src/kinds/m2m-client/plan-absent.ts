import type { Action, Desired, Observed } from "./model.ts";
import type { ProviderFacts } from "../access/provider-access.ts";
import { act, nothing, refusalOf, type Step, wait, waitUntil } from "./plan-steps.ts";

/** What a deletion still has to do. */
export function planAbsent(desired: Desired, observed: Observed): Step {
  if (!observed.hasFinalizer) return nothing;
  if (observed.provider.state !== "ready") return planAbsentWithoutProvider(observed);
  const { remote } = observed;
  if (remote.kind === "unread") return wait("ProviderNotReady", "The tenant has not been read yet.");
  if (remote.kind === "unsettled")
    return waitUntil(
      "Deleting",
      "An earlier create has no known outcome yet; waiting until it can be seen.",
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
  const isAdopted =
    removable?.client.mark === undefined ? origin === "Adopted" : removable.client.mark.origin === "adopted";
  const policy = desired.deletionPolicy ?? (isAdopted ? "Retain" : "Delete");
  if (policy === "Retain") {
    const ref = removable?.client.mark === undefined ? undefined : removable.client.ref;
    return act({ type: "releaseClient", ref }, { type: "removeFinalizer" });
  }
  const refs = removable === undefined ? [] : [...removable.duplicates, removable.client.ref];
  const removals = refs.map((ref): Action => ({ type: "removeClient", ref }));
  return { actions: [...removals, { type: "removeFinalizer" }] };
}

/** Consent is never needed to remove; a credential that is gone for good is waited for, but not for ever. */
function planAbsentWithoutProvider(observed: Observed): Step {
  if (!observed.mayHaveMade) return act({ type: "removeFinalizer" });
  if (observed.mayAbandon) return act({ type: "abandonClient" }, { type: "removeFinalizer" });
  return wait("ProviderNotReady", "Waiting for the provider in order to delete the client there.");
}
