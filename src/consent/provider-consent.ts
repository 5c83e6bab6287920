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
  }[];
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
