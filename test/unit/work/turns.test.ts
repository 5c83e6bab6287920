import { expect, it } from "vitest";
import { createTurns } from "../../../src/work/turns.ts";

it("remembers no more namespaces than twice those that wait, however many were served", () => {
  const turns = createTurns();
  for (let i = 0; i < 10_000; i++) turns.serve(`preview-${String(i)}`, false, 100);
  expect(turns.size()).toBe(200);
  turns.serve("one", false, 1);
  expect(turns.size()).toBe(64);
});

it("forgets those first that were served longest ago", () => {
  const turns = createTurns();
  for (let i = 0; i < 65; i++) turns.serve(String(i), false, 1);
  expect(turns.servedAt("0")).toBe(0);
  expect(turns.servedAt("1")).toBeGreaterThan(0);
  expect(turns.servedAt("64")).toBeGreaterThan(turns.servedAt("1"));
});
