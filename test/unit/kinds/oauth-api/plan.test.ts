import { describe, expect, it } from "vitest";
import { changeOf } from "../../../../src/kinds/oauth-api/change.ts";
import type { Desired, Observed } from "../../../../src/kinds/oauth-api/model.ts";
import { plan } from "../../../../src/kinds/oauth-api/plan.ts";
import type { ObservedApi, Ref } from "../../../../src/ports/provider.ts";
import { FACTS } from "../provider-facts.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const REF = "api" as Ref;
const api: ObservedApi = {
  ref: REF,
  audience: "aud",
  displayName: "API",
  description: undefined,
  mark: undefined,
  scopes: [{ name: "a", description: "A" }],
  tokens: { lifetimeSeconds: 86_400, signingAlgorithm: "RS256", profile: "Auth0", permissions: "Omit" },
  settings: {},
  signingSecretFingerprint: undefined,
  isImpaired: false,
  isSystem: false,
  readAt: NOW,
};
const desired: Desired = {
  isAbsent: false,
  isPaused: false,
  deletionPolicy: "Delete",
  isForced: false,
  isAdopting: false,
  ownsDisplayName: true,
  sections: [],
  publishesSigningSecret: false,
  owner: { instance: "one", object: "0123456789abcdef", uid: "11111111-1111-1111-1111-111111111111" },
  namespace: "team",
  adoptedId: undefined,
  spec: { audience: "aud", displayName: "API", scopes: [{ name: "a", description: "A" }], tokens: {} },
};
const HELD = { annotation: "confirm", value: "0123456789abcdef", message: "many" };
const converged: Observed = {
  hasFinalizer: true,
  provider: {
    state: "ready",
    facts: FACTS,
  },
  audienceRefusal: undefined,
  winner: undefined,
  remote: { kind: "found", api, duplicates: [] },
  isNamespaceTerminating: false,
  mayAdopt: false,
  mayRecover: false,
  origin: "Made",
  ownedScopes: [],
  configMap: undefined,
  signingSecret: undefined,
  formerConfigMaps: [],
  formerSecrets: [],
  grants: undefined,
  abandonment: { mayAbandon: false, checkAt: NOW },
};
const stepsOf = (observed: Partial<Observed>, wanted: Partial<Desired> = {}): string => {
  const { actions, halt } = plan({ ...desired, ...wanted }, { ...converged, ...observed }, NOW);
  const stop = halt === undefined ? "" : halt.kind === "paused" ? "paused" : `${halt.kind} ${halt.reason}`;
  return [...actions.map(({ type }) => type), stop].filter((part) => part !== "").join(", ");
};

type HeldCase = [string, string, Partial<Observed>, Partial<Desired>];
const OBSERVED_BY_ANNOTATION = { ...FACTS, managementPolicy: "ObserveOnly", isObservedByAnnotation: true } as const;

describe("the plan of an API", () => {
  it.each<[string, string, Partial<Observed>, Partial<Desired>?]>([
    ["what is as it should be needs nothing", "", {}],
    ["an API that is nowhere is created", "createApi", { remote: { kind: "absent" } }],
    ["somebody else's API is left alone", "stalled NotOwned", { remote: { kind: "notOurs", api } }],
    [
      "the provider's own API is left alone",
      "stalled NotOwned",
      { remote: { kind: "found", api: { ...api, isSystem: true }, duplicates: [] } },
    ],
    [
      "while a create may still come to light nothing is created",
      "wait Progressing",
      { remote: { kind: "unsettled", until: NOW } },
    ],
    ["a resource with the better claim wins", "stalled Conflict", { winner: "another" }],
    ["an audience needs the consent of the tenant's owner", "wait AudienceNotAllowed", { audienceRefusal: "no" }],
    [
      "deleted: our grants go first",
      "revokeGrant, removeApi, removeFinalizer",
      { grants: { ours: ["g" as Ref], others: [] } },
      { isAbsent: true },
    ],
    [
      "deleted: grants of others hold it back",
      "revokeGrant, wait GrantsRemain",
      { grants: { ours: ["g" as Ref], others: ["x"] } },
      { isAbsent: true },
    ],
    [
      "deleted: unless it is forced",
      "removeApi, removeFinalizer",
      { grants: { ours: [], others: ["x"] } },
      { isAbsent: true, isForced: true },
    ],
    ["deleted: somebody else's API stays", "removeFinalizer", { remote: { kind: "notOurs", api } }, { isAbsent: true }],
    [
      "an API that another OAuthApi manages is not adopted",
      "stalled Conflict",
      { remote: { kind: "notOurs", api }, managedBy: "OAuthApi team/api", mayAdopt: true },
      { isAdopting: true },
    ],
    [
      "an API that another OAuthApi manages is not offered for adoption",
      "stalled Conflict",
      { remote: { kind: "notOurs", api }, managedBy: "OAuthApi team/api", mayAdopt: true },
    ],
    [
      "who manages an API is told only to those who may adopt it",
      "stalled NotOwned",
      { remote: { kind: "notOurs", api }, managedBy: "an OAuthApi of another namespace" },
    ],
    ...(["Delete", "Retain"] as const).flatMap((deletionPolicy): readonly HeldCase[] => [
      [
        `deleted: ${deletionPolicy} waits for a confirmation where many use it`,
        "stalled MassRevocation",
        { heldDeletion: HELD },
        { isAbsent: true, deletionPolicy },
      ],
      [
        `deleted: ${deletionPolicy} of what is only observed by annotation too`,
        "stalled MassRevocation",
        { heldDeletion: HELD, provider: { state: "ready", facts: OBSERVED_BY_ANNOTATION } },
        { isAbsent: true, deletionPolicy },
      ],
    ]),
    ["deleted: Retain lets go of it", "releaseApi, removeFinalizer", {}, { isAbsent: true, deletionPolicy: "Retain" }],
  ])("%s", (_claim, expected, observed, wanted) => {
    expect(stepsOf(observed, wanted)).toBe(expected);
  });

  it.each<[string, string, Partial<Observed>, Partial<Desired>]>([
    [
      "no API of the audience",
      "The tenant has no API with audience aud to adopt. Create this resource again with the correct audience, or remove spec.adopt to create the API.",
      { remote: { kind: "absent" } },
      { isAdopting: true },
    ],
    [
      "no API of the ID",
      "The tenant has no API srv-1 to adopt. Create this OAuthApi again with the correct ID, or without the ID and spec.adopt to create an API.",
      { remote: { kind: "notOurs", api: undefined } },
      { isAdopting: true, adoptedId: "srv-1" },
    ],
  ])("%s to adopt: the operator looks again, since the tenant sends no event", (_what, message, observed, wanted) => {
    const seen = { ...converged, mayAdopt: true, mayHaveMade: false, ...observed };
    const { halt } = plan({ ...desired, ...wanted }, seen, NOW);
    const until = new Date(NOW.getTime() + 600_000);
    expect(halt).toMatchObject({ kind: "stalled", reason: "NotOwned", until, message });
  });

  it("a field that the provider cannot honour is named, and nothing is made", () => {
    const tokens = { signingAlgorithm: "HS256", profile: "RFC9068" } as const;
    const { actions, halt } = plan(
      { ...desired, spec: { ...desired.spec, tokens } },
      { ...converged, remote: { kind: "absent" } },
      NOW,
    );
    expect(actions).toEqual([]);
    expect(halt).toMatchObject({ kind: "stalled", reason: "UnsupportedByProvider" });
    expect(JSON.stringify(halt)).toMatch(
      /spec\.tokens\.signingAlgorithm HS256\. Use RS256.*spec\.tokens\.profile RFC9068/,
    );
  });

  it("only what differs is sent, and what nobody set never", () => {
    expect(changeOf(desired.spec, { ...api, tokens: { ...api.tokens, lifetimeSeconds: 60 } })).toEqual({});
    expect(changeOf({ ...desired.spec, tokens: { lifetimeSeconds: 60 } }, api)).toEqual({
      tokens: { lifetimeSeconds: 60 },
    });
    expect(changeOf({ ...desired.spec, tokens: { permissions: "Include" } }, api)).toEqual({
      tokens: { profile: "Auth0", permissions: "Include" },
    });
  });

  it("scopes are compared as a set with descriptions", () => {
    const two = [{ name: "b" }, { name: "a", description: "A" }];
    expect(changeOf({ ...desired.spec, scopes: two }, { ...api, scopes: [...two].reverse() })).toEqual({});
    expect(changeOf({ ...desired.spec, scopes: two }, api)).toEqual({ scopes: two });
  });
});
