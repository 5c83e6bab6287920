import type { Mark } from "../../ports/mark.ts";
import type { ObservedApi, Ref } from "../../ports/provider.ts";
import { isOwnedBy } from "../../ownership/owner.ts";
import { changeOf, honoured, wantedOf } from "./change.ts";
import { lifetimeProblem } from "../access/token-lifetime.ts";
import { planOutput } from "../outputs/decide.ts";
import { isObserveOnly, isOwnWish, observedOnly } from "../access/observe-only.ts";
import { unsupportedMessage } from "../access/unsupported.ts";
import { haltOf, type ProviderAccess, type ProviderFacts } from "../access/provider-access.ts";
import type { Action, Desired, Observed } from "./model.ts";
import { planAbsent, planHeld } from "./plan-absent.ts";
import { nothingToAdopt, planMadeByPredecessor, planNotOurs, planUnknownApi } from "./plan-not-ours.ts";
import { act, nothing, refusalOf, stalled, type Step, unmet, wait, waitUntil } from "./plan-steps.ts";
import { PREVIEW } from "./preview.ts";

/** Decides the next steps. The loop applies them and calls it again, until it returns none. */
export function plan(desired: Desired, observed: Observed, now: Date): Step {
  if (!isObserveOnly(observed.provider)) return planSteps(desired, observed, now);
  const losses = isOwnWish(observed.provider) && !desired.isAbsent ? lossesOf(observed) : [];
  if (losses.length > 0) return { actions: losses };
  const held = isOwnWish(observed.provider) ? planHeld(desired, observed) : undefined;
  if (held !== undefined) return held;
  return observedOnly(desired.isAbsent, observed, PREVIEW, (seen) => planSteps(desired, seen, now));
}

function planSteps(desired: Desired, observed: Observed, now: Date): Step {
  if (desired.isAbsent) return planAbsent(desired, observed);
  const losses = lossesOf(observed);
  if (losses.length > 0) return { actions: losses };
  // Somebody removed it. Without it, deleting the resource would leave its API at the tenant.
  if (!observed.hasFinalizer && observed.mayHaveMade === true) return act({ type: "addFinalizer" });
  if (desired.isPaused) return { actions: [], halt: { kind: "paused" } };
  if (observed.audienceRefusal !== undefined) return unmet("AudienceNotAllowed", observed.audienceRefusal);
  const halt = haltOf(observed.provider);
  if (halt !== undefined) return { actions: [], halt };
  const unsupported = unsupportedIn(desired, observed.provider);
  if (unsupported !== undefined) return stalled("UnsupportedByProvider", unsupported);
  if (observed.winner !== undefined) return planClaimed(desired, observed.winner);
  if (!observed.hasFinalizer) return act({ type: "addFinalizer" });
  return observed.provider.state === "ready" ? planRemote(desired, observed, observed.provider.facts, now) : nothing;
}

function planClaimed({ adoptedId, spec }: Desired, winner: string): Step {
  const [what, remedy] =
    adoptedId === undefined
      ? [`The audience ${spec.audience}`, "another audience"]
      : [`API ${adoptedId}`, "the ID of another API"];
  return stalled(
    "Conflict",
    `${what} is already claimed by ${winner}. Delete one of the two, or create this OAuthApi again with ${remedy}.`,
  );
}

/** Access that consent does not allow is withdrawn, whatever the state of the API, unless too much would be deleted at once. */
function lossesOf({ losses }: Observed): readonly Action[] {
  if (losses === undefined) return [];
  const { leftGrants, heldLeftGrants } = losses;
  return leftGrants.flatMap(({ ref, kept }): readonly Action[] => {
    if (kept !== undefined) return [{ type: "narrowGrant", ref, change: kept }];
    return heldLeftGrants === undefined ? [{ type: "revokeGrant", ref }] : [];
  });
}

function unsupportedIn(
  { spec, sections, adoptedId, publishesSigningSecret }: Desired,
  access: ProviderAccess,
): string | undefined {
  if (access.state !== "ready") return undefined;
  const { facts } = access;
  const { vendor, capabilities } = facts;
  const { tokens } = spec;
  const lifetime = lifetimeProblem("spec.tokens.lifetime", tokens.lifetimeSeconds, facts);
  if (lifetime !== undefined) return lifetime;
  // The ID of the API to adopt is immutable, and so is its section.
  const remedy = adoptedId === undefined ? undefined : "Create this OAuthApi again without it.";
  return unsupportedMessage(facts, [
    ...sections
      .filter((section) => section !== vendor)
      .map((section) => ({ field: `spec.${section}`, wanted: section, offered: [], remedy })),
    {
      field: "spec.tokens.signingAlgorithm",
      wanted: tokens.signingAlgorithm,
      offered: capabilities.signingAlgorithms,
      companion: publishesSigningSecret ? "spec.signingSecret" : undefined,
    },
    { field: "spec.tokens.profile", wanted: tokens.profile, offered: capabilities.profiles },
    {
      field: "spec.scopes[].default",
      wanted: spec.scopes.some(({ isDefault }) => isDefault === true) ? "true" : undefined,
      offered: capabilities.whenNoneRequested === "nothing" ? [] : ["true"],
    },
    {
      field: "spec.tokens.permissions",
      wanted: tokens.permissions,
      offered: capabilities.permissionsClaim ? ["Include", "Omit"] : [],
    },
  ]);
}

function planRemote(desired: Desired, observed: Observed, facts: ProviderFacts, now: Date): Step {
  const { remote } = observed;
  switch (remote.kind) {
    case "unread":
      return wait("ProviderNotReady", "The tenant has not been read yet.");
    case "unsettled":
      return waitUntil(
        "Progressing",
        "The outcome of an earlier create request is not known. The operator waits until the tenant shows it.",
        remote.until,
      );
    case "notOurs":
      return remote.api === undefined
        ? planUnknownApi(desired, observed, facts, now)
        : planNotOurs(desired, observed, facts, remote.api, now);
    case "madeByPredecessor":
      return observed.mayRecover
        ? planFound(desired, observed, facts, remote.api, [])
        : planMadeByPredecessor(remote.api);
    case "absent":
      if (observed.isNamespaceTerminating) return wait("Deleting", "The namespace is being deleted.");
      if (isNeverCreated(desired, observed)) return nothingToAdopt(desired, now);
      return act({ type: "createApi", spec: honoured(desired.spec, facts.capabilities) });
    case "found":
      return planFound(desired, observed, facts, remote.api, remote.duplicates);
  }
}

/** `adopt` is a promise to use what exists. What this resource created itself is restored. */
function isNeverCreated({ isAdopting }: Desired, { mayHaveMade, origin }: Observed): boolean {
  return isAdopting && (mayHaveMade !== true || origin === "Adopted");
}

function planFound(
  desired: Desired,
  observed: Observed,
  { capabilities }: ProviderFacts,
  api: ObservedApi,
  duplicates: readonly Ref[],
): Step {
  const refusal = refusalOf(desired, observed, api);
  if (refusal !== undefined) return refusal;
  const remark = capabilities.marksApis ? missingMark(desired, observed, api) : undefined;
  const wanted = wantedOf(desired, observed, honoured(desired.spec, capabilities), api);
  // Settings of an adopted API that no field covers belong to its owner.
  const restore = api.isImpaired && observed.origin === "Made" ? { restore: true as const } : {};
  const change = { ...changeOf(wanted, api), ...restore };
  const actions: Action[] = duplicates.map((ref) => ({ type: "removeApi", ref }));
  if (remark !== undefined || Object.keys(change).length > 0)
    actions.push({ type: "updateApi", ref: api.ref, change, remark });
  if (actions.length > 0) return { actions };
  if (observed.isNamespaceTerminating) return wait("Deleting", "The namespace is being deleted.");
  return planOutputs(observed);
}

/** What the mark is to say; `undefined` when it says so. */
function missingMark({ owner }: Desired, { origin }: Observed, { mark }: ObservedApi): Mark["origin"] | undefined {
  if (isOwnedBy(mark, owner) && mark?.object === owner.object) return undefined;
  return mark?.origin ?? (origin === "Adopted" ? "adopted" : "made");
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
  return {
    actions: [
      ...formerConfigMaps.map((name): Action => ({ type: "removeFormerConfigMap", name })),
      ...formerSecrets.map((name): Action => ({ type: "removeFormerSecret", name })),
    ],
  };
}
