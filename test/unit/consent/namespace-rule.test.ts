import { expect, it } from "vitest";
import { matchesNamespace, type NamespaceRule } from "../../../src/consent/namespace-rule.ts";

const payroll = { name: "payroll", labels: { team: "payroll", env: "prod" } };
const selector = (given: NonNullable<NamespaceRule["selector"]>): NamespaceRule => ({
  from: "Selector",
  selector: given,
});
const expression = (key: string, operator: "In" | "NotIn" | "Exists" | "DoesNotExist", values?: readonly string[]) =>
  selector({ matchExpressions: [{ key, operator, values }] });

it.each<[string, NamespaceRule, boolean]>([
  ["All", { from: "All" }, true],
  ["Names with it", { from: "Names", names: ["billing", "payroll"] }, true],
  ["Names without it", { from: "Names", names: ["billing"] }, false],
  ["Names of which its own is a part", { from: "Names", names: ["payroll-2", "pay"] }, false],
  ["Names without a list", { from: "Names" }, false],
  ["Names, with a selector that matches", { from: "Names", names: [], selector: {} }, false],
  ["Selector without a selector", { from: "Selector" }, false],
  ["Selector, with its name but no selector", { from: "Selector", names: ["payroll"] }, false],
  ["an empty selector", selector({}), true],
  ["its label", selector({ matchLabels: { team: "payroll" } }), true],
  ["both of its labels", selector({ matchLabels: { team: "payroll", env: "prod" } }), true],
  ["one label of its and one not", selector({ matchLabels: { team: "payroll", env: "dev" } }), false],
  ["a label that it does not have", selector({ matchLabels: { tier: "1" } }), false],
  ["a label that every object seems to have", expression("toString", "Exists"), false],
  ["In with its value", expression("team", "In", ["billing", "payroll"]), true],
  ["In without its value", expression("team", "In", ["billing"]), false],
  ["In for a label it does not have", expression("tier", "In", ["1"]), false],
  ["In without values", expression("team", "In"), false],
  ["NotIn with its value", expression("team", "NotIn", ["payroll"]), false],
  ["NotIn without its value", expression("team", "NotIn", ["billing"]), true],
  ["NotIn for a label it does not have", expression("tier", "NotIn", ["1"]), true],
  ["NotIn without values", expression("team", "NotIn"), false],
  ["Exists for its label", expression("team", "Exists"), true],
  ["Exists for another label", expression("tier", "Exists"), false],
  ["DoesNotExist for its label", expression("team", "DoesNotExist"), false],
  ["DoesNotExist for another label", expression("tier", "DoesNotExist"), true],
  [
    "labels that match and an expression that does not",
    selector({
      matchLabels: { team: "payroll" },
      matchExpressions: [{ key: "env", operator: "NotIn", values: ["prod"] }],
    }),
    false,
  ],
])("%s", (_what, rule, expected) => {
  expect(matchesNamespace(rule, payroll)).toBe(expected);
});

it.each<[string, NamespaceRule, boolean]>([
  ["not by an empty selector", selector({}), false],
  ["not by a label that must be missing", expression("tier", "DoesNotExist"), false],
  ["not by NotIn", expression("tier", "NotIn", ["1"]), false],
  ["by its name", { from: "Names", names: ["payroll"] }, true],
  ["by All", { from: "All" }, true],
])("a namespace whose labels are not known is matched %s", (_what, rule, expected) => {
  expect(matchesNamespace(rule, { name: "payroll", labels: undefined })).toBe(expected);
});
