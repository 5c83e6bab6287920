import { describe, expect, it } from "vitest";
import type { Judge } from "../../../../src/kinds/access/allowed-grant.ts";
import { apiView, clientView, type Peers } from "../../../../src/kinds/scope-grant/peers.ts";
import type { M2MClient } from "../../../../src/kinds/m2m-client/schema.ts";
import type { OAuthApi } from "../../../../src/kinds/oauth-api/schema.ts";
import type { ScopeGrant } from "../../../../src/kinds/scope-grant/schema.ts";

const PAUSED = { annotations: { "m2m-operator.io/paused": "true" } };
const stalled = (reason: string) => ({
  conditions: [
    { type: "Ready", status: "False", reason, message: "secret matters" },
    { type: "Stalled", status: "True", reason, message: "secret matters" },
  ],
});
const RECONCILING = {
  conditions: [
    { type: "Ready", status: "False", reason: "Progressing", message: "" },
    { type: "Reconciling", status: "True", reason: "Progressing", message: "" },
  ],
};

const judge = (audiences?: readonly string[]): Judge =>
  ({
    namespaces: { get: () => ({ labels: {} }) },
    object: { kind: "ClusterIdentityProvider", metadata: { name: "default" } },
    rules: { scope: "cluster", namespace: "", allow: [{ namespaces: { from: "All" }, audiences }] },
  }) as unknown as Judge;

const api = (namespace: string, metadata: object, status: object | undefined, spec: object = {}): OAuthApi =>
  ({
    kind: "OAuthApi",
    metadata: { name: "a", namespace, generation: 1, ...metadata },
    spec: { audience: "https://a.example.com", scopes: [], allowedGrants: [{ namespaces: { from: "All" } }], ...spec },
    ...(status === undefined ? {} : { status }),
  }) as unknown as OAuthApi;

const client = (metadata: object, status: object | undefined, spec: object = {}): M2MClient =>
  ({
    kind: "M2MClient",
    metadata: { name: "c", namespace: "team", ...metadata },
    spec,
    ...(status === undefined ? {} : { status }),
  }) as unknown as M2MClient;

const grant = (namespace?: string): ScopeGrant =>
  ({
    kind: "ScopeGrant",
    metadata: { name: "g", namespace: "team" },
    spec: { clientRef: { name: "c" }, apiRef: { name: "a", ...(namespace === undefined ? {} : { namespace }) } },
  }) as unknown as ScopeGrant;

const peers = (one: Partial<Peers>): Peers => ({ client: undefined, api: undefined, external: undefined, ...one });
const said = (view: { readonly state: string }): string => ("message" in view ? String(view.message) : view.state);
const ofApi = (one: OAuthApi): string => said(apiView(judge(), grant(one.metadata.namespace), peers({ api: one })));

describe("an API of the grant's own namespace", () => {
  it.each([
    ["is being made", api("team", {}, RECONCILING), "OAuthApi team/a has not been created at the provider yet."],
    ["was just made", api("team", {}, undefined), "OAuthApi team/a has not been created at the provider yet."],
    [
      "is Stalled",
      api("team", {}, stalled("NotOwned")),
      "OAuthApi team/a is not Ready (NotOwned). Read its condition.",
    ],
    [
      "is paused before it was made",
      api("team", PAUSED, undefined),
      "OAuthApi team/a is paused (m2m-operator.io/paused) and has not been created at the provider. Resume it.",
    ],
    [
      "is paused and was changed",
      api("team", PAUSED, { externalId: "x", observedGeneration: 0 }),
      "OAuthApi team/a is paused (m2m-operator.io/paused) and has changes. Resume it.",
    ],
    [
      "was changed",
      api("team", {}, { externalId: "x", observedGeneration: 0 }),
      "OAuthApi team/a has changes that are not applied yet.",
    ],
    [
      "is being deleted",
      api("team", { deletionTimestamp: "x" }, stalled("MassRevocation")),
      "OAuthApi team/a is being deleted (MassRevocation). Delete this ScopeGrant, or ask the owner of OAuthApi team/a.",
    ],
  ])("that %s says so, and what to do", (_what, one, message) => {
    expect(ofApi(one)).toBe(message);
  });

  it("whose audience is not allowed says that, and not that it does not exist", () => {
    const view = apiView(judge(["https://b.example.com"]), grant(), peers({ api: api("team", {}, RECONCILING) }));
    expect(said(view)).toBe(
      "OAuthApi team/a may not claim its audience: ClusterIdentityProvider default does not allow it. Read the condition of OAuthApi team/a.",
    );
  });
});

it.each([
  [api("other", {}, stalled("NotOwned")), "OAuthApi other/a is not Ready. Ask its owner to read its condition."],
  [
    api("other", { deletionTimestamp: "x" }, stalled("MassRevocation")),
    "OAuthApi other/a is being deleted. Delete this ScopeGrant, or ask the owner of OAuthApi other/a.",
  ],
])("of an API of another namespace no reason is told", (one, message) => {
  expect(ofApi(one)).toBe(message);
});

it("a client that is Stalled or paused is not said to come", () => {
  expect(said(clientView(grant(), client({}, stalled("NotOwned"))))).toBe(
    "M2MClient team/c is not Ready (NotOwned). Read its condition.",
  );
  expect(said(clientView(grant(), client(PAUSED, undefined)))).toContain("is paused (m2m-operator.io/paused)");
});

it("a client and an API of different providers are told apart by both, since neither can change", () => {
  const one = api("team", {}, RECONCILING, { providerRef: { kind: "ClusterIdentityProvider", name: "default" } });
  const other = client({}, RECONCILING, { providerRef: { kind: "IdentityProvider", name: "own" } });
  expect(apiView(judge(), grant(), peers({ api: one, client: other }))).toEqual({
    state: "refused",
    reason: "ProvidersDiffer",
    message:
      "M2MClient team/c uses IdentityProvider team/own, and OAuthApi team/a uses ClusterIdentityProvider default. Create one of them again with the providerRef of the other.",
  });
});
