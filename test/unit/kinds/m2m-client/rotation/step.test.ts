import { describe, expect, it } from "vitest";
import { type RotationFacts, rotationStep } from "../../../../../src/kinds/m2m-client/rotation/step.ts";
import type { CredentialLife } from "../../../../../src/kinds/state-secret/facts.ts";

const T0 = Date.parse("2026-01-01T00:00:00Z");
const MINUTE = 60_000;
const at = (ms: number): Date => new Date(T0 + ms);

const life = (change: Partial<CredentialLife> = {}): CredentialLife => ({
  createdAt: at(-1000 * MINUTE),
  isShown: false,
  ...change,
});
const TIMING = { announceMs: 5 * MINUTE, overlapMs: 60 * MINUTE, maxWaitMs: 600 * MINUTE, propagationMs: 30_000 };
const resting: RotationFacts = {
  current: life(),
  next: undefined,
  previous: undefined,
  isNextStale: false,
  cause: undefined,
  compromisedAt: undefined,
  overlap: "full",
  isPublished: true,
  isAnnouncing: true,
  mayPodsHoldOld: false,
  isNextUntried: false,
  timing: TIMING,
};

/** The step in words: what is done, or until when (in milliseconds) what is waited for. */
function stepAt(ms: number, change: Partial<RotationFacts>): string {
  const step = rotationStep({ ...resting, ...change }, at(ms));
  return step.type === "wait" ? `wait ${step.for} ${String(step.until.getTime() - T0)}` : step.type;
}

type Row = readonly [claim: string, atMs: number, expected: string, facts: Partial<RotationFacts>];

const registered = life({ createdAt: at(0), registeredAt: at(0) });
const promoted = life({ createdAt: at(0), activatedAt: at(0) });
const published = { ...promoted, publishedAt: at(0) };
const OVERLAP = TIMING.overlapMs;
const MAX = OVERLAP + TIMING.maxWaitMs;

const overlapping: readonly Row[] = [
  ["without a cause nothing happens", 0, "rest", {}],
  ["a cause has a credential made and written down", 0, "prepareNext", { cause: "Due" }],
  ["what is written down is registered", 0, "registerNext", { next: life({ createdAt: at(0) }) }],
  ["it is not used before it works everywhere", 29_999, "wait propagation 30000", { next: registered }],
  ["then it is tried", 30_000, "tryNext", { next: registered, isNextUntried: true }],
  ["tried, it is promoted", 30_000, "promoteNext", { next: registered }],
  ["promoted, it is published", 0, "publish", { current: promoted, previous: life(), isPublished: false }],
  ["published everywhere, that is noted", 0, "notePublished", { current: promoted, previous: life() }],
  ["the old one works on", OVERLAP - 1, `wait overlap ${String(OVERLAP)}`, { current: published, previous: life() }],
  ["for as long as it was promised", OVERLAP, "retirePrevious", { current: published, previous: life() }],
  [
    "longer while a Pod works with it",
    OVERLAP,
    `wait pods ${String(MAX)}`,
    { current: published, previous: life(), mayPodsHoldOld: true },
  ],
  ["but not for ever", MAX, "retirePrevious", { current: published, previous: life(), mayPodsHoldOld: true }],
  [
    "a rotation is ended before another begins",
    0,
    `wait overlap ${String(OVERLAP)}`,
    { current: published, previous: life(), cause: "Requested" },
  ],
  ["what is no longer wanted is discarded", 0, "discardNext", { next: registered, isNextStale: true }],
  ["where nothing is known, one is made", 0, "prepareNext", { current: undefined, cause: "Missing" }],
  ["and nothing is waited for", 0, "promoteNext", { current: undefined, next: registered, isNextUntried: true }],
];

const shown = life({ createdAt: at(0), isShown: true });
const announcedNext = { ...shown, announcedAt: at(0) };
const ANNOUNCE = TIMING.announceMs;
const old = life({ isShown: true });

const announced: readonly Row[] = [
  ["a cause has a credential made and written down", 0, "prepareNext", { cause: "Due" }],
  ["it is published beside the one in force", 0, "publish", { next: shown, isPublished: false }],
  ["published everywhere, that is noted", 0, "noteAnnounced", { next: shown }],
  ["consumers are given time", ANNOUNCE - 1, `wait announcement ${String(ANNOUNCE)}`, { next: announcedNext }],
  ["and not more", ANNOUNCE, "switchToNext", { next: announcedNext }],
  [
    "more while a Pod does not have it",
    ANNOUNCE,
    `wait pods ${String(ANNOUNCE + TIMING.maxWaitMs)}`,
    { next: announcedNext, mayPodsHoldOld: true },
  ],
  ["but not for ever", ANNOUNCE + TIMING.maxWaitMs, "switchToNext", { next: announcedNext, mayPodsHoldOld: true }],
  ["where nobody could see it, nobody is waited for", 0, "switchToNext", { next: shown, isAnnouncing: false }],
  ["in force, it is published at once", 0, "publish", { current: promoted, previous: old, isPublished: false }],
  [
    "the old one stays readable while it may still be taken",
    29_999,
    "wait propagation 30000",
    { current: published, previous: old },
  ],
  ["and no longer", 30_000, "forgetPrevious", { current: published, previous: old }],
];

const COMPROMISED = { compromisedAt: at(-1) };
const fresh = life({ createdAt: at(0) });

const compromise: readonly Row[] = [
  ["the compromised one is replaced", 0, "prepareNext", { ...COMPROMISED }],
  ["what came after it stays", 0, "rest", { ...COMPROMISED, current: life({ createdAt: at(-1) }) }],
  ["one that was to come goes too", 0, "discardNext", { ...COMPROMISED, next: life({ registeredAt: at(-5) }) }],
  ["one that was to go goes at once", 0, "retirePrevious", { ...COMPROMISED, previous: life() }],
  ["and is no longer published", 0, "forgetPrevious", { ...COMPROMISED, previous: old }],
  ["the new one is registered", 0, "registerNext", { ...COMPROMISED, next: fresh }],
  ["and promoted untried", 0, "promoteNext", { ...COMPROMISED, next: registered, isNextUntried: true }],
  ["or put in force unannounced", 0, "switchToNext", { ...COMPROMISED, next: shown }],
  [
    "workloads get the new one first",
    0,
    "publish",
    { ...COMPROMISED, current: promoted, previous: life(), isPublished: false },
  ],
  [
    "then the old one goes without any wait",
    0,
    "retirePrevious",
    { ...COMPROMISED, current: promoted, previous: life(), mayPodsHoldOld: true },
  ],
  [
    "where the provider ended it, it stays readable while it may be taken",
    29_999,
    "wait propagation 30000",
    { ...COMPROMISED, current: published, previous: old },
  ],
];

describe("the step of a rotation", () => {
  it.each(overlapping)("where two credentials work at a time: %s", (_claim, ms, expected, facts) => {
    expect(stepAt(ms, facts)).toBe(expected);
  });
  it.each(announced)("where one works at a time: %s", (_claim, ms, expected, facts) => {
    expect(stepAt(ms, { overlap: "announced", ...facts })).toBe(expected);
  });
  it.each(compromise)("after a compromise: %s", (_claim, ms, expected, facts) => {
    expect(stepAt(ms, facts)).toBe(expected);
  });
  it("where the provider chooses it, there is nothing to prepare", () => {
    expect(stepAt(0, { overlap: "none", cause: "Due" })).toBe("replaceCurrent");
  });
});
