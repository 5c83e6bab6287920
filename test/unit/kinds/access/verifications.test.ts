import { describe, expect, it } from "vitest";
import { nextTrialAt, type Trial } from "../../../../src/kinds/access/verifications.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-01-01T12:00:00Z");

/** As many trials as the namespace is given, one after the other. */
const taken = (namespace: string, perHour: number, before: readonly Trial[], isShared = true): readonly Trial[] => {
  const trials = [...before];
  while (nextTrialAt(trials, { namespace, perHour, isShared }, NOW) === NOW) trials.push({ namespace, at: NOW });
  return trials.slice(before.length);
};

describe("tokens that try credentials", () => {
  it("never are more than the owner allows, and one namespace leaves some to the next", () => {
    const first = taken("first", 60, []);
    const second = taken("second", 60, first);
    const third = taken("third", 60, [...first, ...second]);
    expect([first, second, third].map(({ length }) => length)).toEqual([30, 15, 8]);
    const all = ["a", "b", "c", "d", "e", "f", "g"].reduce<readonly Trial[]>(
      (before, namespace) => [...before, ...taken(namespace, 60, before)],
      [],
    );
    expect(all).toHaveLength(60);
  });

  it("are all for the one namespace of a provider of its own, and for the first where there is one only", () => {
    expect(taken("only", 60, [], false)).toHaveLength(60);
    expect(taken("first", 1, [])).toHaveLength(1);
    expect(taken("second", 1, taken("first", 1, []))).toHaveLength(0);
  });

  it("are free again as soon as enough of them are an hour old", () => {
    const trials = [
      { namespace: "first", at: NOW - 3000 },
      { namespace: "first", at: NOW - 2000 },
      { namespace: "second", at: NOW - 1000 },
    ];
    const at = (namespace: string, perHour: number) => nextTrialAt(trials, { namespace, perHour, isShared: true }, NOW);
    expect(at("third", 4)).toBe(NOW);
    expect(at("first", 4)).toBe(NOW - 3000 + HOUR);
    expect(at("third", 3)).toBe(NOW - 3000 + HOUR);
    expect(at("first", 1)).toBe(NOW - 1000 + HOUR);
  });
});
