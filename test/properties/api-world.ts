import fc from "fast-check";
import type { Action, Desired, LeftGrant, Observed, RemoteView } from "../../src/kinds/oauth-api/model.ts";
import type { ApiChange, ApiScope, ApiSettings, ApiSpec, ApiTokens } from "../../src/ports/provider.ts";
import type { ObservedApi, Ref } from "../../src/ports/provider.ts";
import { type Doing, done } from "./rounds.ts";
import {
  abandonments,
  accesses,
  type capabilities,
  inMs,
  marks,
  maybe,
  NOW,
  OUR_MARK,
  outputs,
  OWNER,
  published,
  rarely,
} from "./worlds.ts";

/** What the resource asks for, and what the plan knows of the rest. */
export interface ApiWorld {
  readonly desired: Desired;
  readonly observed: Observed;
}

const REF = "api" as Ref;
const names = fc.constantFrom("a", "b", "c");

const scopes: fc.Arbitrary<ApiScope[]> = fc.uniqueArray(
  fc.record(
    { name: names, description: fc.constantFrom("", "x"), isDefault: fc.boolean() },
    { requiredKeys: ["name"] },
  ),
  { maxLength: 3, selector: ({ name }) => name },
);

const tokens: fc.Arbitrary<ApiTokens> = fc.record(
  {
    lifetimeSeconds: fc.constantFrom(60, 600),
    signingAlgorithm: fc.constantFrom("RS256", "HS256"),
    profile: fc.constant("Auth0"),
    permissions: fc.constantFrom("Include" as const, "Omit" as const),
  },
  { requiredKeys: [] },
);

/** Plain JSON, as a vendor's section may have it. */
const settings: fc.Arbitrary<ApiSettings> = fc.dictionary(
  names,
  fc.oneof(
    fc.boolean(),
    fc.dictionary(names, fc.boolean(), { maxKeys: 2 }),
    fc.uniqueArray(fc.record({ name: names }), { maxLength: 2, selector: ({ name }) => name }),
  ),
  { maxKeys: 2 },
);

const specs: fc.Arbitrary<ApiSpec> = fc.record(
  {
    ...{ audience: fc.constantFrom("aud", "other"), displayName: fc.constantFrom("API", "B") },
    ...{ description: fc.constantFrom("", "x"), scopes, tokens, settings },
  },
  { requiredKeys: ["audience", "displayName", "scopes", "tokens"] },
);

const apis: fc.Arbitrary<ObservedApi> = fc.record({
  ...{ ref: fc.constant(REF), audience: fc.constantFrom("aud", "other"), displayName: maybe(fc.constant("API")) },
  ...{ description: maybe(fc.constant("x")), scopes, tokens, settings, mark: maybe(marks) },
  ...{ signingSecretFingerprint: fc.constant(undefined), isImpaired: fc.boolean() },
  ...{ isSystem: rarely, readAt: fc.constant(NOW) },
});

const remotes: fc.Arbitrary<RemoteView> = fc.oneof(
  fc.record({ kind: fc.constant("found" as const), api: apis, duplicates: fc.subarray(["twin" as Ref]) }),
  fc.record({ kind: fc.constant("notOurs" as const), api: maybe(apis) }),
  fc.record({ kind: fc.constant("madeByPredecessor" as const), api: apis }),
  fc.constantFrom<RemoteView>({ kind: "unread" }, { kind: "absent" }, { kind: "unsettled", until: inMs(1000) }),
);

const leftGrants: fc.Arbitrary<LeftGrant[]> = fc.uniqueArray(
  fc.record({ ref: fc.constantFrom("g1" as Ref, "g2" as Ref), kept: maybe(fc.record({ scopes: fc.subarray(["a"]) })) }),
  { maxLength: 2, selector: ({ ref }) => ref, size: "xsmall" },
);

const desires: fc.Arbitrary<Desired> = fc.record({
  ...{ isAbsent: rarely, isPaused: rarely, isAdopting: fc.boolean(), ownsDisplayName: fc.boolean() },
  ...{ deletionPolicy: fc.constantFrom(undefined, "Delete" as const, "Retain" as const), sections: fc.constant([]) },
  ...{
    owner: fc.constant(OWNER),
    namespace: fc.constant("team"),
    adoptedId: maybe(fc.constant("api")),
    isForced: fc.boolean(),
    publishesSigningSecret: fc.boolean(),
    spec: specs,
  },
});

const observations: fc.Arbitrary<Observed> = fc.record({
  ...{ hasFinalizer: fc.boolean(), mayHaveMade: fc.boolean(), provider: accesses, remote: remotes },
  ...{
    audienceRefusal: rarely.map((is) => (is ? "no" : undefined)),
    winner: rarely.map((is) => (is ? "x" : undefined)),
  },
  ...{ mayAdopt: fc.boolean(), mayRecover: fc.boolean(), isNamespaceTerminating: rarely },
  origin: fc.constantFrom("Made" as const, "Adopted" as const),
  ownedScopes: fc.subarray(["a", "b"]),
  configMap: maybe(outputs("ConfigMap", "config")),
  signingSecret: maybe(outputs("Secret", "key")),
  ...{ formerConfigMaps: fc.subarray(["old"]), formerSecrets: fc.subarray(["older"]) },
  grants: maybe(fc.record({ ours: fc.subarray(["g1" as Ref]), others: fc.subarray(["somebody"]) })),
  abandonment: abandonments,
  losses: fc.record({
    leftGrants,
    heldLeftGrants: fc.constantFrom(undefined, { annotation: "a", value: "v", message: "too many" }),
    heldRevocations: fc.constant([]),
  }),
});

/** What every observation has in common, whatever the tenant holds. */
export const apiWorlds: fc.Arbitrary<ApiWorld> = fc
  .record({ desired: desires, observed: observations })
  .map(({ desired, observed }) => ({ desired, observed: consistent(desired, observed) }));

function consistent({ isAbsent }: Desired, observed: Observed): Observed {
  const { losses, ...seen } = observed;
  const remote = seen.provider.state === "ready" ? shownBy(seen) : ({ kind: "unread" } as const);
  const { mark } = "api" in remote && remote.api !== undefined ? remote.api : {};
  const origin = mark === undefined || remote.kind === "notOurs" ? seen.origin : ORIGINS[mark.origin];
  return { ...seen, remote, origin, ...(isAbsent || losses === undefined ? {} : { losses }) };
}

const ORIGINS = { made: "Made", adopted: "Adopted" } as const;

/** A provider shows nothing that it does not have, and only its mark tells that an API is an earlier resource's. */
function shownBy({ provider, remote }: Observed): RemoteView {
  if (provider.state !== "ready" || !("api" in remote) || remote.api === undefined) return remote;
  const api = keptBy(provider.facts.capabilities, remote.api);
  if (remote.kind !== "madeByPredecessor") return { ...remote, api };
  if (!provider.facts.capabilities.marksApis) return { kind: "notOurs", api };
  return { ...remote, api: { ...api, mark: { ...(api.mark ?? OUR_MARK), ...OWNER, uid: "earlier" } } };
}

type Kept = typeof capabilities extends fc.Arbitrary<infer T> ? T : never;

function keptBy({ marksApis, apiDescriptions, whenNoneRequested, tokenLifetime }: Kept, api: ObservedApi): ObservedApi {
  const { lifetimeSeconds, ...others } = api.tokens;
  return {
    ...api,
    mark: marksApis ? api.mark : undefined,
    description: apiDescriptions ? api.description : undefined,
    scopes: whenNoneRequested === "defaults" ? api.scopes : api.scopes.map(({ isDefault: _none, ...scope }) => scope),
    tokens: tokenLifetime.heldBy === "api" && lifetimeSeconds !== undefined ? api.tokens : others,
  };
}

const MADE: Omit<ObservedApi, "audience" | "scopes" | "tokens"> = {
  ...{ ref: REF, displayName: undefined, description: undefined, settings: {}, mark: undefined },
  ...{ signingSecretFingerprint: undefined, isImpaired: false, isSystem: false, readAt: NOW },
};

function changed(api: ObservedApi, { mark, restore, tokens: changedTokens, ...change }: ApiChange): ObservedApi {
  return {
    ...api,
    ...change,
    settings: { ...api.settings, ...change.settings },
    tokens: { ...api.tokens, ...changedTokens },
    ...(mark === undefined ? {} : { mark: mark ?? undefined }),
    ...(restore === true ? { isImpaired: false } : {}),
  };
}

/** The world as an action leaves it. */
export function apiAfter({ desired, observed }: ApiWorld, action: Action): ApiWorld {
  return { desired, observed: { ...observed, ...done(DOING, observed, action) } };
}

const presentIn = ({ remote }: Observed): ObservedApi | undefined => ("api" in remote ? remote.api : undefined);

const holding = (api: ObservedApi | undefined, duplicates: readonly Ref[] = []): Partial<Observed> =>
  api === undefined ? {} : { remote: { kind: "found", api, duplicates } };

function withoutGrant({ grants, losses }: Observed, gone: Ref): Partial<Observed> {
  const left = (losses?.leftGrants ?? []).filter(({ ref }) => ref !== gone);
  return {
    ...(losses === undefined ? {} : { losses: { ...losses, leftGrants: left } }),
    ...(grants === undefined ? {} : { grants: { ...grants, ours: grants.ours.filter((ref) => ref !== gone) } }),
  };
}

const DOING: Doing<Observed, Action, Partial<Observed>> = {
  addFinalizer: () => ({ hasFinalizer: true }),
  removeFinalizer: () => ({ hasFinalizer: false }),
  createApi: (observed, { spec }) => ({
    ...holding(marked(observed, changed({ ...MADE, ...spec, settings: {} }, spec))),
    origin: "Made",
  }),
  adoptApi: (observed) => ({ ...holding(presentIn(observed)), origin: "Adopted" }),
  updateApi: (observed, { change, remark }) => {
    const mark = remark === undefined ? {} : { mark: { ...OUR_MARK, origin: remark } };
    const duplicates = observed.remote.kind === "found" ? observed.remote.duplicates : [];
    const present = presentIn(observed);
    return holding(present === undefined ? undefined : changed(present, { ...change, ...mark }), duplicates);
  },
  publishConfigMap: ({ configMap }) => (configMap === undefined ? {} : { configMap: published(configMap) }),
  publishSigningSecret: ({ signingSecret }) =>
    signingSecret === undefined ? {} : { signingSecret: published(signingSecret) },
  removeFormerConfigMap: () => ({ formerConfigMaps: [] }),
  removeFormerSecret: () => ({ formerSecrets: [] }),
  revokeGrant: (observed, { ref }) => withoutGrant(observed, ref),
  narrowGrant: (observed, { ref }) => withoutGrant(observed, ref),
  removeApi: ({ remote }, { ref: gone }) =>
    remote.kind !== "found" || gone === remote.api.ref
      ? { remote: { kind: "absent" } }
      : holding(
          remote.api,
          remote.duplicates.filter((ref) => ref !== gone),
        ),
  releaseApi: (observed, { ref }) => {
    const present = presentIn(observed);
    return ref === undefined || present === undefined ? {} : holding(changed(present, { mark: null }));
  },
  abandonApi: () => ({}),
};

const marked = ({ provider }: Observed, api: ObservedApi): ObservedApi =>
  provider.state === "ready" && provider.facts.capabilities.marksApis ? { ...api, mark: OUR_MARK } : api;
