import { describe, expect, it } from "vitest";
import type { KindContext } from "../../../../src/kinds/kind-context.ts";
import { removeOrphans } from "../../../../src/kinds/identity-provider/orphans.ts";
import { report } from "../../../../src/kinds/identity-provider/report.ts";
import type { ProviderResource } from "../../../../src/kinds/identity-provider/schema.ts";
import type { MarkedObject, Provider } from "../../../../src/ports/provider.ts";
import { ProviderError } from "../../../../src/ports/provider-error.ts";
import { createFakeResource } from "../../../fakes/objects.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const MINUTE = 60_000;
const at = (minutes: number): Date => new Date(START + minutes * MINUTE);

/** A provider object that is reconciled again and again; the status is written only when it says something new. */
function world(driftInterval: string, spec: object = {}) {
  const client = createFakeResource({
    ...{ apiVersion: "m2m-operator.io/v1alpha1", kind: "IdentityProvider", spec: { driftInterval, ...spec } },
    metadata: { name: "p", namespace: "team", uid: "u", resourceVersion: "1", generation: 1 },
  });
  const latest = (): ProviderResource => client.get("team", "p") as ProviderResource;
  const none = { list: () => [], byIndex: () => [], get: () => undefined };
  return {
    latest,
    writes: () => Number(latest().metadata.resourceVersion) - 1,
    /** A pass at this minute, after a read that began then. */
    pass: async (minutes: number, oldestReadAt = at(minutes), more: object | null = {}) => {
      const context = {
        connections: {
          get: () => ({ provider: { tenant: "t", vendor: "okta" } }),
          lastReadAt: () => at(minutes),
        },
        resources: {
          ...{ identityProviders: client, clusterIdentityProviders: none, oAuthApis: none },
          ...{ m2mClients: none, scopeGrants: none },
        },
        ...{ memory: { revocations: new Map() }, settings: { startedAt: at(0), maxRevocations: 20 } },
        ...{ namespaces: { get: () => undefined }, sha256: () => "0".repeat(64) },
        ...{ events: { record: () => undefined }, now: () => at(minutes) },
      } as unknown as KindContext;
      const connection = { missingPermissions: [], refreshedAt: at(minutes), oldestReadAt };
      const orphans = { members: [], digest: "", isConfirmed: false };
      const observed = more === null ? undefined : { connection, orphans, failure: undefined, ...more };
      const seen = { desired: { isAbsent: false }, observed } as unknown as Parameters<typeof report>[2];
      await report(context, latest(), seen, { kind: "done" });
    },
  };
}

describe("the oldest read that status tells of", () => {
  it.each([
    ["10m", 10],
    ["1h", 60],
    ["1m", 1],
  ])("moves in steps of a drift interval of %s, with one write for each", async (driftInterval, minutes) => {
    const { latest, writes, pass } = world(driftInterval);
    await pass(0);
    const first = writes();
    for (let minute = 1; minute <= 3 * minutes; minute++) {
      await pass(minute);
      const told = Date.parse(latest().status?.oldestReadAt ?? "");
      expect(at(minute).getTime() - told).toBeLessThan(minutes * MINUTE);
    }
    expect(writes() - first).toBe(3);
  });

  it("moves at most once a minute", async () => {
    const { writes, pass } = world("30s");
    await pass(0);
    const first = writes();
    for (let half = 1; half <= 8; half++) await pass(half / 2);
    expect(writes() - first).toBe(4);
  });

  it("stays while the oldest read does", async () => {
    const { latest, writes, pass } = world("10m");
    await pass(0);
    const first = writes();
    for (const minute of [10, 20, 30]) await pass(minute, at(0));
    expect([writes() - first, latest().status?.oldestReadAt]).toEqual([0, at(0).toISOString()]);
  });
});

describe("orphans", () => {
  const member = { kind: "client", ref: "c1", name: "old", mark: { origin: "made" } };
  const found = { orphans: { members: [member], digest: "0123456789abcdef", isConfirmed: false } };
  const shown = (resource: ProviderResource) => ({
    pending: resource.status?.pendingConfirmations?.map(({ annotation, value }) => `${annotation}=${value}`),
    message: resource.status?.conditions?.find(({ type }) => type === "AllOwned")?.message,
  });
  const ASKED = ["m2m-operator.io/confirm-orphans=0123456789abcdef"];

  it("wait for a confirmation, which stands until the tenant shows that there is nothing to confirm", async () => {
    const { latest, pass } = world("10m");
    await pass(0, at(0), found);
    expect(shown(latest()).pending).toEqual(ASKED);
    expect(shown(latest()).message).toContain('annotate this object with m2m-operator.io/confirm-orphans: "0123');
    // The process started again, and has not read the tenant yet.
    await pass(10, at(10), { orphans: undefined });
    expect(shown(latest()).pending).toEqual(ASKED);
    // Reading failed.
    await pass(20, at(20), null);
    expect(shown(latest()).pending).toEqual(ASKED);
    await pass(30);
    expect(shown(latest()).pending).toBeUndefined();
  });

  it("wait for nothing where the operator only observes, and the message says so", async () => {
    const { latest, pass } = world("10m", { managementPolicy: "ObserveOnly" });
    await pass(0, at(0), found);
    expect(shown(latest()).pending).toBeUndefined();
    expect(shown(latest()).message).toContain("With managementPolicy: ObserveOnly, the operator deletes none of them.");
  });
});

it("orphans that are deleted are told, without those that could not be", async () => {
  const told: string[] = [];
  const events = {
    record: (_of: unknown, type: string, reason: string, note: string) => told.push(`${type} ${reason}: ${note}`),
  };
  const member = (kind: MarkedObject["kind"], ref: string): MarkedObject =>
    ({ kind, ref, name: "job", mark: { origin: "made" } }) as unknown as MarkedObject;
  const provider = {
    clients: { remove: () => Promise.resolve() },
    apis: { remove: () => Promise.reject(new ProviderError("unavailable", "down")) },
  } as unknown as Provider;
  const members = [member("api", "a"), member("client", "c")];
  const removal = removeOrphans(
    { events: { ...events, forget: () => undefined } },
    {} as ProviderResource,
    provider,
    members,
  );
  await expect(removal).rejects.toThrow("down");
  expect(told).toEqual([
    'Normal AccessRemoved: The operator removed orphans at the tenant, as confirmed: client c "job".',
  ]);
});
