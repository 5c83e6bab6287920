import { expect, it } from "vitest";
import type { KindContext } from "../../../../src/kinds/kind-context.ts";
import type { GrantObserved } from "../../../../src/kinds/scope-grant/observe.ts";
import { report } from "../../../../src/kinds/scope-grant/report.ts";
import type { ScopeGrant } from "../../../../src/kinds/scope-grant/schema.ts";
import { createFakeResource, noOutputs } from "../../../fakes/objects.ts";
import { FACTS } from "../provider-facts.ts";

const NOW = new Date("2026-01-01T00:00:00Z");
const ready = { state: "ready", ref: "ref" };
const held = { kind: "read", grant: { ref: "grant-1", scopes: ["read", "write"], allScopes: false, readAt: NOW } };
const gone = { kind: "read", grant: undefined };
const observed = {
  ...{ remote: held, peers: {}, provider: { state: "ready", facts: FACTS }, client: ready, api: ready },
  names: { api: "OAuthApi payroll/timesheets", client: "M2MClient billing/job", namespace: "billing" },
  ...{ own: { granted: ["read", "write"], unknown: [] }, organizations: { known: [], missing: [] } },
  ...{ origin: "Made", isNew: false, conflict: undefined, secret: undefined },
};

/** What status says is granted after this was observed, in words; `Ready` before was True. */
async function grantedAfter(change: object, before: readonly string[] | undefined): Promise<unknown> {
  const resource = {
    ...{ apiVersion: "m2m-operator.io/v1alpha1", kind: "ScopeGrant", spec: { clientRef: { name: "job" } } },
    metadata: { name: "job", namespace: "team", uid: "u", resourceVersion: "1", generation: 1 },
    ...(before === undefined ? {} : { status: { externalId: "grant-1", grantedScopes: before } }),
  } as unknown as ScopeGrant;
  const scopeGrants = createFakeResource(resource);
  const events = { record: () => undefined };
  const none = { get: () => undefined };
  const resources = { scopeGrants, m2mClients: none, oAuthApis: none, clusterIdentityProviders: none };
  const context = {
    resources,
    connections: { lastReadAt: () => undefined },
    events,
    now: () => NOW,
    memory: {},
    settings: { startedAt: NOW },
    ...noOutputs(),
  };
  const seen = { desired: {}, observed: { ...observed, ...change } } as unknown;
  const result = { kind: "backoff", reason: "ProviderUnavailable", message: "", error: undefined } as const;
  await report(context as unknown as KindContext, resource, seen as { observed: GrantObserved } as never, result);
  return scopeGrants.get("", "")?.status?.grantedScopes;
}

const BOTH = ["read", "write"];

it.each<[string, object, readonly string[] | undefined, readonly string[] | undefined]>([
  ["what the provider holds is granted", {}, undefined, BOTH],
  ["of a grant that is lost, what it was stays", { remote: gone }, BOTH, BOTH],
  ["what was never there is not granted", { remote: gone, isNew: true }, undefined, undefined],
  ["while the API changes it stays", { api: { state: "notReady", message: "" } }, BOTH, BOTH],
  [
    "a scope that was taken off by hand stays while it is put back",
    { remote: { ...held, grant: { ...held.grant, scopes: ["read"] } } },
    BOTH,
    BOTH,
  ],
  [
    "a scope that is no longer asked for goes",
    { remote: gone, own: { granted: ["read"], unknown: [] } },
    BOTH,
    ["read"],
  ],
  [
    "consent of the API's owner that is withdrawn takes it away",
    { api: { state: "refused", message: "" } },
    BOTH,
    undefined,
  ],
  [
    "consent of the tenant's owner that is withdrawn takes it away",
    { provider: { state: "refused", message: "", uid: "p" } },
    BOTH,
    undefined,
  ],
  [
    "an API that is being deleted takes it away",
    { peers: { api: { metadata: { deletionTimestamp: "x" }, spec: {} } } },
    BOTH,
    undefined,
  ],
  [
    "a client that is gone with its grant takes it away",
    { remote: gone, client: { state: "notReady", message: "", isMissing: true } },
    BOTH,
    undefined,
  ],
  [
    "a client that is gone and was retained keeps it",
    { client: { state: "notReady", message: "", isMissing: true } },
    BOTH,
    BOTH,
  ],
  [
    "what is withdrawn and waits for a confirmation stays",
    { api: { state: "refused", message: "" }, heldRevocation: "too many" },
    BOTH,
    BOTH,
  ],
  [
    "an API that somebody else owns by now takes it away",
    { api: { state: "notReady", message: "", isForeign: true } },
    BOTH,
    undefined,
  ],
  [
    "an audience alone is granted as an empty list",
    {
      own: { granted: [], unknown: [], isAudienceOnly: true },
      remote: { ...held, grant: { ...held.grant, scopes: [] } },
    },
    undefined,
    [],
  ],
  ["an earlier grant that says otherwise takes it away", { conflict: { field: "f", winner: "w" } }, BOTH, undefined],
])("%s", async (_claim, change, before, expected) => {
  expect(await grantedAfter(change, before)).toEqual(expected);
});
