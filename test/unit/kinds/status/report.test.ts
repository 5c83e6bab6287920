import { describe, expect, it } from "vitest";
import { graceMsOf } from "../../../../src/kinds/access/freshness.ts";
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
