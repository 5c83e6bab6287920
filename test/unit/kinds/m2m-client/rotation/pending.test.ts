import { expect, it } from "vitest";
import { pendingRotation } from "../../../../../src/kinds/m2m-client/rotation/pending.ts";
import {
  noteRequestedRotation,
  requestedRotationAllowedAt,
} from "../../../../../src/kinds/m2m-client/rotation/requested.ts";
import { rotationStep } from "../../../../../src/kinds/m2m-client/rotation/step.ts";
import type { CredentialFacts, CredentialLife } from "../../../../../src/kinds/state-secret/facts.ts";
import { CLIENT, desiredBy, KEY, NOW, observedWith, SECRET } from "../observed.ts";

const REQUEST = { "m2m-operator.io/rotate-requested-at": "second" };
const SPEC = { rotation: { announce: "5m", overlap: "24h", maxWait: "168h" } };
const HOUR = 3_600_000;
const at = (ms: number): Date => new Date(NOW.getTime() + ms);

const named = (facts: CredentialFacts, request: string, life: Partial<CredentialLife> = {}): CredentialFacts => ({
  ...facts,
  request,
  life: { ...facts.life, ...life },
});

/** A first rotation has put `current` in force at NOW. */
const rotated = { ownership: "ours", name: "job.m2m-state", version: "u/2" } as const;
const retiring = {
  ...rotated,
  current: named(KEY, "first", { activatedAt: NOW, publishedAt: NOW }),
  previous: { ...KEY, id: "old", registration: "older" },
};

const pendingIn = (state: object, ms: number, change: object = {}, annotations = REQUEST) =>
  pendingRotation(
    desiredBy(SPEC, annotations),
    observedWith({ state: { ...rotated, ...state }, ...change }),
    CLIENT,
    at(ms),
  );

it("a request during the overlap is told with the time at which it starts, and how to start it at once", () => {
  const pending = pendingIn(retiring, HOUR);
  expect(pending?.at).toEqual(at(24 * HOUR));
  expect(pending?.message).toContain("2026-01-02T00:00:00.000Z");
  expect(pending?.message).toContain(`compromised-at: "${NOW.toISOString()}"`);
});

it("a request while Pods are waited for is told with the latest time", () => {
  expect(pendingIn(retiring, 25 * HOUR)?.at).toEqual(at((24 + 168) * HOUR));
});

it("a request during the announcement of another is told with the end of that", () => {
  const next = named(SECRET, "first", { announcedAt: NOW, isShown: true });
  expect(pendingIn({ current: SECRET, next }, 1000)?.at).toEqual(at(300_000));
});

it.each<[what: string, state: object]>([
  ["no credential is retiring", { current: SECRET }],
  ["the request has been answered", { ...retiring, current: named(KEY, "second", { publishedAt: NOW }) }],
  ["the next credential answers it", { current: SECRET, next: named(SECRET, "second") }],
])("nothing is told when %s", (_what, state) => {
  expect(pendingIn(state, HOUR)).toBeUndefined();
});

it("a request to a client that is disabled is told without a time", () => {
  const pending = pendingRotation(
    desiredBy(SPEC, REQUEST),
    observedWith({ state: { ...rotated, current: SECRET } }),
    { ...CLIENT, isEnabled: false },
    NOW,
  );
  expect(pending).toEqual({ message: "Client client-1 is disabled. Enable it: then the requested rotation starts." });
});

it("the sixth rotation on request within five minutes waits, for the first of them to be that old", () => {
  const memory = { requestedRotations: new Map<string, readonly number[]>() };
  for (let i = 0; i < 5; i++) {
    expect(requestedRotationAllowedAt(memory, "u", at(i * 1000))).toBeUndefined();
    noteRequestedRotation(memory, "u", at(i * 1000));
  }
  expect(requestedRotationAllowedAt(memory, "u", at(5000))).toEqual(at(300_000));
  expect(requestedRotationAllowedAt(memory, "other", at(5000))).toBeUndefined();
  expect(requestedRotationAllowedAt(memory, "u", at(300_000))).toBeUndefined();
  noteRequestedRotation(memory, "u", at(400_000));
  expect(memory.requestedRotations.get("u")).toHaveLength(1);
});

it.each(["Requested", "Compromised", "Due", "MethodChanged", "Missing"] as const)(
  "the limit holds for what people request, not for others: %s",
  (cause) => {
    const step = rotationStep(
      {
        ...{ current: { ...SECRET.life }, next: undefined, previous: undefined, isNextStale: false, cause },
        ...{ allowedAt: at(1000), compromisedAt: undefined, overlap: "full", isPublished: true, isAnnouncing: true },
        ...{ mayPodsHoldOld: false, isNextUntried: false },
        timing: { announceMs: 0, overlapMs: 0, maxWaitMs: 0, propagationMs: 0 },
      },
      NOW,
    );
    expect(step.type).toBe(cause === "Requested" || cause === "Compromised" ? "wait" : "prepareNext");
  },
);

it("a compromise that is limited is told, and one that is not is none of it", () => {
  const leak = { "m2m-operator.io/compromised-at": at(60_000).toISOString() };
  const state = { current: SECRET };
  expect(pendingIn(state, 61_000, {}, leak as never)).toBeUndefined();
  const rotation = { ...observedWith({}).rotation, allowedAt: at(120_000) };
  expect(pendingIn(state, 61_000, { rotation }, leak as never)?.at).toEqual(at(120_000));
});
