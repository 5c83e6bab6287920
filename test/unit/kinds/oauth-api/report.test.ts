import { describe, expect, it } from "vitest";
import type { ReconcileResult } from "../../../../src/controller/result.ts";
import type { KindContext } from "../../../../src/kinds/kind-context.ts";
import { apply } from "../../../../src/kinds/oauth-api/apply.ts";
import type { Action } from "../../../../src/kinds/oauth-api/model.ts";
import type { ApiObserved } from "../../../../src/kinds/oauth-api/observe.ts";
import { report } from "../../../../src/kinds/oauth-api/report.ts";
import type { OAuthApi } from "../../../../src/kinds/oauth-api/schema.ts";
import type { Ref } from "../../../../src/ports/provider.ts";
import { CAPABILITIES as AUTH0 } from "../../../../src/providers/auth0/capabilities.ts";
import { CAPABILITIES as KEYCLOAK } from "../../../../src/providers/keycloak/capabilities.ts";
import { CAPABILITIES as OKTA } from "../../../../src/providers/okta/capabilities.ts";
import { createFakeResource, noOutputs } from "../../../fakes/objects.ts";
import { FACTS } from "../provider-facts.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const audience = "https://a";
const ready = {
  type: "Ready",
  status: "True",
  reason: "Ready",
  message: "",
  lastTransitionTime: NOW.toISOString(),
} as const;

interface Setting {
  readonly spec?: object;
  readonly status?: OAuthApi["status"];
  readonly capabilities?: typeof OKTA;
  readonly tokens?: object;
  readonly issuer?: string;
  readonly grants?: readonly object[];
  readonly losses?: object;
  readonly heldDeletion?: object;
}

function world({ spec = {}, status, capabilities = AUTH0, tokens = {}, issuer, grants = [], losses }: Setting) {
  const told: string[] = [];
  const resource = {
    ...{ apiVersion: "m2m-operator.io/v1alpha1", kind: "OAuthApi", spec: { audience, scopes: [], ...spec } },
    metadata: { name: "api", namespace: "team", uid: "u", resourceVersion: "1", generation: 1 },
    ...(status === undefined ? {} : { status }),
  } as unknown as OAuthApi;
  const oAuthApis = createFakeResource(resource);
  const none = { get: () => undefined, byIndex: () => grants };
  const context = {
    resources: { oAuthApis, scopeGrants: none, clusterIdentityProviders: none },
    ...{ now: () => NOW, settings: { startedAt: NOW }, nonce: () => "n", ...noOutputs() },
    connections: { lastReadAt: () => undefined },
    events: {
      record: (_of: unknown, type: string, reason: string, note: string) => told.push(`${type} ${reason}: ${note}`),
    },
  } as unknown as KindContext;
  const done = () => Promise.resolve();
  const observed = {
    standing: { provider: { vendor: "okta", apis: { update: done }, grants: { remove: done, update: done } } },
    ...{ provider: { state: "ready", facts: { ...FACTS, capabilities } }, origin: "Made", losses },
    remote: { kind: "found", api: { ref: "api-2", tokens, readAt: NOW }, duplicates: [] },
    ...(issuer === undefined ? {} : { server: { issuer } }),
  } as unknown as ApiObserved;
  return { context, resource, observed, told, status: () => oAuthApis.get("team", "api")?.status };
}

async function reported(setting: Setting, result: ReconcileResult = { kind: "done" }, isRead = true) {
  const { context, resource, observed, told, status } = world(setting);
  const seen = { observed: isRead ? { ...observed, heldDeletion: setting.heldDeletion } : undefined };
  await report(context, resource, seen as Parameters<typeof report>[2], result);
  return { told, status: status() };
}

it.each<[string, Setting, string | undefined]>([
  ["as the tenant has it", { tokens: { lifetimeSeconds: 5400 } }, "1h30m"],
  ["as the spec requests of every grant", { capabilities: OKTA, spec: { tokens: { lifetime: "2h" } } }, "2h"],
  ["as a grant has it where nothing says so", { capabilities: OKTA }, "1h"],
  ["not where the realm decides", { capabilities: KEYCLOAK }, undefined],
])("the lifetime of tokens is told, %s", async (_how, setting, expected) => {
  expect((await reported(setting)).status?.tokenLifetime).toBe(expected);
});

it("an API with many callers of many scopes has a status of limited size", async () => {
  const grantedScopes = Array.from({ length: 1000 }, (_, index) => `${String(index)}${"s".repeat(270)}`);
  const grants = Array.from({ length: 150 }, (_, index) => ({
    metadata: { namespace: "n", name: `g${String(index)}` },
    ...{ spec: {}, status: { grantedScopes } },
  }));
  const { status } = await reported({ grants });
  expect(JSON.stringify(status).length).toBeLessThan(200_000);
  expect([status?.grantCount, status?.grants?.length, status?.grants?.[0]?.scopeCount]).toEqual([150, 100, 1000]);
});

describe("what waits for a confirmation", () => {
  const confirmation = (value: string) => ({ annotation: "confirm", value, message: `Confirm ${value}.` });
  const [first, second] = [confirmation("1"), confirmation("2")];
  const [left, deletion] = [confirmation("left"), confirmation("deletion")];
  const held = (status: OAuthApi["status"]) =>
    status?.conditions?.find(({ type }) => type === "RevocationsHeld")?.message;

  it("is in status, with a condition of what was withdrawn", async () => {
    const losses = { leftGrants: [], heldRevocations: [first, second], heldLeftGrants: left };
    const { status } = await reported({ losses });
    expect(status?.pendingConfirmations).toEqual([first, second, left]);
    expect(held(status)).toBe("Confirm 1. Confirm 2. Confirm left.");
    const again = await reported({ ...(status === undefined ? {} : { status }) });
    expect([again.status?.pendingConfirmations, held(again.status)]).toEqual([undefined, undefined]);
  });

  it("stands as it was where reading failed, and is not told again", async () => {
    const { status } = await reported({ losses: { leftGrants: [], heldRevocations: [first] } });
    const failed: ReconcileResult = { kind: "backoff", reason: "Error", message: "m", error: new Error("m") };
    const { told, status: after } = await reported({ ...(status === undefined ? {} : { status }) }, failed, false);
    expect([after?.pendingConfirmations, held(after)]).toEqual([[first], "Confirm 1."]);
    expect(told.filter((event) => event.includes("MassRevocation"))).toEqual([]);
  });

  it("is a deletion only while nothing else holds it", async () => {
    const stalled = (reason: string): ReconcileResult => ({ kind: "stalled", reason, message: "m" });
    const waiting = await reported({ heldDeletion: deletion }, stalled("MassRevocation"));
    expect(waiting.status?.pendingConfirmations).toEqual([deletion]);
    const other = await reported({ heldDeletion: deletion }, stalled("Deleting"));
    expect(other.status?.pendingConfirmations).toBeUndefined();
  });
});

describe("an API that was deleted at the provider and created again", () => {
  const before: OAuthApi["status"] = { externalId: "api-1", issuer: "https://old" };
  it("leaves a Warning, once", async () => {
    const { told, status } = await reported({ status: before, issuer: "https://old" });
    expect(told).toEqual([
      "Warning Recreated: The API https://a was deleted at the provider. The operator created it again, and creates its grants next. Settings that somebody made at the tenant are lost. Make them again.",
    ]);
    expect((await reported({ ...(status === undefined ? {} : { status }), issuer: "https://old" })).told).toEqual([]);
  });
  it("names its issuer where that is another one", async () => {
    const { told } = await reported({ status: before, issuer: "https://new" });
    expect(told[0]).toContain("Its issuer is now https://new. Configure it where tokens are verified.");
  });
});

describe("what the operator changes at the tenant", () => {
  const ref = "api-2" as Ref;
  const update: Action = {
    ...{ type: "updateApi", ref, remark: undefined },
    change: { tokens: { lifetimeSeconds: 60 }, settings: { policyName: "p" } },
  };
  const converged: OAuthApi["status"] = { observedGeneration: 1, conditions: [ready] };
  const [lost, less] = ["grant-1" as Ref, "grant-2" as Ref];
  const leftGrants = [
    { ref: lost, kept: undefined },
    { ref: less, kept: { scopes: [] } },
  ];
  const both: readonly Action[] = [
    { type: "revokeGrant", ref: lost },
    { type: "narrowGrant", ref: less, change: { scopes: [] } },
  ];
  it.each<[string, readonly Action[], Setting, readonly string[]]>([
    [
      "because somebody changed it",
      [update],
      { status: converged },
      [
        "Normal DriftReverted: The API https://a was changed at the provider: tokens.lifetime, okta.policyName. The operator restored what the spec says.",
      ],
    ],
    ["because the spec changed", [update], { status: { ...converged, observedGeneration: 0 } }, []],
    [
      "because consent does not allow it",
      both,
      { losses: { leftGrants } },
      [
        "Normal AccessRemoved: Consent no longer allows grants that no ScopeGrant manages. The operator deletes grant-1. The operator narrows grant-2.",
      ],
    ],
    [
      "as far as it is not held back",
      both.slice(1),
      { losses: { leftGrants, heldLeftGrants: { annotation: "a", value: "v", message: "too many" } } },
      [
        "Normal AccessRemoved: Consent no longer allows grants that no ScopeGrant manages. The operator narrows grant-2.",
      ],
    ],
    ["because the API is deleted", both.slice(0, 1), {}, []],
  ])("%s leaves an event, or none", async (_why, actions, setting, expected) => {
    const { context, resource, observed, told } = world(setting);
    for (const action of actions)
      await apply(context, resource, { owner: {} } as Parameters<typeof apply>[2], observed, action);
    expect(told).toEqual(expected);
  });
});
