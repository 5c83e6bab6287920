import type { Plan } from "../../controller/reconcile.ts";
import type { ObservedApi, Ref } from "../../ports/provider.ts";
import { stepsOf } from "../steps.ts";
import { changeOf, wantedOf } from "./change.ts";
import { planOutput } from "../outputs-plan.ts";
import { isObserveOnly, observedOnly } from "../observe-only.ts";
import { unsupportedMessage } from "../unsupported.ts";
import { haltOf, type ProviderAccess } from "../provider-access.ts";
import type { Action, Desired, Observed } from "./model.ts";

type Step = Plan<Action>;

const { act, wait, stalled } = stepsOf<Action>();

/** Decides the next steps. It is asked again after they were applied, until it asks for none. */
export function plan(desired: Desired, observed: Observed): Step {
  return isObserveOnly(observed.provider)
    ? observedOnly(desired.isAbsent, observed, (seen) => planSteps(desired, seen))
    : planSteps(desired, observed);
}

function planSteps(desired: Desired, observed: Observed): Step {
  if (desired.isAbsent) return planAbsent(desired, observed);
  if (desired.isPaused) return { actions: [], halt: { kind: "paused" } };
  if (observed.audienceRefusal !== undefined) return wait("AudienceNotAllowed", observed.audienceRefusal);
  const halt = haltOf(observed.provider);
  if (halt !== undefined) return { actions: [], halt };
  const unsupported = unsupportedIn(desired, observed.provider);
  if (unsupported !== undefined) return stalled("UnsupportedByProvider", unsupported);
  if (observed.winner !== undefined)
    return stalled("Conflict", `Audience ${desired.spec.audience} is already claimed by ${observed.winner}.`);
  if (!observed.hasFinalizer) return act({ type: "addFinalizer" });
  return planRemote(desired, observed);
}

function unsupportedIn({ spec, sections }: Desired, access: ProviderAccess): string | undefined {
  if (access.state !== "ready") return undefined;
  const { vendor, capabilities } = access.facts;
  const { tokens } = spec;
  return unsupportedMessage(vendor, [
    ...sections.map((section) => ({ field: "spec section", wanted: section, offered: [vendor] })),
    { field: "spec.tokens.signingAlgorithm", wanted: tokens.signingAlgorithm, offered: capabilities.signingAlgorithms },
    { field: "spec.tokens.profile", wanted: tokens.profile, offered: capabilities.profiles },
    {
      field: "spec.tokens.permissions",
      wanted: tokens.permissions,
      offered: capabilities.permissionsClaim ? ["Include", "Omit"] : [],
    },
  ]);
}

function planRemote(desired: Desired, observed: Observed): Step {
  const { remote } = observed;
  switch (remote.kind) {
    case "unread":
      return wait("ProviderNotReady", "The tenant has not been read yet.");
    case "unsettled":
      return wait(
        "Progressing",
        "An earlier create has no known outcome yet; waiting until it can be seen.",
        remote.until,
      );
    case "notOurs":
      return planNotOurs(desired, observed, remote.api);
    case "absent":
      if (observed.isNamespaceTerminating) return wait("Deleting", "The namespace is being deleted.");
      return act({ type: "createApi", spec: desired.spec });
    case "found":
      return planFound(desired, observed, remote.api);
  }
}

/** Untouched, unless both sides say that it may be taken over. */
function planNotOurs({ isAdopting, spec }: Desired, { mayAdopt }: Observed, api: ObservedApi): Step {
  const what = `An API with audience ${spec.audience} exists at the tenant and was not made by this resource.`;
  if (api.isSystem) return stalled("NotOwned", `The API ${api.audience} belongs to the provider and is not managed.`);
  if (!isAdopting) return stalled("NotOwned", `${what} Set spec.adopt: true to take it over, or use another audience.`);
  if (mayAdopt) return act({ type: "adoptApi", ref: api.ref });
  return stalled(
    "NotOwned",
    `${what} It can be taken over once the provider's owner lists the audience in spec.allow[].adopt.audiences for this namespace.`,
  );
}

function planFound(desired: Desired, observed: Observed, api: ObservedApi): Step {
  if (api.isSystem) return stalled("NotOwned", `The API ${api.audience} belongs to the provider and is not managed.`);
  const change = changeOf(wantedOf(desired, observed, api), api);
  if (Object.keys(change).length > 0) return act({ type: "updateApi", ref: api.ref, change });
  if (observed.isNamespaceTerminating) return wait("Deleting", "The namespace is being deleted.");
  return planOutputs(observed);
}

function planOutputs({ configMap, signingSecret, formerConfigMaps, formerSecrets }: Observed): Step {
  for (const [view, type] of [
    [configMap, "publishConfigMap"],
    [signingSecret, "publishSigningSecret"],
  ] as const) {
    const decision = view === undefined ? undefined : planOutput(view);
    if (decision?.kind === "refused") return stalled(decision.reason, decision.message);
    if (decision?.kind === "publish") return act({ type, why: decision.why });
  }
  return act(
    ...formerConfigMaps.map((name): Action => ({ type: "removeFormerConfigMap", name })),
    ...formerSecrets.map((name): Action => ({ type: "removeFormerSecret", name })),
  );
}

function planAbsent(desired: Desired, observed: Observed): Step {
  if (!observed.hasFinalizer) return act();
  if ((desired.deletionPolicy ?? (observed.origin === "Adopted" ? "Retain" : "Delete")) === "Retain")
    return act({ type: "releaseOutputs" }, { type: "removeFinalizer" });
  if (observed.provider.state !== "ready" || observed.remote.kind === "unread") {
    if (!observed.mayHaveMade) return act({ type: "removeFinalizer" });
    if (observed.mayAbandon) return act({ type: "abandonApi" }, { type: "removeFinalizer" });
    return wait("ProviderNotReady", "Waiting for the provider in order to delete the API there.");
  }
  if (observed.remote.kind === "unsettled")
    return wait(
      "Deleting",
      "An earlier create has no known outcome yet; waiting until it can be seen.",
      observed.remote.until,
    );
  if (observed.remote.kind !== "found" || observed.remote.api.isSystem) return act({ type: "removeFinalizer" });
  return planRemoval(desired, observed, observed.remote.api.ref);
}

/** Grants go before their API: a provider may keep a grant whose API is gone. */
function planRemoval(desired: Desired, observed: Observed, ref: Ref): Step {
  const grants = observed.grants ?? { ours: [], others: [] };
  const revocations: Action[] = grants.ours.map((grant) => ({ type: "revokeGrant", ref: grant }));
  if (grants.others.length > 0 && !desired.isForced)
    return {
      actions: revocations,
      halt: {
        kind: "wait",
        reason: "GrantsRemain",
        message: `Clients that this operator did not make still have grants on the API: ${grants.others.slice(0, 10).join(", ")}. Remove them at the tenant, or annotate this resource with m2m-operator.io/force-delete: "true".`,
      },
    };
  return { actions: [...revocations, { type: "removeApi", ref }, { type: "removeFinalizer" }] };
}
