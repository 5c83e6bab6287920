import { matchesAudience } from "./audience-pattern.ts";
import { matchesNamespace, type NamespaceLabels, type NamespaceRule } from "./namespace-rule.ts";

/** The consent rules of one provider object. */
export interface ProviderRules {
  readonly scope: "cluster" | "namespaced";
  /** Of a namespaced provider. */
  readonly namespace: string;
  readonly allow: readonly {
    readonly namespaces?: NamespaceRule | undefined;
    readonly audiences?: readonly string[] | undefined;
    readonly organizations?: readonly string[] | undefined;
    readonly externalAudiences?: readonly ExternalRule[] | undefined;
    readonly adopt?: AdoptRule | undefined;
  }[];
}

/** An API that no resource declares, and the scopes of it that may be granted. */
interface ExternalRule {
  readonly audience: string;
  readonly scopes: readonly string[];
}

/** What may be adopted. */
interface AdoptRule {
  readonly clients?: readonly string[] | undefined;
  readonly audiences?: readonly string[] | undefined;
  readonly shareCredential?: boolean | undefined;
}

type ProviderConsent =
  { readonly allowed: true } | { readonly allowed: false; readonly what: "namespace" | "audience" };

/**
 * Whether a namespace may use the provider and, when asked, claim an audience there. A cluster-scoped provider lets
 * nobody in until a rule says so; a namespaced one serves its own namespace and no other.
 */
export function providerConsent(rules: ProviderRules, asker: NamespaceLabels, audience?: string): ProviderConsent {
  const mine = rulesFor(rules, asker);
  if (mine === undefined) return { allowed: false, what: "namespace" };
  if (audience === undefined || mine.some((rule) => coversAudience(rule.audiences, audience))) return { allowed: true };
  return { allowed: false, what: "audience" };
}

function rulesFor(rules: ProviderRules, asker: NamespaceLabels): ProviderRules["allow"] | undefined {
  if (rules.scope === "namespaced") {
    if (rules.namespace !== asker.name) return undefined;
    return rules.allow.length === 0 ? [{}] : rules.allow;
  }
  const matching = rules.allow.filter(
    (rule) => rule.namespaces !== undefined && matchesNamespace(rule.namespaces, asker),
  );
  return matching.length === 0 ? undefined : matching;
}

function coversAudience(patterns: readonly string[] | undefined, audience: string): boolean {
  return patterns === undefined || patterns.some((pattern) => matchesAudience(pattern, audience));
}

/** Scopes of an API without a resource that a namespace may be granted; `undefined` when no rule names the API for it. */
export function externalConsent(
  rules: ProviderRules,
  asker: NamespaceLabels,
  audience: string,
): readonly string[] | undefined {
  const matching = (rulesFor(rules, asker) ?? [])
    .flatMap((rule) => rule.externalAudiences ?? [])
    .filter((rule) => rule.audience === audience);
  return matching.length === 0 ? undefined : [...new Set(matching.flatMap(({ scopes }) => scopes))].sort();
}

/** Names and ids of the organizations that tokens of a namespace may carry; `all`: of whatever organization. */
export type AllowedOrganizations = "all" | ReadonlySet<string>;

/** What the rules for a namespace allow together. A rule that says nothing about organizations allows all of them. */
export function organizationConsent(rules: ProviderRules, asker: NamespaceLabels): AllowedOrganizations {
  const matching = rulesFor(rules, asker) ?? [];
  const isAll = matching.some(({ organizations }) => organizations === undefined || organizations.includes("*"));
  return isAll ? "all" : new Set(matching.flatMap(({ organizations = [] }) => organizations));
}

/** Whether the consent names this organization, by id or by name. Both are compared exactly. */
export function mayUseOrganization(
  allowed: AllowedOrganizations,
  { id, name }: { readonly id: string; readonly name: string },
): boolean {
  return allowed === "all" || allowed.has(id) || allowed.has(name);
}

/** Whether a namespace may adopt the API of this audience. Nothing may be adopted until a rule says so. */
export function mayAdoptAudience(rules: ProviderRules, asker: NamespaceLabels, audience: string): boolean {
  return (rulesFor(rules, asker) ?? []).some(
    ({ adopt }) => adopt?.audiences !== undefined && coversAudience(adopt.audiences, audience),
  );
}

/** Whether a namespace may adopt this client and, if so, publish the credential that others may use. */
export function clientAdoption(
  rules: ProviderRules,
  asker: NamespaceLabels,
  clientId: string,
): { readonly isAllowed: boolean; readonly sharesCredential: boolean } {
  const matching = (rulesFor(rules, asker) ?? []).filter(({ adopt }) => adopt?.clients?.includes(clientId) === true);
  return {
    isAllowed: matching.length > 0,
    sharesCredential: matching.some(({ adopt }) => adopt?.shareCredential === true),
  };
}
