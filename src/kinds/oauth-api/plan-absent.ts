import { deletionPolicyFor } from "../../ownership/deletion-policy.ts";
import { deletionText } from "../access/provider-access.ts";
import type { Ref } from "../../ports/provider.ts";
import type { Action, Desired, Observed } from "./model.ts";
import { act, isOthers, nothing, stalled, type Step, unmet, waitUntil } from "./plan-steps.ts";

/** What a deletion still has to do. Status may be lost or forged, so only the finalizer says that there is nothing. */
export function planAbsent(desired: Desired, observed: Observed): Step {
  if (!observed.hasFinalizer) return nothing;
  if (deletionPolicyFor(desired.deletionPolicy, observed.origin) === "Retain") return planRelease(desired, observed);
  const { provider, remote } = observed;
  if (provider.state !== "ready" || remote.kind === "unread" || observed.abandonment.mayAbandon)
    return planAbsentUnread(observed);
  if (remote.kind === "unsettled")
    return waitUntil(
      "Deleting",
      "The outcome of an earlier create request is not known. The operator waits until the tenant shows it.",
      remote.until,
    );
  if (remote.kind !== "found" || remote.api.isSystem || isOthers(desired, observed, remote.api))
    return act({ type: "removeFinalizer" });
  return planRemoval(desired, observed, remote.api.ref, remote.duplicates);
}

function planAbsentUnread({ abandonment, provider }: Observed): Step {
  if (abandonment.mayAbandon) return act({ type: "abandonApi" }, { type: "removeFinalizer" });
  return waitUntil("ProviderNotReady", deletionText(provider, "the API"), abandonment.checkAt);
}

/** Too many ScopeGrants use the API. With or without it at the tenant, their clients' Secrets would lose it. */
export const planHeld = ({ isForced }: Desired, { heldDeletion }: Observed): Step | undefined =>
  heldDeletion === undefined || isForced ? undefined : stalled("MassRevocation", heldDeletion.message);

/** Keeps the API and the published objects. Removes our own mark if the tenant can be used, never the mark of another. */
function planRelease(desired: Desired, observed: Observed): Step {
  const { remote, provider, abandonment } = observed;
  const held = abandonment.mayAbandon ? undefined : planHeld(desired, observed);
  if (held !== undefined) return held;
  if (provider.state === "ready" && remote.kind === "unread" && !abandonment.mayAbandon)
    return waitUntil("ProviderNotReady", "The tenant has not been read yet.", abandonment.checkAt);
  const isMarked = remote.kind === "found" && remote.api.mark !== undefined && !isOthers(desired, observed, remote.api);
  const ref = isMarked ? remote.api.ref : undefined;
  return act({ type: "releaseApi", ref }, { type: "removeFinalizer" });
}

/** Grants go before their API: a provider may keep a grant whose API is gone. */
function planRemoval(desired: Desired, observed: Observed, ref: Ref, duplicates: readonly Ref[]): Step {
  const held = planHeld(desired, observed);
  if (held !== undefined) return held;
  const grants = observed.grants ?? { ours: [], others: [] };
  const revocations: Action[] = grants.ours.map((grant) => ({ type: "revokeGrant", ref: grant }));
  if (grants.others.length > 0 && !desired.isForced)
    return {
      ...unmet(
        "GrantsRemain",
        `Clients that this operator did not create still have grants on the API: ${grants.others.slice(0, 10).join(", ")}. Delete these grants at the tenant, or annotate this resource with m2m-operator.io/force-delete: "true".`,
      ),
      actions: revocations,
    };
  const removals = [...duplicates, ref].map((each): Action => ({ type: "removeApi", ref: each }));
  return { actions: [...revocations, ...removals, { type: "removeFinalizer" }] };
}
