import { describe, expect, it } from "vitest";
import type { Desired, Observed } from "../../../../src/kinds/scope-grant/model.ts";
import { plan } from "../../../../src/kinds/scope-grant/plan.ts";
import type { ObservedGrant, Ref } from "../../../../src/ports/provider.ts";
import { FACTS } from "../provider-facts.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const CLIENT = "client" as Ref;
const API = "api" as Ref;
const grant: ObservedGrant = {
  ref: "grant" as Ref,
  client: CLIENT,
  api: undefined,
  audience: "aud",
  scopes: ["a", "b"],
  allScopes: false,
  organizations: { usage: "Deny", any: false, ids: undefined },
  lifetimeSeconds: undefined,
  duplicates: [],
  isImpaired: false,
  overriddenBy: [],
  isSystem: false,
  readAt: new Date(0),
};
const converged: Observed = {
  hasFinalizer: true,
  provider: {
    state: "ready",
    facts: FACTS,
  },
  client: { state: "ready", ref: CLIENT },
  api: { state: "ready", ref: API },
  pair: { audience: "aud", scopes: ["a", "b"], isAllScopes: false, isWanted: true },
  conflict: undefined,
  organizations: { known: [], missing: [] },
  isExternal: false,
  isProviderNamed: true,
  names: {
    api: "OAuthApi payroll/timesheets",
    client: "M2MClient billing/job",
    provided: "M2MClient billing/job",
    namespace: "billing",
  },
  heldRevocation: undefined,
  origin: "Made",
  isClientAdopted: false,
  isNew: false,
  owned: [],
  own: { granted: ["a"], unknown: [] },
  remote: { kind: "read", grant },
  isNamespaceTerminating: false,
  isCarriedByClient: true,
  secret: undefined,
  formerSecrets: [],
  abandonment: { mayAbandon: false, checkAt: NOW },
  mayHaveMade: true,
};

const nothingSpecial = { allClients: false, organizations: false, lifetimeSeconds: undefined };
const stepsOf = (
  observed: Partial<Observed>,
  isAbsent = false,
  asksFor = nothingSpecial as Desired["asksFor"],
  isPaused = false,
): string => {
  const desired = { isAbsent, isPaused, asksFor };
  const { actions, halt } = plan(desired, { ...converged, ...observed }, new Date(0));
  const stop = halt === undefined ? "" : halt.kind === "paused" ? "paused" : `${halt.kind} ${halt.reason}`;
  return [...actions.map(({ type }) => type), stop].filter((part) => part !== "").join(", ");
};
const missing = { kind: "read", grant: undefined } as const;
const refused = { state: "refused", message: "no" } as const;
const PAIR = { audience: "aud", scopes: ["a", "b"], isAllScopes: false, isWanted: true };
/** All scopes of an API that has none. */
const AUDIENCE_ONLY = {
  own: { granted: [], unknown: [], isAudienceOnly: true },
  pair: { ...PAIR, scopes: [] },
  remote: { kind: "read", grant: { ...grant, scopes: [] } },
} as const;

describe("the plan of a grant", () => {
  it.each<[string, string, Partial<Observed>]>([
    ["what is as it should be needs nothing", "", {}],
    ["the order of scopes says nothing", "", { remote: { kind: "read", grant: { ...grant, scopes: ["b", "a"] } } }],
    ["a missing grant is created", "createGrant", { remote: missing }],
    [
      "other scopes are replaced by the pair's",
      "updateGrant",
      { remote: { kind: "read", grant: { ...grant, scopes: ["a"] } } },
    ],
    ["a client that is not ready is waited for", "wait ClientNotReady", { client: { state: "notReady", message: "" } }],
    ["an API that is not ready is waited for", "wait ApiNotReady", { api: { state: "notReady", message: "" } }],
    [
      "withdrawn consent takes the grant away",
      "removeGrant",
      { api: refused, pair: { audience: "aud", scopes: [], isAllScopes: false, isWanted: false } },
    ],
    [
      "what others of the pair may ask for stays",
      "updateGrant",
      { api: refused, pair: { audience: "aud", scopes: ["b"], isAllScopes: false, isWanted: true } },
    ],
    ["without consent and without a grant it waits", "wait NotAllowedOrMissing", { api: refused, remote: missing }],
    [
      "the tenant's owner can withdraw consent too",
      "removeGrant",
      { provider: { state: "refused", message: "", uid: "p" }, pair: undefined },
    ],
    [
      "a grant of nothing is no grant",
      "removeGrant",
      {
        pair: { audience: "aud", scopes: [], isAllScopes: false, isWanted: false },
        own: { granted: [], unknown: ["x"] },
      },
    ],
    [
      "the provider's own grant is never touched",
      "stalled NotOwned",
      { remote: { kind: "read", grant: { ...grant, isSystem: true } } },
    ],
    ["it is Ready only once the client's Secret carries it", "wait ClientNotReady", { isCarriedByClient: false }],
  ])("%s", (_claim, expected, observed) => {
    expect(stepsOf(observed)).toBe(expected);
  });

  it.each<[string, string, Partial<Observed>]>([
    ["is granted a scope that it requests", "", {}],
    ["by its audience alone, it has no scopes", "", AUDIENCE_ONLY],
    [
      "of which only a part is granted, it is not Ready",
      "wait UnknownScopes",
      { own: { granted: ["a"], unknown: ["x"] } },
    ],
    [
      "of which nothing is left, it loses the grant",
      "removeGrant",
      { ...AUDIENCE_ONLY, own: { granted: [], unknown: [] }, pair: { ...AUDIENCE_ONLY.pair, isWanted: false } },
    ],
    [
      "of which nothing is left for too many at once, it waits",
      "stalled MassRevocation",
      {
        ...AUDIENCE_ONLY,
        heldRevocation: "too many",
        own: { granted: [], unknown: [] },
        pair: { ...AUDIENCE_ONLY.pair, isWanted: false },
      },
    ],
  ])("a request: %s", (_claim, expected, observed) => {
    expect(stepsOf(observed)).toBe(expected);
  });

  const linked = { usage: "Allow", any: true, ids: ["org_1", "org_2"] } as const;
  const bound = { remote: { kind: "read", grant: { ...grant, organizations: linked } } } as const;
  const updated = (observed: Partial<Observed>, isPaused: boolean): unknown => {
    const desired = { isAbsent: false, isPaused, asksFor: nothingSpecial };
    const [first] = plan(desired, { ...converged, ...bound, ...observed }, new Date(0)).actions;
    return first?.type === "updateGrant" ? first.change : undefined;
  };
  it.each<[string, object | undefined, Partial<Observed>]>([
    ["an organization", { usage: "Allow", ids: ["org_2"] }, { beyondConsent: { any: false, ids: ["org_1"] } }],
    ["every organization", { usage: "Allow", any: false }, { beyondConsent: { any: true, ids: [] } }],
    ["both", { usage: "Allow", any: false, ids: [] }, { beyondConsent: { any: true, ids: ["org_1", "org_2"] } }],
    ["nothing", undefined, { beyondConsent: { any: false, ids: [] } }],
    [
      "nothing of a grant that it never adopted",
      undefined,
      { beyondConsent: { any: true, ids: ["org_1"] }, isClientAdopted: true, isNew: true },
    ],
    [
      "nothing of the provider's own",
      undefined,
      {
        beyondConsent: { any: true, ids: ["org_1"] },
        remote: { kind: "read", grant: { ...grant, organizations: linked, isSystem: true } },
      },
    ],
  ])("consent that was withdrawn takes off %s", (_what, organizations, observed) => {
    const change = organizations === undefined ? undefined : { organizations };
    expect(updated(observed, true)).toEqual(change);
    expect(updated({ ...observed, client: { state: "notReady", message: "" } }, false)).toEqual(change);
    expect(updated({ ...observed, pair: { ...PAIR, scopes: ["c"] } }, false)).toEqual(
      change ?? (observed.remote === undefined && observed.isNew !== true ? { scopes: ["c"] } : undefined),
    );
  });

  it("what is not allowed is waited for in the words for what does not exist; every organization says what it needs", () => {
    const messageOf = (organizations: Observed["organizations"]): string => {
      const { halt } = plan(
        { isAbsent: false, isPaused: false, asksFor: nothingSpecial },
        { ...converged, organizations },
        new Date(0),
      );
      return halt === undefined || halt.kind === "paused" ? "" : `${halt.reason}: ${halt.message}`;
    };
    expect(messageOf({ known: [], missing: ["x"] })).toBe(
      'OrganizationNotFound: The tenant has no organization "x", or ClusterIdentityProvider default does not allow namespace billing to use it. Correct spec.organizations.names, create the organization at the tenant, or ask the owner of ClusterIdentityProvider default to extend spec.allow[].organizations.',
    );
    expect(messageOf({ known: [], missing: [], isAnyRefused: true })).toMatch(
      /^OrganizationNotFound: .*spec\.organizations\.any.*"\*"/,
    );
  });

  const allowed = { scopes: ["a"], isWhole: false };
  const narrowed = { pair: { ...PAIR, allowed } };
  it.each<[string, string, Partial<Observed>, boolean?]>([
    ["nothing more happens while it is paused", "paused", { remote: missing }, true],
    ["paused, it loses what consent does not allow", "updateGrant", narrowed, true],
    ["paused, it loses all of it", "removeGrant", { pair: { ...PAIR, allowed: { scopes: [], isWhole: false } } }, true],
    ["paused, it is taken away with consent", "removeGrant", { api: refused, pair: undefined }, true],
    ["paused and refused, it says that it is paused", "paused", { api: refused, remote: missing }, true],
    ["paused, it gets back its finalizer", "addFinalizer", { hasFinalizer: false }, true],
    [
      "waiting for its client, it is narrowed",
      "updateGrant",
      { ...narrowed, client: { state: "notReady", message: "" } },
    ],
    ["in conflict, it is narrowed", "updateGrant", { ...narrowed, conflict: { field: "f", winner: "w" } }],
    [
      "a grant of all scopes is narrowed to a list",
      "updateGrant",
      { ...narrowed, remote: { kind: "read", grant: { ...grant, scopes: [], allScopes: true } } },
      true,
    ],
    [
      "on an adopted client, scopes that no resource requested stay",
      "paused",
      { ...narrowed, isClientAdopted: true, owned: ["a"] },
      true,
    ],
    [
      "on an adopted client, a grant that it never adopted is not taken away",
      "wait NotAllowedOrMissing",
      { api: refused, pair: undefined, isClientAdopted: true, isNew: true },
    ],
    [
      "on an adopted client, a grant without scopes that it never adopted stays",
      "wait ApiNotReady",
      {
        ...{ isClientAdopted: true, isNew: true, api: { state: "notReady", message: "" } },
        pair: { ...PAIR, allowed: { scopes: [], isWhole: false } },
        remote: { kind: "read", grant: { ...grant, scopes: [] } },
      },
    ],
    [
      "a provider that only observes changes nothing",
      "wait ObserveOnly",
      { provider: { state: "refused", message: "", uid: "p", onlyObserves: true }, pair: undefined },
    ],
  ])("consent: %s", (_claim, expected, observed, isPaused = false) => {
    expect(stepsOf(observed, false, nothingSpecial, isPaused)).toBe(expected);
  });

  it.each<[string, string, Partial<Observed>]>([
    [
      "the last one of a pair removes the grant",
      "removeGrant, removeFinalizer",
      { pair: { audience: "aud", scopes: [], isAllScopes: false, isWanted: false } },
    ],
    [
      "one of several takes away only its own",
      "updateGrant, removeFinalizer",
      { pair: { audience: "aud", scopes: ["b"], isAllScopes: false, isWanted: true } },
    ],
    [
      "on an adopted client, what it has no record of stays",
      "removeFinalizer",
      {
        isClientAdopted: true,
        isNew: true,
        pair: { audience: "aud", scopes: [], isAllScopes: false, isWanted: false },
      },
    ],
    ["what the others ask for anyway stays as it is", "removeFinalizer", {}],
    ["what is already gone is fine", "removeFinalizer", { remote: missing }],
    ["without the provider it waits", "wait ProviderNotReady", { provider: { state: "notReady", message: "" } }],
    [
      "not for ever",
      "abandonGrant, removeFinalizer",
      { provider: { state: "notReady", message: "" }, abandonment: { mayAbandon: true, checkAt: NOW } },
    ],
  ])("deleted: %s", (_claim, expected, observed) => {
    expect(stepsOf(observed, true)).toBe(expected);
  });
});
