import { describe, expect, it } from "vitest";
import { abandonmentOf } from "../../../../src/kinds/access/abandon.ts";
import type { Standing } from "../../../../src/kinds/access/standing.ts";
import type { KindSettings } from "../../../../src/kinds/kind-context.ts";
import type { Resource } from "../../../../src/ports/resource.ts";
import { FACTS } from "../provider-facts.ts";

const NOW = new Date("2026-01-01T12:00:00Z");
const MINUTE = 60_000;
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * MINUTE);
const ports = { now: () => NOW, settings: { orphanAfterMs: 10 * MINUTE } as KindSettings };

const usable = {
  access: { state: "ready", facts: FACTS },
  object: { kind: "ClusterIdentityProvider" },
  provider: {},
  failure: undefined,
} as unknown as Standing;

/** Deleted so many minutes ago; `undefined`: not. */
const asked = (deleted: number | undefined, standing: Partial<Standing>) => {
  const metadata = deleted === undefined ? {} : { deletionTimestamp: ago(deleted).toISOString() };
  const { mayAbandon, checkAt } = abandonmentOf(ports, { metadata } as Resource, { ...usable, ...standing });
  return [mayAbandon, (checkAt.getTime() - NOW.getTime()) / MINUTE];
};

const failing = (since: number, lastAt: number, isConnected = true): Partial<Standing> => ({
  failure: { kind: "wait", reason: "ProviderUnavailable", message: "", since: ago(since), lastAt: ago(lastAt) },
  ...(isConnected ? {} : { provider: undefined }),
});
const NO_OBJECT: Partial<Standing> = { object: undefined, provider: undefined };
const OTHER: Partial<Standing> = { access: { state: "otherTenant", message: "" } };

describe("a deletion ends without its tenant", () => {
  it.each<[string, number | undefined, Partial<Standing>, boolean]>([
    ["never while nothing is deleted", undefined, failing(100, 0), false],
    ["never while the tenant can be used", 100, {}, false],
    ["not at once, when there is no provider object", 9.9, NO_OBJECT, false],
    ["in time, when there is no provider object", 10, NO_OBJECT, true],
    ["not at once, when it names another tenant", 9.9, OTHER, false],
    ["in time, when it names another tenant", 10, OTHER, true],
    ["not while a connection is being made for the first time", 100, { provider: undefined }, false],
    ["not at once, when its tenant fails", 9.9, failing(100, 0), false],
    ["in time, when its tenant fails", 10, failing(10, 0), true],
    ["not when the tenant fails for less than half of the time", 100, failing(4.9, 0), false],
    ["when it fails for half of the time", 100, failing(5, 0), true],
    ["not when the last try that failed was before the time was over", 11, failing(10, 1.1), false],
    ["when a try failed after the time was over", 11, failing(10, 1), true],
    ["also without tries, when no connection can be made", 11, failing(10, 10, false), true],
  ])("%s", (_what, deleted, standing, ends) => {
    expect(asked(deleted, standing)[0]).toBe(ends);
  });
});

describe("a deletion that waits is looked at again", () => {
  it.each<[string, number, Partial<Standing>, number]>([
    ["after a minute", 1, failing(1, 0), 1],
    ["when its time is over", 9.5, failing(100, 0), 0.5],
    ["when half of the time is over", 100, failing(4.75, 0, false), 0.25],
    ["after a minute when both are over", 100, failing(100, 100), 1],
  ])("%s", (_what, deleted, standing, minutes) => {
    expect(asked(deleted, standing)[1]).toBeCloseTo(minutes);
  });
});
