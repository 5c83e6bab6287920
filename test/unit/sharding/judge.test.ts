import { describe, expect, it } from "vitest";
import { type CallBy, objectionsTo } from "../../endurance/shards/judge.ts";

const call = (who: string, from: number, to = from + 50): CallBy => ({ tenant: "t", who, from, to, what: "GET /" });
const SETTLE_MS = 5000;

describe("the judgement of the tenants' call logs", () => {
  it("has nothing against one after the other, whether told to stop or ended without notice", () => {
    const told = [call("a1", 0), call("a1", 900), call("b1", 1000), call("b1", 9000)];
    expect(objectionsTo(told, [], SETTLE_MS)).toEqual([]);
    const killed = [call("a1", 0), call("a1", 900), call("b1", 6000)];
    expect(objectionsTo(killed, [{ who: "a1", at: 950, tenants: ["t"] }], SETTLE_MS)).toEqual([]);
  });

  it("has nothing against one that was killed after it gave the tenant away, or frozen before it had it", () => {
    expect(objectionsTo([call("a1", 0), call("b1", 1000)], [{ who: "a1", at: 100, tenants: [] }], SETTLE_MS)).toEqual(
      [],
    );
    expect(objectionsTo([call("a1", 60_000)], [{ who: "a1", at: 100, tenants: [] }], SETTLE_MS)).toEqual([]);
  });

  it.each<[string, readonly CallBy[], number | undefined, RegExp]>([
    ["two calls at once", [call("a1", 0, 500), call("b1", 400)], undefined, /^at once/],
    ["two that take turns", [call("a1", 0), call("b1", 100), call("a1", 200)], undefined, /^taking turns/],
    ["a pause that is too short after a kill", [call("a1", 0), call("b1", 4000)], 10, /^too soon/],
    ["a call of one that was frozen long ago", [call("a1", 0), call("a1", 12_000)], 10, /ms after it was ended/],
  ])("objects to %s", (_what, calls, blowAt, objection) => {
    const blows = blowAt === undefined ? [] : [{ who: "a1", at: blowAt, tenants: ["t"] }];
    expect(objectionsTo(calls, blows, SETTLE_MS)).toEqual([expect.stringMatching(objection)]);
  });
});
