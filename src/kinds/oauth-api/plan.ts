import type { Reason } from "../../controller/reasons.ts";
import type { Plan } from "../../controller/reconcile.ts";
import type { ApiScope, ApiSettings, ApiSpec, ApiTokens, ObservedApi, Ref } from "../../ports/provider.ts";
import { type OutputView, planOutput } from "../outputs-plan.ts";
import { isObserveOnly, observedOnly } from "../observe-only.ts";
import { unsupportedMessage } from "../unsupported.ts";
import { haltOf, type ProviderAccess } from "../provider-access.ts";

export interface Desired {
  readonly isAbsent: boolean;
  readonly isPaused: boolean;
  /** `undefined`: Delete for what we made, Retain for what was adopted. */
  readonly deletionPolicy: "Delete" | "Retain" | undefined;
  readonly isAdopting: boolean;
  /** Whether the spec names a display name; else an adopted API keeps its own. */
  readonly ownsDisplayName: boolean;
  /** Vendor sections that the spec has. */
  readonly sections: readonly string[];
  /** The user asked to delete the API although grants of others still use it. */
  readonly isForced: boolean;
  readonly spec: ApiSpec;
}

export type RemoteView =
  | { readonly kind: "unread" }
  | { readonly kind: "absent" }
  /** A create of ours may still come to light; nothing may be created before `until`. */
  | { readonly kind: "unsettled"; readonly until: Date }
  | { readonly kind: "found"; readonly api: ObservedApi }
  /** An API with this audience exists and is not known to be ours. */
  | { readonly kind: "notOurs"; readonly api: ObservedApi };

export interface Observed {
  readonly hasFinalizer: boolean;
  readonly provider: ProviderAccess;
  /** Why the provider's owner does not let this namespace claim this audience; `undefined` when it may. */
  readonly audienceRefusal: string | undefined;
  /** Another resource of the same tenant that claims the audience and has the better right to it. */
  readonly winner: string | undefined;
  readonly remote: RemoteView;
  /** The provider's owner lets this namespace take over the API of this audience. */
  readonly mayAdopt: boolean;
  readonly origin: "Made" | "Adopted";
  /** Of an adopted API: scopes that the resource has named at some time. */
  readonly ownedScopes: readonly string[];
  readonly isNamespaceTerminating: boolean;
  readonly configMap: OutputView | undefined;
  /** Secret with the key that verifies tokens signed with a shared secret. */
  readonly signingSecret: OutputView | undefined;
  readonly formerConfigMaps: readonly string[];
  readonly formerSecrets: readonly string[];
  /** Read only when the API is to be deleted: grants on it, by whether this operator made their client. */
  readonly grants: { readonly ours: readonly Ref[]; readonly others: readonly string[] } | undefined;
  readonly mayAbandon: boolean;
  /** Something may have been made at the tenant: without that a deletion needs nobody. */
  readonly mayHaveMade: boolean;
}

export type Action =
  | { readonly type: "addFinalizer" }
  | { readonly type: "createApi"; readonly spec: ApiSpec }
  | { readonly type: "updateApi"; readonly ref: Ref; readonly change: Partial<Omit<ApiSpec, "audience">> }
  | { readonly type: "adoptApi"; readonly ref: Ref }
  | { readonly type: "publishConfigMap"; readonly why: string }
  | { readonly type: "publishSigningSecret"; readonly why: string }
  | { readonly type: "removeFormerConfigMap"; readonly name: string }
  | { readonly type: "removeFormerSecret"; readonly name: string }
  | { readonly type: "revokeGrant"; readonly ref: Ref }
  | { readonly type: "removeApi"; readonly ref: Ref }
  | { readonly type: "releaseOutputs" }
  | { readonly type: "abandonApi" }
  | { readonly type: "removeFinalizer" };

type Step = Plan<Action>;

const act = (...actions: Action[]): Step => ({ actions });
const wait = (reason: Reason, message: string, until?: Date): Step => ({
  actions: [],
  halt: { kind: "wait", reason, message, ...(until === undefined ? {} : { until }) },
});
const stalled = (reason: Reason, message: string): Step => ({
  actions: [],
  halt: { kind: "stalled", reason, message },
});

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

/** Of an adopted API nothing is touched that the spec does not name, or has named before. */
function wantedOf({ spec, ownsDisplayName }: Desired, { origin, ownedScopes }: Observed, api: ObservedApi): ApiSpec {
  if (origin === "Made") return spec;
  const present = new Map(api.scopes.map((scope) => [scope.name, scope]));
  const named = new Set([...spec.scopes.map(({ name }) => name), ...ownedScopes]);
  const scopes = [
    ...spec.scopes.map((scope) => (scope.description === undefined ? (present.get(scope.name) ?? scope) : scope)),
    ...api.scopes.filter(({ name }) => !named.has(name)),
  ];
  return { ...spec, scopes, displayName: ownsDisplayName ? spec.displayName : (api.displayName ?? "") };
}

/** Only what differs and what the spec speaks of: a field that nobody set is never sent. */
export function changeOf(spec: ApiSpec, api: ObservedApi): Partial<Omit<ApiSpec, "audience">> {
  const tokens = tokensChange(spec.tokens, api.tokens);
  const settings = settingsChange(spec.settings ?? {}, api.settings);
  return {
    ...(spec.displayName === (api.displayName ?? "") ? {} : { displayName: spec.displayName }),
    ...(areSameScopes(spec.scopes, api.scopes) ? {} : { scopes: spec.scopes }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(settings === undefined ? {} : { settings }),
  };
}

/** A setting that is an object is written whole; of what the spec leaves out in it, the value that is there. */
function settingsChange(wanted: ApiSettings, present: ApiSettings): ApiSettings | undefined {
  const change: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) {
    const whole = isRecord(value) ? { ...(isRecord(present[name]) ? present[name] : {}), ...value } : value;
    if (!isSameSetting(whole, present[name])) change[name] = whole;
  }
  return Object.keys(change).length > 0 ? change : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isSameSetting(left: unknown, right: unknown): boolean {
  if (!isRecord(left) || !isRecord(right)) return left === right;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => left[key] === right[key]);
}

/** Profile and permissions are one setting at some providers, so that a change of either sends both. */
function tokensChange(wanted: ApiTokens, present: Required<ApiTokens>): ApiTokens | undefined {
  const differs = (key: keyof ApiTokens): boolean => wanted[key] !== undefined && wanted[key] !== present[key];
  const { lifetimeSeconds, signingAlgorithm } = wanted;
  const change: ApiTokens = {
    ...(differs("lifetimeSeconds") && lifetimeSeconds !== undefined ? { lifetimeSeconds } : {}),
    ...(differs("signingAlgorithm") && signingAlgorithm !== undefined ? { signingAlgorithm } : {}),
    ...(differs("profile") || differs("permissions") ? shapeOf(wanted, present) : {}),
  };
  return Object.keys(change).length > 0 ? change : undefined;
}

function shapeOf(wanted: ApiTokens, present: Required<ApiTokens>): Pick<ApiTokens, "profile" | "permissions"> {
  return { profile: wanted.profile ?? present.profile, permissions: wanted.permissions ?? present.permissions };
}

function areSameScopes(wanted: readonly ApiScope[], present: readonly ApiScope[]): boolean {
  const descriptions = new Map(present.map((scope) => [scope.name, scope.description ?? ""]));
  return (
    wanted.length === present.length &&
    wanted.every((scope) => descriptions.get(scope.name) === (scope.description ?? ""))
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
