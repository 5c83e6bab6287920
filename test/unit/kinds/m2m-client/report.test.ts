import { describe, expect, it } from "vitest";
import type { ReconcileResult } from "../../../../src/controller/result.ts";
import type { KindContext } from "../../../../src/kinds/kind-context.ts";
import type { ClientObserved } from "../../../../src/kinds/m2m-client/observe.ts";
import { report } from "../../../../src/kinds/m2m-client/report.ts";
import type { M2MClient } from "../../../../src/kinds/m2m-client/schema.ts";
import type { Ref } from "../../../../src/ports/provider.ts";
import { createFakeResource, noOutputs } from "../../../fakes/objects.ts";
import { CLIENT, desiredBy, NOW, observedWith, REF, SECRET } from "./observed.ts";

const HOUR = 3_600_000;
const hence = (hours: number): string => new Date(NOW.getTime() + hours * HOUR).toISOString();
const before = (hours: number): Date => new Date(NOW.getTime() - hours * HOUR);

interface Setting {
  readonly observed?: Partial<ClientObserved>;
  readonly status?: M2MClient["status"];
  readonly spec?: Partial<M2MClient["spec"]>;
  readonly annotations?: Record<string, string>;
  readonly result?: ReconcileResult;
}

/** What a pass over the client reports. */
async function reported({ observed = {}, status, spec = {}, annotations = {}, result = { kind: "done" } }: Setting) {
  const resource = {
    ...{ apiVersion: "m2m-operator.io/v1alpha1", kind: "M2MClient", spec },
    metadata: { name: "job", namespace: "team", uid: "u", resourceVersion: "1", generation: 1, annotations },
    ...(status === undefined ? {} : { status }),
  } as M2MClient;
  const m2mClients = createFakeResource(resource);
  const told: string[] = [];
  const none = { get: () => undefined };
  const granted = { metadata: {}, status: { grantedScopes: [] } };
  const scopeGrants = {
    byIndex: () => [granted, granted, { metadata: {} }, { ...granted, metadata: { deletionTimestamp: "x" } }],
  };
  const context = {
    ...{ now: () => NOW, settings: { startedAt: NOW }, sha256: () => "digest", memory: { states: new Map() } },
    resources: { m2mClients, scopeGrants, clusterIdentityProviders: none, identityProviders: none },
    connections: { lastReadAt: () => undefined },
    events: {
      record: (_of: unknown, type: string, reason: string, note: string) => told.push(`${type} ${reason}: ${note}`),
    },
    onRotationFailed: () => undefined,
    ...noOutputs(),
  } as unknown as KindContext;
  const seen = { desired: desiredBy(spec, annotations), observed: { ...observedWith({}), ...observed } };
  await report(context, resource, seen as Parameters<typeof report>[2], result);
  return { told, status: m2mClients.get("team", "job")?.status };
}

const named = (name: string) => ({
  name,
  uid: name,
  api: "a/b",
  externalId: name,
  scopes: ["read"],
  organizations: [],
});
const publication = {
  ...{ carried: [named("one"), named("two")], primary: { kind: "none" } },
} as unknown as ClientObserved["publication"];

describe("what is granted to a client", () => {
  it.each<[string, Partial<ClientObserved>, number]>([
    ["before a first Secret", { secret: { ...observedWith({}).secret, ownership: "none" } }, 0],
    [
      "while somebody else has the name of its Secret",
      { secret: { ...observedWith({}).secret, ownership: "foreign" } },
      0,
    ],
    ["with its Secret", {}, 2],
    ["while the tenant cannot be used", { provider: { state: "notReady", message: "" } }, 0],
  ])("is counted %s", async (_when, observed, listed) => {
    const { status } = await reported({ observed: { publication, ...observed } });
    expect(status?.grantCount).toBe(2);
    expect(status?.grants ?? []).toHaveLength(listed);
  });
});

it("a stranger's Secret of the client's name is no published credential", async () => {
  const secret = { ...observedWith({}).secret, ownership: "foreign" as const };
  const result = { kind: "stalled", reason: "SecretNotOwned", message: "m" } as const;
  const { status } = await reported({ observed: { publication, secret }, result });
  const issued = status?.conditions?.find(({ type }) => type === "Issued");
  expect([issued?.status, issued?.reason]).toEqual(["False", "NotPublished"]);
});

it("whether it is enabled, and its default organization, are told as they are at the provider", async () => {
  const client = { ...CLIENT, isEnabled: false, defaultOrganization: "org_1" };
  const { status } = await reported({ observed: { remote: { kind: "found", client, duplicates: [] } } });
  expect(status).toMatchObject({ enabled: false, defaultOrganization: "org_1" });
});

describe("a client that was deleted at the provider and created again", () => {
  const status = { externalId: "gone", clientId: "gone" };
  it("leaves a Warning with both client IDs, once", async () => {
    const first = await reported({ observed: { publication }, status });
    expect(first.told).toEqual([
      "Warning Recreated: Client gone was deleted at the provider. The operator created client client-1 in place of it. Secret team/job gets its client ID and credential. Restart workloads that read it only at their start. Replace the old client ID wherever else it is used.",
    ]);
    expect((await reported({ observed: { publication }, status: first.status })).told).toEqual([]);
  });
  it("leaves one where the client ID stays, too", async () => {
    const { told } = await reported({ observed: { publication }, status: { externalId: "gone", clientId: REF } });
    expect(told[0]).toMatch(/^Warning Recreated: The operator created client client-1 again/);
  });
});

describe("grants that nobody requested", () => {
  const grant = { ref: "g" as Ref, audience: "https://a", scopes: ["read"], since: undefined, isProtected: false };
  it.each<[string, Partial<ClientObserved>, Partial<M2MClient["spec"]>, readonly string[]]>([
    [
      "are told when they appear",
      { unmanaged: [grant] },
      {},
      [
        "Warning UnmanagedGrants: The client has grants at the provider that no ScopeGrant requests: read on https://a. Create ScopeGrants for them, or delete them at the tenant.",
      ],
    ],
    [
      "of an adopted client are no alarm",
      { unmanaged: [grant], origin: "Adopted" },
      {},
      [
        "Normal UnmanagedGrants: The client has grants at the provider that no ScopeGrant requests: read on https://a. Create ScopeGrants for them, or delete them at the tenant.",
      ],
    ],
    [
      "that are to be pruned are told before",
      { unmanaged: [grant] },
      { unmanagedGrants: { policy: "Prune" } },
      [
        "Warning UnmanagedGrants: The client has grants at the provider that no ScopeGrant requests: read on https://a. Create ScopeGrants for those to keep: the operator deletes the others, as spec.unmanagedGrants says.",
      ],
    ],
    ["are told once", { unmanaged: [{ ...grant, since: NOW }] }, {}, []],
    ["of the provider itself are not told", { unmanaged: [{ ...grant, isProtected: true }] }, {}, []],
  ])("%s", async (_what, observed, spec, expected) => {
    expect((await reported({ observed, spec })).told).toEqual(expected);
  });
});

describe("a rotation that waits for Pods", () => {
  const old = { ...SECRET, id: "old", registration: "r", life: { createdAt: before(300), isShown: false } };
  const waits = (
    publishedHoursAgo: number,
    change: Partial<ClientObserved["rotation"]> = {},
  ): Partial<ClientObserved> => ({
    state: {
      ...{ ownership: "ours", name: "job.m2m-state", version: "u/1", previous: old },
      current: { ...SECRET, life: { createdAt: before(200), isShown: false, publishedAt: before(publishedHoursAgo) } },
    },
    rotation: { ...observedWith({}).rotation, pods: { kind: "read", waiting: ["a", "b"] }, ...change },
  });
  const until = hence(24 + 168 - 30);

  it("is told with the Pods and the latest end, once", async () => {
    const first = await reported({ observed: waits(30) });
    expect(first.told).toEqual([
      `Warning WaitingForPods: Pods still use the old credential: a, b. Restart them. The old credential is valid until no Pod uses it, at most until ${until}.`,
    ]);
    expect(first.status).toMatchObject({ waitingForPods: ["a", "b"], waitingForPodsUntil: until });
    expect((await reported({ observed: waits(30), status: first.status })).told).toEqual([]);
  });

  it("shows the latest end ahead, where Pods are waited for", async () => {
    const ended = { pods: { kind: "read", waiting: [] } } as const;
    const ofOld = (status: M2MClient["status"]) => status?.credentials?.find(({ state }) => state === "Retiring");
    const { status, told } = await reported({ observed: waits(1, ended) });
    expect(ofOld(status)).toMatchObject({ retireAt: hence(23), retireAtLatest: hence(23 + 168) });
    expect(told).toEqual([]);
    const unaware = await reported({ observed: waits(1, { ...ended, mayReadPods: false }) });
    expect(ofOld(unaware.status)?.retireAtLatest).toBeUndefined();
  });

  it("is no alarm while files of volumes renew themselves", async () => {
    const { told, status } = await reported({ observed: waits(0.01), spec: { rotation: { overlap: "0s" } } });
    expect([told, status?.waitingForPodsUntil]).toEqual([[], undefined]);
  });

  it("is not told while the client is paused", async () => {
    const annotations = { "m2m-operator.io/paused": "true" };
    const { told } = await reported({ observed: waits(30), annotations, result: { kind: "paused" } });
    expect(told).toEqual([]);
  });

  it("says so where the next credential waits for them", async () => {
    const next = { ...SECRET, id: "next", life: { createdAt: before(2), isShown: true, announcedAt: before(1) } };
    const state = { ownership: "ours", name: "s", version: "u/1", current: SECRET, next } as const;
    const { told } = await reported({ observed: { ...waits(30), state }, spec: { rotation: { announce: "10m" } } });
    expect(told).toEqual([
      `Warning WaitingForPods: Pods started before the Secret showed the next credential: a, b. Restart them. The next credential comes into force once they have restarted, at the latest at ${hence(168 - 5 / 6)}.`,
    ]);
  });
});

describe("a requested rotation that waits", () => {
  const annotations = { "m2m-operator.io/rotate-requested-at": "now" };
  it("for an enabled client is a matter for a person", async () => {
    const remote = { kind: "found", client: { ...CLIENT, isEnabled: false }, duplicates: [] } as const;
    const { told } = await reported({ observed: { remote }, annotations });
    expect(told).toEqual([
      `Warning RotationPending: Client ${REF} is disabled. Enable it: then the requested rotation starts.`,
    ]);
  });
});
