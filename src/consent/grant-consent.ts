import { matchesNamespace, type NamespaceLabels, type NamespaceRule } from "./namespace-rule.ts";

/** A rule of `OAuthApi.spec.allowedGrants`. */
export interface GrantRule {
  readonly namespaces: NamespaceRule;
  readonly scopes?: readonly string[] | undefined;
}

/**
 * Which scopes of an API a namespace may request: `all`, or those named by the rules that match it, which add up. The
 * API's own namespace may always request all; no other namespace may request any until a rule says so.
 */
export function grantConsent(
  apiNamespace: string,
  rules: readonly GrantRule[],
  asker: NamespaceLabels,
): "all" | readonly string[] {
  if (asker.name === apiNamespace) return "all";
  const matching = rules.filter((rule) => matchesNamespace(rule.namespaces, asker));
  if (matching.some((rule) => rule.scopes === undefined)) return "all";
  return [...new Set(matching.flatMap((rule) => rule.scopes ?? []))].sort();
}
