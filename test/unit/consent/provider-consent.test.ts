import { describe, expect, it } from "vitest";
import {
  clientAdoption,
  externalConsent,
  mayAdoptAudience,
  mayUseOrganization,
  organizationConsent,
  providerConsent,
  type ProviderRules,
} from "../../../src/consent/provider-consent.ts";

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

describe("what else a provider's owner may allow", () => {
  const asker = { name: "portal", labels: {} };
  const rules = (allow: ProviderRules["allow"]): ProviderRules => ({ scope: "cluster", namespace: "", allow });
  const forPortal = { namespaces: { from: "Names" as const, names: ["portal"] } };
  const api = "https://acme.example/api/v2/";

  it("scopes of an API without a resource add up over the rules that name it, and are nobody else's", () => {
    const given = rules([
      { ...forPortal, externalAudiences: [{ audience: api, scopes: ["b", "a"] }] },
      { namespaces: { from: "All" }, externalAudiences: [{ audience: api, scopes: ["c"] }] },
    ]);
    expect(externalConsent(given, asker, api)).toEqual(["a", "b", "c"]);
    expect(externalConsent(given, { name: "other", labels: {} }, api)).toEqual(["c"]);
    expect(externalConsent(given, asker, "https://acme.example/api/v2")).toBeUndefined();
  });

  it.each<[string, ProviderRules["allow"], boolean, boolean]>([
    ["a rule that says nothing about organizations", [forPortal], true, true],
    ["every organization", [{ ...forPortal, organizations: ["other", "*"] }], true, true],
    ["none", [{ ...forPortal, organizations: [] }], false, false],
    ["another one", [{ ...forPortal, organizations: ["globex"] }], false, false],
    ["its name", [{ ...forPortal, organizations: ["acme"] }], true, false],
    ["its id", [{ ...forPortal, organizations: ["org_1"] }], true, false],
    ["no part of a name is a name", [{ ...forPortal, organizations: ["acm", "ACME", "acme*"] }], false, false],
    [
      "what another namespace's rule says",
      [
        { ...forPortal, organizations: [] },
        { namespaces: { from: "Names", names: ["other"] }, organizations: ["*"] },
      ],
      false,
      false,
    ],
    [
      "two rules, of which the second says nothing",
      [{ ...forPortal, organizations: [] }, { namespaces: { from: "All" } }],
      true,
      true,
    ],
    ["no rule for it", [], false, false],
  ])("an organization, and every one: %s", (_what, allow, one, every) => {
    const allowed = organizationConsent(rules(allow), asker);
    expect([mayUseOrganization(allowed, { id: "org_1", name: "acme" }), allowed === "all"]).toEqual([one, every]);
  });

  it("of a namespace's own provider, every organization may be used until a rule says which", () => {
    const own = (allow: ProviderRules["allow"]): ProviderRules => ({ scope: "namespaced", namespace: "portal", allow });
    expect(organizationConsent(own([]), asker)).toBe("all");
    expect(organizationConsent(own([{ organizations: ["acme"] }]), asker)).toEqual(new Set(["acme"]));
  });

  it("nothing may be adopted until a rule says so, and no pattern reaches a client", () => {
    const given = rules([{ ...forPortal, adopt: { clients: ["abc"], audiences: ["https://legacy.example/*"] } }]);
    expect(mayAdoptAudience(given, asker, "https://legacy.example/x")).toBe(true);
    expect(mayAdoptAudience(given, asker, "https://other.example/")).toBe(false);
    expect(mayAdoptAudience(rules([forPortal]), asker, "https://legacy.example/x")).toBe(false);
    expect(clientAdoption(given, asker, "abc")).toEqual({ isAllowed: true, sharesCredential: false });
    expect(clientAdoption(given, asker, "abcd").isAllowed).toBe(false);
    expect(clientAdoption(given, { name: "other", labels: {} }, "abc").isAllowed).toBe(false);
  });

  it("a credential is shared only by the rule that names its client", () => {
    const given = rules([
      { ...forPortal, adopt: { clients: ["abc"] } },
      { ...forPortal, adopt: { clients: ["xyz"], shareCredential: true } },
    ]);
    expect(clientAdoption(given, asker, "abc").sharesCredential).toBe(false);
    expect(clientAdoption(given, asker, "xyz").sharesCredential).toBe(true);
  });
});
