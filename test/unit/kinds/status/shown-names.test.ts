import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { carriedEntry, isCarriedAs } from "../../../../src/kinds/outputs/carried-grant.ts";
import { shownNames, shownScopes } from "../../../../src/kinds/status/shown-names.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const names = (count: number, length = 10): string[] =>
  Array.from({ length: count }, (_, index) => `${String(index)}:`.padEnd(length, "s"));

it.each([
  ["few names", names(20), 20],
  ["many names", names(21), 20],
  ["long names", names(20, 280), 3],
  ["names that are long as UTF-8", Array.from({ length: 20 }, () => "𝄞".repeat(70)), 3],
  ["names that JSON escapes", Array.from({ length: 20 }, () => "\u0001".repeat(40)), 4],
] as const)("of %s, as many are shown as fit", (_what, list, count) => {
  expect(shownNames(list)).toEqual(list.slice(0, count));
});

it("the count is told where some are left out", () => {
  expect(shownScopes(names(21)).scopeCount).toBe(21);
  expect(shownScopes(names(20))).toEqual({ scopes: names(20) });
});

it("the largest lists of a client and of an API fit into an object", () => {
  const carried = { scopes: names(1000, 280), organizations: names(100, 255) };
  const ids = { name: "n".repeat(253), uid: "u".repeat(36), api: "a".repeat(316), externalId: "e".repeat(64) };
  const ofClient = Array.from({ length: 200 }, () => ({ ...ids, ...carriedEntry(carried, sha256) }));
  const ofApi = Array.from({ length: 100 }, () => ({ ...ids, ...shownScopes(carried.scopes) }));
  for (const list of [ofClient, ofApi]) expect(JSON.stringify(list).length).toBeLessThan(700_000);
});

it.each([
  ["short", names(3), names(2)],
  ["long", names(300), names(2)],
  ["long for its organizations", names(3), names(60)],
] as const)("a %s grant counts as carried exactly as long as nothing of it changes", (_what, scopes, organizations) => {
  const entry = carriedEntry({ scopes, organizations }, sha256);
  const isCarried = (change: object): boolean => isCarriedAs(entry, { scopes, organizations, ...change }, sha256);
  expect(isCarried({ scopes: [...scopes].reverse(), organizations: [...organizations].reverse() })).toBe(true);
  expect(isCarried({ scopes: [...scopes.slice(0, -1), "other"] })).toBe(false);
  expect(isCarried({ organizations: [...organizations.slice(0, -1), "other"] })).toBe(false);
  expect(isCarried({ scopes: scopes.slice(0, -1) })).toBe(false);
});
