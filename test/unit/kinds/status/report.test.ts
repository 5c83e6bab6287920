import { describe, expect, it } from "vitest";
import { graceMsOf } from "../../../../src/kinds/access/freshness.ts";
import type { ReconcileResult } from "../../../../src/controller/result.ts";
import type { KindContext } from "../../../../src/kinds/kind-context.ts";
import { type BaseStatus, reportStatus } from "../../../../src/kinds/status/report.ts";
import type { ResourceClient } from "../../../../src/ports/cluster.ts";
import type { Resource } from "../../../../src/ports/resource.ts";
import { createFakeClock } from "../../../fakes/fake-clock.ts";

const MINUTE = 60_000;
const START = Date.parse("2026-01-01T00:00:00Z");

interface Case {
  /** For how long the process has run. */
  readonly upMinutes: number;
  /** How long ago the tenant was read; `undefined`: never by this process. */
  readonly tenantReadMinutesAgo?: number;
  /** How long ago the object was read, where the report knows. */
  readonly objectReadMinutesAgo?: number;
  readonly result?: "wait" | "backoff";
}

/** Whether Ready stays True when the provider cannot be used. */
async function keepsReady({ upMinutes, tenantReadMinutesAgo, objectReadMinutesAgo, result = "wait" }: Case) {
  const clock = createFakeClock(START);
  await clock.advance(upMinutes * MINUTE);
  const agoOf = (minutes: number | undefined): Date | undefined =>
    minutes === undefined ? undefined : new Date(clock.now().getTime() - minutes * MINUTE);
  const condition = { type: "Ready", status: "True", reason: "Ready", message: "", lastTransitionTime: "" } as const;
  const resource = {
    kind: "M2MClient",
    metadata: { name: "client", uid: "uid", generation: 1 },
    status: { observedGeneration: 1, conditions: [condition] },
  } as unknown as Resource<unknown, BaseStatus>;
  let written: BaseStatus = resource.status ?? {};
  const client = {
    writeStatus: (_resource: unknown, status: BaseStatus) => {
      written = status;
      return Promise.resolve(resource);
    },
  } as unknown as ResourceClient<Resource<unknown, BaseStatus>>;
  const context = {
    now: () => clock.now(),
    settings: { startedAt: new Date(START) },
    events: { record: () => undefined },
  } as unknown as KindContext;
  const [reason, message] = ["ProviderNotReady", "The tenant cannot be read."];
  await reportStatus(context, client, resource, {
    result: result === "wait" ? { kind: result, reason, message } : { kind: result, reason, message, error: undefined },
    judgements: [],
    readyMessage: "",
    fields: {},
    readAt: agoOf(objectReadMinutesAgo),
    freshness: { lastReadAt: agoOf(tenantReadMinutesAgo), graceMs: graceMsOf({}) },
  });
  return written.conditions?.[0]?.status === "True";
}

describe("Ready while the provider cannot be read", () => {
  it.each([5, 29, 31, 600])("is kept a minute after the last read, in a process of %d minutes", async (upMinutes) => {
    expect(await keepsReady({ upMinutes, tenantReadMinutesAgo: 1 })).toBe(true);
    expect(await keepsReady({ upMinutes, tenantReadMinutesAgo: 1, result: "backoff" })).toBe(true);
  });
  it.each([5, 29, 31, 600])("is lost 31 minutes after it, in a process of %d minutes", async (upMinutes) => {
    expect(await keepsReady({ upMinutes, tenantReadMinutesAgo: 31 })).toBe(false);
    expect(await keepsReady({ upMinutes, tenantReadMinutesAgo: 31, result: "backoff" })).toBe(false);
  });
  it("counts from the later of the reads of object and tenant", async () => {
    expect(await keepsReady({ upMinutes: 600, tenantReadMinutesAgo: 1, objectReadMinutesAgo: 31 })).toBe(true);
    expect(await keepsReady({ upMinutes: 600, tenantReadMinutesAgo: 31, objectReadMinutesAgo: 1 })).toBe(true);
    expect(await keepsReady({ upMinutes: 600, tenantReadMinutesAgo: 31, objectReadMinutesAgo: 31 })).toBe(false);
  });
  it("counts from its own start in a process that never read the tenant", async () => {
    expect(await keepsReady({ upMinutes: 29 })).toBe(true);
    expect(await keepsReady({ upMinutes: 31 })).toBe(false);
  });
});

describe("an event", () => {
  interface Told {
    readonly status: string;
    readonly reason: string;
    readonly agoMs?: number;
    readonly also?: string;
    readonly message?: string;
    readonly generation?: number;
  }
  /** Events of a report that comes after `before`. */
  async function eventsOf(before: Told | undefined, result: ReconcileResult): Promise<readonly string[]> {
    const events: string[] = [];
    const condition = (type: string, { status, reason, agoMs = 0, message = "", generation = 1 }: Told) => ({
      ...{ type, status, reason, message, observedGeneration: generation },
      lastTransitionTime: new Date(START - agoMs).toISOString(),
    });
    const conditions =
      before === undefined
        ? []
        : [condition("Ready", before), ...(before.also === undefined ? [] : [condition(before.also, before)])];
    const metadata = { name: "client", uid: "uid", generation: 1 };
    const resource = { kind: "M2MClient", metadata, status: { conditions } } as unknown as Resource<
      unknown,
      BaseStatus
    >;
    const client = { writeStatus: () => Promise.resolve(resource) } as unknown as ResourceClient<typeof resource>;
    const context = {
      now: () => new Date(START),
      settings: { startedAt: new Date(START) },
      events: { record: (_of: unknown, type: string, reason: string) => events.push(`${type} ${reason}`) },
    } as unknown as KindContext;
    const freshness = { lastReadAt: undefined, graceMs: graceMsOf({}) };
    const report = { result, judgements: [], readyMessage: "", fields: {}, readAt: undefined, freshness };
    await reportStatus(context, client, resource, report);
    return events;
  }
  const done: ReconcileResult = { kind: "done" };
  const waits: ReconcileResult = { kind: "wait", reason: "ApiNotReady", message: "" };
  const stalls: ReconcileResult = { kind: "stalled", reason: "Conflict", message: "" };
  const fails: ReconcileResult = { kind: "backoff", reason: "ProgressingWithRetry", message: "", error: undefined };
  const [ready, pending] = [
    { status: "True", reason: "Ready" },
    { status: "Unknown", reason: "Pending" },
  ];
  const waited = (agoMs: number): Told => ({ status: "False", reason: "ApiNotReady", agoMs, also: "Reconciling" });
  const stalled: Told = { status: "False", reason: "Conflict", also: "Stalled" };
  const stalledWith = (message: string, generation = 1): Told => ({ ...stalled, message, generation });
  const stallsWith = (message: string): ReconcileResult => ({ ...stalls, message });

  it.each<[string, Told | undefined, ReconcileResult, readonly string[]]>([
    ["a resource that becomes Ready without trouble", undefined, done, []],
    ["one that becomes Ready after its first note", pending, done, []],
    ["one that has to wait at first", undefined, waits, []],
    ["the end of a short wait", waited(29_999), done, []],
    ["the end of a wait that somebody may have noticed", waited(30_000), done, ["Normal Ready"]],
    ["one that is no longer Ready", ready, waits, ["Normal ApiNotReady"]],
    ["what a person must act on", undefined, stalls, ["Warning Conflict"]],
    ["its end", stalled, done, ["Normal Ready"]],
    ["a step that failed", pending, fails, ["Warning ProgressingWithRetry"]],
    ["what was told already", stalled, stalls, []],
    [
      "another thing to do for the same reason",
      stalledWith('no "a:read".'),
      stallsWith('no "b:read".'),
      ["Warning Conflict"],
    ],
    ["one thing more to do", stalledWith('no "a".'), stallsWith('no "a", "b".'), ["Warning Conflict"]],
    [
      "a time that moves",
      stalledWith("until 2026-01-01T00:00:00.000Z."),
      stallsWith("until 2026-01-01T00:10:00.000Z."),
      [],
    ],
    ["a number that moves", stalledWith("holds 21 grants (20)."), stallsWith("holds 20 grants (19)."), []],
    ["a duration that moves", stalledWith("for 1h30m."), stallsWith("for 1h31m."), []],
    ["names in another order", stalledWith("have: a, b."), stallsWith("have: b, a."), []],
    ["another number after an edit", stalledWith("at most 5.", 0), stallsWith("at most 6."), ["Warning Conflict"]],
    ["the same after an edit", stalledWith("at most 5.", 0), stallsWith("at most 5."), []],
  ])("tells of %s, or not", async (_what, before, result, expected) => {
    expect(await eventsOf(before, result)).toEqual(expected);
  });
});
