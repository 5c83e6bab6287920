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
): string => {
  const desired = { isAbsent, isPaused: false, asksFor };
  const { actions, halt } = plan(desired, { ...converged, ...observed }, new Date(0));
  const stop = halt === undefined ? "" : halt.kind === "paused" ? "paused" : `${halt.kind} ${halt.reason}`;
  return [...actions.map(({ type }) => type), stop].filter((part) => part !== "").join(", ");
};
const missing = { kind: "read", grant: undefined } as const;
const refused = { state: "refused", message: "no" } as const;

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
