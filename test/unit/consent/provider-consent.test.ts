import { expect, it } from "vitest";
import { providerConsent, type ProviderRules } from "../../../src/consent/provider-consent.ts";

const payroll = { name: "payroll", labels: { team: "payroll" } };
const cluster = (allow: ProviderRules["allow"]): ProviderRules => ({ scope: "cluster", namespace: "", allow });
const own = (allow: ProviderRules["allow"], namespace = "payroll"): ProviderRules => ({
  scope: "namespaced",
  namespace,
  allow,
});
const forPayroll = { from: "Names", names: ["payroll"] } as const;
const forBilling = { from: "Names", names: ["billing"] } as const;

it.each<[string, ProviderRules, string | undefined, "allowed" | "namespace" | "audience"]>([
  ["a cluster-scoped provider that says nothing", cluster([]), undefined, "namespace"],
  ["a cluster-scoped provider that says nothing, with an audience", cluster([]), "api", "namespace"],
  ["a rule for another namespace", cluster([{ namespaces: forBilling }]), undefined, "namespace"],
  ["a cluster rule for no namespaces at all", cluster([{ audiences: ["*"] }]), undefined, "namespace"],
  ["a rule for it", cluster([{ namespaces: forPayroll }]), undefined, "allowed"],
  ["a rule for it, any audience", cluster([{ namespaces: forPayroll }]), "api", "allowed"],
  ["a rule for everybody", cluster([{ namespaces: { from: "All" } }]), "api", "allowed"],
  ["a rule with its audience", cluster([{ namespaces: forPayroll, audiences: ["a*"] }]), "api", "allowed"],
  ["a rule with another audience", cluster([{ namespaces: forPayroll, audiences: ["b*"] }]), "api", "audience"],
  ["a rule with no audience", cluster([{ namespaces: forPayroll, audiences: [] }]), "api", "audience"],
  ["a rule with no audience, use alone", cluster([{ namespaces: forPayroll, audiences: [] }]), undefined, "allowed"],
  [
    "two rules of which the second has the audience",
    cluster([
      { namespaces: forPayroll, audiences: ["b"] },
      { namespaces: { from: "All" }, audiences: ["api"] },
    ]),
    "api",
    "allowed",
  ],
  [
    "an audience that only another namespace's rule has",
    cluster([
      { namespaces: forPayroll, audiences: ["b"] },
      { namespaces: forBilling, audiences: ["api"] },
    ]),
    "api",
    "audience",
  ],
  ["its own provider that says nothing", own([]), "api", "allowed"],
  ["its own provider, its audience", own([{ audiences: ["api"] }]), "api", "allowed"],
  ["its own provider, another audience", own([{ audiences: ["other"] }]), "api", "audience"],
  ["its own provider, use alone", own([{ audiences: ["other"] }]), undefined, "allowed"],
  ["another namespace's provider", own([], "billing"), undefined, "namespace"],
  ["another namespace's provider that names it", own([{ namespaces: forPayroll }], "billing"), "api", "namespace"],
])("%s", (_what, rules, audience, expected) => {
  const allowed = { allowed: true };
  expect(providerConsent(rules, payroll, audience)).toEqual(
    expected === "allowed" ? allowed : { allowed: false, what: expected },
  );
});
