import { adoptableRetryAt } from "../access/fresh-reading.ts";
import type { Plan } from "../../controller/reconcile.ts";
import { isOwnedBy } from "../../ownership/owner.ts";
import type { Mark } from "../../ports/mark.ts";
import type { ObservedApi, Ref } from "../../ports/provider.ts";
import { stepsOf } from "../../controller/steps.ts";
import { changeOf, honoured, wantedOf } from "./change.ts";
import { lifetimeProblem } from "../access/token-lifetime.ts";
import { planOutput } from "../outputs/decide.ts";
import { isObserveOnly, isOwnWish, observedOnly } from "../access/observe-only.ts";
import { unsupportedMessage } from "../access/unsupported.ts";
import { haltOf, type ProviderAccess, type ProviderFacts } from "../access/provider-access.ts";
import type { Reason } from "../status/reasons.ts";
import { LIFTS } from "./halts.ts";
import type { Action, Desired, Observed } from "./model.ts";
import { PREVIEW } from "./preview.ts";

type Step = Plan<Action>;

const { act, nothing, unmet, wait, waitUntil, stalled, stalledUntil } = stepsOf<Action, Reason, typeof LIFTS>(LIFTS);

/** Decides the next steps. The loop applies them and calls it again, until it returns none. */
export function plan(desired: Desired, observed: Observed, now: Date): Step {
  if (!isObserveOnly(observed.provider)) return planSteps(desired, observed, now);
  const losses = isOwnWish(observed.provider) && !desired.isAbsent ? lossesOf(observed) : [];
  if (losses.length > 0) return { actions: losses };
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
      ? [`The audience ${spec.audience}`, "Use another audience"]
      : [`API ${adoptedId}`, "Adopt another API"];
  return stalled("Conflict", `${what} is already claimed by ${winner}. ${remedy}, or delete one of the two.`);
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

function unsupportedIn({ spec, sections }: Desired, access: ProviderAccess): string | undefined {
  if (access.state !== "ready") return undefined;
  const { vendor, capabilities } = access.facts;
  const { tokens } = spec;
  const lifetime = lifetimeProblem("spec.tokens.lifetime", tokens.lifetimeSeconds, vendor, capabilities);
  if (lifetime !== undefined) return lifetime;
  return unsupportedMessage(vendor, [
    ...sections
      .filter((section) => section !== vendor)
      .map((section) => ({ field: `spec.${section}`, wanted: section, offered: [] })),
    { field: "spec.tokens.signingAlgorithm", wanted: tokens.signingAlgorithm, offered: capabilities.signingAlgorithms },
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
        ? planUnknownApi(desired, observed, now)
        : planNotOurs(desired, observed, facts, remote.api);
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

const nothingToAdopt = ({ spec: { audience } }: Desired, now: Date): Step =>
  stalledUntil(
    "NotOwned",
    `The tenant has no API with audience ${audience} to adopt. Create this resource again with the correct audience, or remove spec.adopt to create the API.`,
    adoptableRetryAt(now),
  );

/** The tenant has no API of the ID to adopt. */
function planUnknownApi({ adoptedId = "" }: Desired, { mayAdopt }: Observed, now: Date): Step {
  if (!mayAdopt) return notAdoptable(adoptedId);
  return stalledUntil(
    "NotOwned",
    `The tenant has no API ${adoptedId} to adopt. Create it there, or check the ID.`,
    adoptableRetryAt(now),
  );
}

/** In the same words whether there is such an API, whoever owns it. */
const notAdoptable = (adoptedId: string): Step =>
  stalled(
    "NotOwned",
    `API ${adoptedId} does not exist, or the provider does not allow this namespace to adopt it. Check the ID, or ask the provider's owner to extend spec.allow[].adopt.audiences.`,
  );

/** The API stays untouched unless the spec and the provider object both allow its adoption. */
function planNotOurs(
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
function planMadeByPredecessor({ audience }: ObservedApi): Step {
  return stalled(
    "NotOwned",
    `This installation created the API ${audience} for an earlier resource of this name. After a rebuild of the cluster, start the operator with --recover to manage it again. Otherwise delete the API at the tenant.`,
  );
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

const systemApi = ({ audience }: ObservedApi): Step =>
  stalled(
    "NotOwned",
    `The API ${audience} belongs to the provider, and the operator does not manage it. Use another audience.`,
  );

const markedByOthers = ({ audience }: ObservedApi): Step =>
  stalled(
    "NotOwned",
    `The API ${audience} carries the mark of another resource or installation. Use another audience, or delete that resource with deletionPolicy: Retain first.`,
  );

function refusalOf(desired: Desired, observed: Observed, api: ObservedApi): Step | undefined {
  if (api.isSystem && desired.adoptedId === undefined) return systemApi(api);
  return isOthers(desired, observed, api) ? markedByOthers(api) : undefined;
}

/** What the mark is to say; `undefined` when it says so. */
function missingMark({ owner }: Desired, { origin }: Observed, { mark }: ObservedApi): Mark["origin"] | undefined {
  if (isOwnedBy(mark, owner) && mark?.object === owner.object) return undefined;
  return mark?.origin ?? (origin === "Adopted" ? "adopted" : "made");
}

/** The mark decides, whatever status says. An earlier resource of this name counts as this one only with --recover. */
function isOthers({ owner }: Desired, { mayRecover }: Observed, { mark }: ObservedApi): boolean {
  if (mark === undefined || isOwnedBy(mark, owner)) return false;
  return !(mayRecover && mark.instance === owner.instance && mark.object === owner.object);
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

/** Status may be lost or forged, so only the finalizer says that there is nothing. */
function planAbsent(desired: Desired, observed: Observed): Step {
  if (!observed.hasFinalizer) return nothing;
  if ((desired.deletionPolicy ?? (observed.origin === "Adopted" ? "Retain" : "Delete")) === "Retain")
    return planRelease(desired, observed);
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

function planAbsentUnread({ abandonment }: Observed): Step {
  if (abandonment.mayAbandon) return act({ type: "abandonApi" }, { type: "removeFinalizer" });
  return waitUntil(
    "ProviderNotReady",
    "The operator cannot use the provider. Once it can, it deletes the API at the tenant. Read the condition of the provider object.",
    abandonment.checkAt,
  );
}

/** Keeps the API and the published objects. Removes our own mark if the tenant can be used, never the mark of another. */
function planRelease(desired: Desired, observed: Observed): Step {
  const { remote, provider, abandonment } = observed;
  if (provider.state === "ready" && remote.kind === "unread" && !abandonment.mayAbandon)
    return waitUntil("ProviderNotReady", "The tenant has not been read yet.", abandonment.checkAt);
  const isMarked = remote.kind === "found" && remote.api.mark !== undefined && !isOthers(desired, observed, remote.api);
  const ref = isMarked ? remote.api.ref : undefined;
  return act({ type: "releaseApi", ref }, { type: "removeFinalizer" });
}

/** Grants go before their API: a provider may keep a grant whose API is gone. */
function planRemoval(desired: Desired, observed: Observed, ref: Ref, duplicates: readonly Ref[]): Step {
  if (observed.heldDeletion !== undefined && !desired.isForced) return stalled("MassRevocation", observed.heldDeletion);
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
