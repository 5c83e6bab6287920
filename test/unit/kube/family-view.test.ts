import { describe, expect, it } from "vitest";
import {
  createFamilyView,
  familyLabels,
  identityOf,
  replicaLeaseName,
  shardLeaseName,
  shardsOf,
} from "../../../src/kube/family-view.ts";
import type { Lease } from "../../../src/kube/lease-client.ts";

const LEASE = "m2m-operator";
const me = identityOf("host-a", "1", 3);
const other = identityOf("host-b", "2", 3);
const alone = identityOf("host-c", "3", 1);
const lease = (name: string, holderIdentity: string, renewTime = "1", leaseDurationSeconds = 10): Lease => ({
  metadata: { namespace: "n", name, resourceVersion: renewTime },
  spec: { holderIdentity, renewTime, leaseDurationSeconds },
});
const shard = (index: number, holder: string, renewTime?: string): Lease =>
  lease(shardLeaseName(LEASE, index), holder, renewTime);
const replica = (holder: string, renewTime?: string): Lease =>
  lease(replicaLeaseName(LEASE, holder.slice(-4)), holder, renewTime);
const view = () => createFamilyView({ leaseName: LEASE, shards: 3 }, me);

describe("names", () => {
  it("of one shard are those of plain leader election", () => {
    expect([shardLeaseName(LEASE, 0), alone]).toEqual([LEASE, "host-c_3"]);
    expect(shardLeaseName(LEASE, 2)).toBe("m2m-operator-shard-2");
  });

  it("tell how many shards their process counts", () => {
    expect([me, alone, ""].map(shardsOf)).toEqual([3, 1, 1]);
  });

  it("make a label of whatever length", () => {
    expect(Object.values(familyLabels(LEASE))).toEqual([LEASE]);
    expect(Object.values(familyLabels("x".repeat(200)))[0]).toMatch(/^[0-9a-f]{40}$/);
  });
});

describe("rivals", () => {
  it("are those who hold a shard and count another number, until their time is over by our own clock", () => {
    const seen = view();
    seen.note([shard(0, alone), shard(1, other)], 1000);
    expect(seen.rivals(1000)).toEqual([alone]);
    seen.note([shard(0, alone), shard(1, other)], 11_000);
    expect(seen.rivals(11_000)).toEqual([alone]);
    expect(seen.rivals(11_001)).toEqual([]);
  });

  it("live on with each renewal, and when somebody deletes their Lease", () => {
    const seen = view();
    seen.note([shard(0, alone)], 0);
    seen.note([shard(0, alone, "2")], 9000);
    seen.note([], 9500);
    expect(seen.rivals(19_000)).toEqual([alone]);
    seen.note([], 19_001);
    expect(seen.rivals(19_001)).toEqual([]);
  });

  it("are gone at once when they give their Lease away", () => {
    const seen = view();
    seen.note([shard(0, alone)], 0);
    seen.note([shard(0, "", "2")], 1000);
    expect(seen.rivals(1000)).toEqual([]);
  });
});

describe("replicas", () => {
  it("are others who are alive and count the same", () => {
    const seen = view();
    seen.note([replica(me), replica(other), replica(identityOf("host-d", "4", 5))], 0);
    expect(seen.replicas(0, 0)).toEqual([other]);
    expect(seen.replicas(10_001, 0)).toEqual([]);
  });

  it("are steady when they have been seen alive for so long, and begin anew after a gap", () => {
    const seen = view();
    seen.note([replica(other, "1")], 0);
    expect(seen.replicas(5000, 6000)).toEqual([]);
    seen.note([replica(other, "2")], 6000);
    expect(seen.replicas(6000, 6000)).toEqual([other]);
    seen.note([replica(other, "3")], 20_000);
    expect(seen.replicas(20_000, 6000)).toEqual([]);
  });

  it("are gone at once when their Lease is deleted, and stale when it stands still", () => {
    const seen = view();
    seen.note([replica(other)], 0);
    expect(seen.stale(60_001, 60_000).map(({ metadata }) => metadata.name)).toEqual([replica(other).metadata.name]);
    seen.note([], 100);
    expect(seen.replicas(100, 0)).toEqual([]);
    expect(seen.stale(90_000, 60_000)).toEqual([]);
  });
});
