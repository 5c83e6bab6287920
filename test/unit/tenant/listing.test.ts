import { describe, expect, it } from "vitest";
import { createOwnWrites } from "../../../src/tenant/own-writes.ts";
import { createIndexedKeys } from "../../../src/ports/indexed-keys.ts";
import { createListing, type Listing } from "../../../src/tenant/listing.ts";
import { createFakeClock, type FakeClock } from "../../fakes/fake-clock.ts";

interface Item {
  readonly id: string;
  readonly value: string;
}

interface Setup {
  readonly listing: Listing<Item>;
  readonly clock: FakeClock;
  readonly drifts: string[];
  readonly remote: Map<string, Item>;
  readonly counts: { lists: number; reads: number };
}

function setUp(duringList: (setup: Setup) => void = () => undefined): Setup {
  const clock = createFakeClock();
  const remote = new Map<string, Item>();
  const drifts: string[] = [];
  const counts = { lists: 0, reads: 0 };
  const setup: Setup = {
    clock,
    remote,
    drifts,
    counts,
    listing: createListing<Item>({
      load: async function* () {
        counts.lists += 1;
        const page = [...remote.values()];
        await Promise.resolve();
        duringList(setup);
        yield page;
      },
      keyOf: ({ id }) => id,
      digestOf: ({ value }) => value,
      indexes: { value: ({ value }) => [value] },
      read: async (key) => {
        counts.reads += 1;
        return Promise.resolve(remote.get(key));
      },
      clock,
      settleMs: 10_000,
      onDrift: (before, after) => drifts.push(`${before?.value ?? "-"} → ${after?.value ?? "-"}`),
    }),
  };
  return setup;
}

const a = (value: string): Item => ({ id: "a", value });

describe("a shared listing", () => {
  it("is made once, however many ask at the same time", async () => {
    const { listing, counts } = setUp();
    await Promise.all([listing.ensure(), listing.ensure(), listing.ensure()]);
    expect(counts.lists).toBe(1);
  });

  it("is made again only when it must be newer than the last", async () => {
    const { listing, counts, clock } = setUp();
    await listing.ensure();
    await listing.refresh(clock.now());
    expect(counts.lists).toBe(1);
    await clock.advance(1);
    await listing.refresh(clock.now());
    expect(counts.lists).toBe(2);
  });

  it("tells what was changed, added and removed behind our back, and nothing the first time", async () => {
    const { listing, remote, drifts, clock } = setUp();
    remote.set("a", a("1")).set("gone", { id: "gone", value: "g" });
    await listing.ensure();
    expect(drifts).toEqual([]);
    remote.set("a", a("2")).set("new", { id: "new", value: "n" });
    remote.delete("gone");
    await clock.advance(1);
    await listing.refresh(clock.now());
    expect(drifts.sort()).toEqual(["- → n", "1 → 2", "g → -"]);
    expect(listing.byIndex("value", "2")).toHaveLength(1);
    expect(listing.byIndex("value", "1")).toEqual([]);
  });

  it("a page that was read before our write does not undo it", async () => {
    const { listing, remote, clock } = setUp((setup) => {
      if (setup.counts.lists === 2) setup.listing.put(a("ours"));
    });
    remote.set("a", a("old"));
    await listing.ensure();
    await clock.advance(1);
    await listing.refresh(clock.now());
    expect(listing.get("a")?.value).toBe("ours");
  });

  it("what we just made and the page does not show yet stays", async () => {
    const { listing, clock } = setUp((setup) => {
      if (setup.counts.lists === 2) setup.listing.put(a("ours"));
    });
    await listing.ensure();
    await clock.advance(1);
    await listing.refresh(clock.now());
    expect(listing.get("a")?.value).toBe("ours");
  });

  it("another item than the one that was asked for says nothing about either", async () => {
    const { listing, remote } = setUp();
    remote.set("b", { id: "a", value: "1" });
    await expect(listing.confirm("b")).rejects.toMatchObject({ name: "ProviderError", code: "unavailable" });
    expect([listing.get("a"), listing.get("b")]).toEqual([undefined, undefined]);
  });

  it("absence is confirmed by a read, and within the settle time of our own write not believed", async () => {
    const { listing, counts, clock } = setUp();
    await listing.ensure();
    expect(await listing.confirm("never")).toBeUndefined();
    expect(counts.reads).toBe(1);
    listing.put(a("fresh"));
    await clock.advance(9999);
    await expect(listing.confirm("a")).rejects.toThrow("a moment ago");
    await clock.advance(1);
    expect(await listing.confirm("a")).toBeUndefined();
  });

  it("a listing that fails leaves what was known", async () => {
    const { listing, remote, clock, counts } = setUp((setup) => {
      if (setup.counts.lists === 2) throw new Error("the tenant is away");
    });
    remote.set("a", a("1"));
    await listing.ensure();
    const before = listing.listedAt();
    await clock.advance(1);
    await expect(listing.refresh(clock.now())).rejects.toThrow("away");
    expect(counts.lists).toBe(2);
    expect(listing.get("a")?.value).toBe("1");
    expect(listing.listedAt()).toEqual(before);
  });
});

describe("what a listing remembers", () => {
  it("of its own removals goes with the next listing that began well after them", async () => {
    const { listing, clock } = setUp();
    await listing.ensure();
    listing.put(a("1"));
    listing.drop("a");
    await clock.advance(10_000);
    await listing.refresh(clock.now());
    expect(listing.isDropped("a")).toBe(true);
    await clock.advance(1);
    await listing.refresh(clock.now());
    expect(listing.isDropped("a")).toBe(false);
  });

  it("of its own writes is bounded by those of one interval", () => {
    const writes = createOwnWrites(10_000);
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 100; i++) writes.note(`${String(round)}/${String(i)}`, round * 60_000, "wrote");
      writes.listedAt(round * 60_000 + 30_000);
    }
    expect(writes.size()).toBe(0);
  });

  it("by value is what some item has", () => {
    const indexes = createIndexedKeys<Item>({ value: ({ value }) => [value] });
    for (let i = 0; i < 100; i++) {
      indexes.add({ id: String(i), value: `unique-${String(i)}` }, String(i));
      indexes.remove({ id: String(i), value: `unique-${String(i)}` }, String(i));
    }
    indexes.add(a("1"), "a");
    indexes.add({ id: "b", value: "1" }, "b");
    expect(indexes.size()).toBe(1);
    indexes.remove(a("1"), "a");
    expect([...indexes.keysOf("value", "1")]).toEqual(["b"]);
  });
});
