import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignShards } from "../../src/sharding/assignment.ts";
import { shardOfTenant } from "../../src/sharding/rendezvous.ts";
import { holds } from "./holds.ts";

const tenants = fc.domain();
const shardCounts = fc.integer({ min: 1, max: 64 });
const replicaSets = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 12 });

describe("the shard of a tenant", () => {
  it("is one of the shards, and the same however the host is written", () => {
    holds(
      fc.property(tenants, shardCounts, (tenant, shards) => {
        const shard = shardOfTenant(tenant, shards);
        expect(shard).toBeGreaterThanOrEqual(0);
        expect(shard).toBeLessThan(shards);
        expect(shardOfTenant(tenant.toUpperCase(), shards)).toBe(shard);
      }),
      200,
    );
  });

  it("stays when a shard is added, unless it becomes the new one", () => {
    holds(
      fc.property(tenants, fc.integer({ min: 1, max: 63 }), (tenant, shards) => {
        expect([shardOfTenant(tenant, shards), shards]).toContain(shardOfTenant(tenant, shards + 1));
      }),
      200,
    );
  });

  it("is no shard much more often than another", () => {
    const counts = new Map<number, number>();
    for (let i = 0; i < 1600; i++) {
      const shard = shardOfTenant(`tenant-${String(i)}.eu.auth0.com`, 8);
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect(counts.size).toBe(8);
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(60);
  });
});

describe("the replicas of the shards", () => {
  it("are known for every shard, and no replica has two more than another", () => {
    holds(
      fc.property(shardCounts, replicaSets, (shards, replicas) => {
        const assignment = assignShards(shards, replicas);
        expect([...assignment.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: shards }, (_, k) => k));
        const counts = replicas.map((one) => [...assignment.values()].filter((replica) => replica === one).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
      60,
    );
  });

  it("are the same in whatever order and how often the replicas are named", () => {
    holds(
      fc.property(shardCounts, replicaSets, (shards, replicas) => {
        const other = [...replicas].reverse().concat(replicas);
        expect(assignShards(shards, other)).toEqual(assignShards(shards, replicas));
      }),
      40,
    );
  });

  it("change for few shards when a replica comes or goes", () => {
    // Every replica that stays has to give up, or acquire, its part; chance adds a little.
    let [moved, needed] = [0, 0];
    for (let run = 0; run < 40; run++)
      for (const [shards, count] of [
        [6, 3],
        [16, 4],
        [32, 5],
      ] as const) {
        const replicas = Array.from({ length: count }, (_, i) => `${String(run)}-${String(i)}`);
        const [before, after] = [assignShards(shards, replicas.slice(1)), assignShards(shards, replicas)];
        moved += [...after].filter(([shard, replica]) => before.get(shard) !== replica).length;
        needed += Math.ceil(shards / count);
      }
    expect(moved / needed).toBeLessThan(2);
  });

  it("are none without replicas", () => {
    expect(assignShards(3, []).size).toBe(0);
  });
});
