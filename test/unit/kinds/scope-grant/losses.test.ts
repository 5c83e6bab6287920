import { describe, expect, it } from "vitest";
import { gone, held, NOW, observed, reported, type Setting } from "./reported.ts";

const status: Setting["status"] = { externalId: "grant-1", grantedScopes: ["read", "write"], audience: "https://a" };
const refused = { state: "refused", message: "OAuthApi payroll/timesheets refuses billing." };
const withdrawn = { api: refused, own: { granted: [], unknown: [] }, remote: gone };
const spec = { clientRef: { name: "job" }, apiRef: { name: "timesheets" } };
const narrowed = { own: { granted: ["read"], unknown: [] } };
const stalled = { kind: "stalled", reason: "NotAllowedOrMissing", message: "Ask for consent." } as const;
const SOME =
  "OAuthApi payroll/timesheets no longer defines it, or no longer allows namespace billing to request it. Ask its owner to extend spec.allowedGrants where access is still needed.";

it.each<[string, Setting, readonly string[]]>([
  [
    "consent that is withdrawn",
    { change: withdrawn, status, result: stalled },
    ["Warning GrantLost: M2MClient billing/job lost read, write on https://a. Ask for consent."],
  ],
  [
    "consent that is withdrawn from a paused resource",
    { change: withdrawn, status, result: { kind: "paused" } },
    [
      "Warning GrantLost: M2MClient billing/job lost read, write on https://a. OAuthApi payroll/timesheets refuses billing.",
    ],
  ],
  [
    "consent to some of all scopes",
    { change: narrowed, status, spec: { ...spec, allScopes: true } },
    [`Warning GrantLost: M2MClient billing/job lost write on https://a. ${SOME}`],
  ],
  [
    "consent to some of all scopes of everybody",
    { change: narrowed, status, spec: { apiRef: spec.apiRef, allClients: true, allScopes: true } },
    [`Warning GrantLost: All clients lost write on https://a. ${SOME}`],
  ],
  [
    "consent to a scope that the spec names",
    { change: narrowed, status },
    [`Warning GrantLost: M2MClient billing/job lost write on https://a. ${SOME}`],
  ],
  [
    "a scope that the tenant's API no longer has",
    {
      change: { ...narrowed, isExternal: true, names: { api: "The tenant's API https://a", namespace: "billing" } },
      status,
    },
    [
      `Warning GrantLost: M2MClient billing/job lost write on https://a. The tenant's API https://a no longer defines it. Ask the tenant's owner where access is still needed.`,
    ],
  ],
  [
    "a grant that the tenant keeps, since the OAuthApi was deleted and its API stays",
    { change: { ...withdrawn, remote: held, api: { state: "notReady", message: "" } }, status, result: stalled },
    [
      "Warning GrantLost: The grant (read, write on https://a) stays at the tenant, and the Secret of M2MClient billing/job no longer shows it. Ask for consent.",
    ],
  ],
  ["a scope that the spec no longer names", { change: narrowed, status, spec: { ...spec, scopes: ["read"] } }, []],
  ["nothing", { status }, []],
  ["a grant that the operator is about to restore", { change: { remote: gone }, status }, []],
  ["what was never granted", { change: withdrawn, status: { audience: "https://a" } }, []],
  [
    "a deletion",
    { change: withdrawn, status, metadata: { deletionTimestamp: NOW.toISOString() }, result: stalled },
    [],
  ],
  ["a read that failed", { change: null, status }, []],
])("a grant that lost %s leaves an event, or none", async (_what, setting, expected) => {
  const told = (await reported(setting)).told.filter((text) => text.includes("GrantLost"));
  expect(told).toEqual(expected);
});

describe("policies of others that take precedence", () => {
  const by = (...overriddenBy: string[]) => ({
    remote: { ...held, grant: { ...(held as { grant: object }).grant, overriddenBy } },
  });
  it("leave a Warning when they appear, and when others do", async () => {
    const first = await reported({ change: by("a", "b"), status });
    expect(first.told).toEqual([expect.stringMatching(/^Warning OverriddenByOthers: .*"a", "b"/)]);
    const seen = { ...status, ...first.status };
    expect((await reported({ change: by("b", "a"), status: seen })).told).toEqual([]);
    expect((await reported({ change: by("a", "c"), status: seen })).told).toHaveLength(1);
    expect((await reported({ change: by(), status: seen })).told).toEqual([]);
  });
});

describe("how much is granted", () => {
  const unread = { ...observed, remote: { kind: "unread" } };
  it.each<[string, Setting, string]>([
    ["of a client that does not exist", { change: unread }, "0/2"],
    ["when reading failed", { change: null }, "0/2"],
    ["during an outage", { change: unread, status: { grantedScopes: ["read"], granted: "1/2" } }, "1/2"],
    [
      "of all scopes, of an API that is not known",
      { change: { ...unread, own: { granted: [], unknown: [] } }, spec: { ...spec, allScopes: true } },
      "0/all",
    ],
    ["of all scopes", { spec: { ...spec, allScopes: true } }, "2/2"],
    ["of scopes that are partly unknown", { change: narrowed }, "1/2"],
  ])("is told %s", async (_when, setting, expected) => {
    expect((await reported(setting)).status?.granted).toBe(expected);
  });
});
