import { expect, it } from "vitest";
import { grantConsent, type GrantRule } from "../../../src/consent/grant-consent.ts";

const all = { from: "All" } as const;
const billing = { from: "Names", names: ["billing"] } as const;

it.each<[string, string, readonly GrantRule[], "all" | readonly string[]]>([
  ["the own namespace, without a rule", "payroll", [], "all"],
  ["the own namespace, whatever the rules say", "payroll", [{ namespaces: all, scopes: ["read"] }], "all"],
  ["another namespace, without a rule", "billing", [], []],
  ["another namespace, with a rule for a third", "web", [{ namespaces: billing }], []],
  ["another namespace, all scopes", "billing", [{ namespaces: billing }], "all"],
  ["another namespace, some scopes", "billing", [{ namespaces: billing, scopes: ["read"] }], ["read"]],
  ["a rule that names no scope", "billing", [{ namespaces: billing, scopes: [] }], []],
  [
    "several rules that add up",
    "billing",
    [
      { namespaces: billing, scopes: ["write", "read"] },
      { namespaces: all, scopes: ["read", "list"] },
    ],
    ["list", "read", "write"],
  ],
  [
    "several rules of which one is for all scopes",
    "billing",
    [{ namespaces: all, scopes: ["read"] }, { namespaces: billing }],
    "all",
  ],
])("%s", (_what, asker, rules, expected) => {
  expect(grantConsent("payroll", rules, { name: asker, labels: {} })).toEqual(expected);
});
