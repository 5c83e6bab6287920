import { describe, expect, it } from "vitest";
import { createShardClaims } from "../../../src/assembly/shard-claims.ts";
import { assignShards } from "../../../src/sharding/assignment.ts";

const SHARDS = 6;
const ALL = Array.from({ length: SHARDS }, (_, shard) => shard);

/** What replica "a" claims; `others` are [name, alive for so long]. */
function claimsOf(others: readonly (readonly [string, number])[]) {
  const world = { now: 0, others };
  const claims = createShardClaims({
    shards: SHARDS,
    identity: "a",
    replicas: (forMs) => world.others.filter(([, aliveMs]) => aliveMs >= forMs).map(([name]) => name),
    now: () => world.now,
  });
  return { world, claims };
}

const ofWhom = (shard: number, names: readonly string[]): string | undefined => assignShards(SHARDS, names).get(shard);

describe("a replica", () => {
  it("that is alone takes everything", () => {
    const { claims } = claimsOf([]);
    expect(ALL.filter((shard) => claims.mayTake(shard))).toEqual(ALL);
    expect(ALL.filter((shard) => claims.isForOther(shard))).toEqual([]);
  });

  it("takes its own part, and what another leaves lying for five seconds", () => {
    const { world, claims } = claimsOf([["b", 60_000]]);
    const own = ALL.filter((shard) => ofWhom(shard, ["a", "b"]) === "a");
    for (world.now = 0; world.now < 5000; world.now += 1000)
      expect(ALL.filter((shard) => claims.mayTake(shard))).toEqual(own);
    expect(ALL.filter((shard) => claims.mayTake(shard))).toEqual(ALL);
    // And does not release it to the same again.
    expect(ALL.filter((shard) => claims.isForOther(shard))).toEqual([]);
  });

  it("counts anew when the shard was held meanwhile", () => {
    const { world, claims } = claimsOf([["b", 60_000]]);
    const [foreign = 0] = ALL.filter((shard) => ofWhom(shard, ["a", "b"]) === "b");
    expect(claims.mayTake(foreign)).toBe(false);
    world.now = 60_000;
    expect(claims.mayTake(foreign)).toBe(false);
  });

  it("gives away to one that has been alive for ten seconds, and not before", () => {
    const { world, claims } = claimsOf([["b", 9000]]);
    expect(ALL.filter((shard) => claims.isForOther(shard))).toEqual([]);
    world.others = [["b", 10_000]];
    expect(ALL.filter((shard) => claims.isForOther(shard))).toEqual(
      ALL.filter((shard) => ofWhom(shard, ["a", "b"]) === "b"),
    );
  });

  it("keeps what would come back at once, since one that has just come changes who ought to have it", () => {
    for (let run = 0; run < 50; run++) {
      const [b, c] = [`b${String(run)}`, `c${String(run)}`];
      const { claims } = claimsOf([
        [b, 60_000],
        [c, 1000],
      ]);
      for (const shard of ALL) if (claims.isForOther(shard)) expect(claims.mayTake(shard)).toBe(false);
    }
  });
});
