import { expect, it } from "vitest";
import { differences, settingsText } from "../../../../src/kinds/access/differences.ts";

it.each([
  ["a text", { displayName: "B" }, { displayName: "A" }, 'displayName: "A" → "B"'],
  ["what was not set", { description: "new" }, {}, 'description: unset → "new"'],
  [
    "what is taken off",
    { defaultOrganization: null },
    { defaultOrganization: "org_1" },
    'defaultOrganization: "org_1" → unset',
  ],
  [
    "only the members that change",
    { tokens: { lifetimeSeconds: 7200 } },
    { tokens: { lifetimeSeconds: 3600, profile: "RFC9068" } },
    "tokens.lifetimeSeconds: 3600 → 7200",
  ],
  ["a list of texts, in any order", { scopes: ["b", "a"] }, { scopes: ["c"] }, "scopes: c → a b"],
  ["a list of named objects", { scopes: [{ name: "a" }] }, { scopes: [] }, "scopes: none → a"],
  [
    "named objects whose settings differ",
    { scopes: [{ name: "a", description: "new" }] },
    { scopes: [{ name: "a" }] },
    "scopes: settings of a",
  ],
  [
    "nothing of what a change repeats",
    { organizations: { usage: "Allow", any: false, ids: ["b", "a"] } },
    { organizations: { usage: "Allow", any: true, ids: ["a", "b"] } },
    "organizations.any: true → false",
  ],
  ["nothing before", { isEnabled: true }, undefined, "isEnabled: unset → true"],
])("%s", (_case, change, before, text) => {
  expect(differences(change, before)).toBe(text);
});

it("tells that long texts differ that begin alike", () => {
  const [before, after] = [`${"x".repeat(300)}a`, `${"x".repeat(300)}b`];
  expect(differences({ description: after }, { description: before })).toMatch(/^description: other text after "x+…$/);
});

it("cuts a long value", () => {
  expect(differences({ description: "x".repeat(500) }, {}).length).toBeLessThan(250);
});

it.each([
  [{}, ""],
  [{ tokens: {}, settings: undefined }, ""],
  [
    { tokens: { lifetimeSeconds: 600 }, organizations: { ids: ["b", "a"] } },
    " (tokens.lifetimeSeconds: 600, organizations.ids: a b)",
  ],
])("settings of something new: %j", (settings, text) => {
  expect(settingsText(settings)).toBe(text);
});
