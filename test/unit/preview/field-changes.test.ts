import { describe, expect, it } from "vitest";
import { fieldChanges } from "../../../src/preview/field-changes.ts";

describe("what differs between two values", () => {
  it("is nothing where only the members of an object come in another order", () => {
    const before = {
      credentials: [{ createdAt: "2026-01-01", id: "a", of: { x: 1, y: 2 } }],
      rule: { a: 1, b: [{ c: 1, d: 2 }] },
    };
    const after = {
      credentials: [{ id: "a", of: { y: 2, x: 1 }, createdAt: "2026-01-01" }],
      rule: { b: [{ d: 2, c: 1 }], a: 1 },
    };
    expect(fieldChanges(before, after)).toEqual([]);
  });

  it("is an order of items, which counts", () => {
    expect(fieldChanges({ scopes: ["a", "b"] }, { scopes: ["b", "a"] })).toEqual([
      { field: "scopes", before: "a b", after: "b a" },
    ]);
  });

  it("is found and shown however far behind the beginning of a long value it is", () => {
    const items = Array.from({ length: 100 }, (_each, index) => `scope-${String(index)}`);
    const [change] = fieldChanges({ scopes: items }, { scopes: [...items.slice(0, -1), "another"] });
    expect(change?.before).toMatch(/^….*scope-98 scope-99$/);
    expect(change?.after).toMatch(/^….*scope-98 another$/);
    expect(change?.after?.length).toBeLessThan(250);
  });

  it("begins with the values where they differ early", () => {
    const [change] = fieldChanges({ text: `a${"x".repeat(500)}` }, { text: `b${"x".repeat(500)}` });
    expect([change?.before?.slice(0, 3), change?.after?.slice(0, 3)]).toEqual(["axx", "bxx"]);
  });
});
