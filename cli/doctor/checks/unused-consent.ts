import { matchesAudience } from "../../../src/consent/audience-pattern.ts";
import { matchesNamespace, type NamespaceRule } from "../../../src/consent/namespace-rule.ts";
import type { ProviderResource } from "../../../src/kinds/identity-provider/schema.ts";
import type { OAuthApi } from "../../../src/kinds/oauth-api/schema.ts";
import { uses } from "../../status/tree.ts";
import type { Check, Hit } from "../check.ts";
import type { Facts } from "../facts.ts";
import { grantsOn } from "../relations.ts";

type ProviderRule = NonNullable<ProviderResource["spec"]["allow"]>[number];

/** A rule of a provider object, or a part of it, that no resource uses. */
export const unusedProviderConsent: Check = {
  name: "unused-provider-consent",
  severity: "info",
  reports: "A rule in `spec.allow` of a provider object, or an entry of it, matches no resource.",
  risk: "The consent is wider than its use.",
  todo: "Remove it from spec.allow.",
  needs: ["providers", "apis", "clients", "grants", "everyNamespace", "namespaces"],
  find: (facts) =>
    facts.providers.flatMap((provider) =>
      (provider.spec.allow ?? []).flatMap((rule, index) =>
        unusedParts(facts, provider, rule).map((part): Hit => {
          const where = `spec.allow[${String(index)}]`;
          return {
            on: provider,
            why: part === "" ? `No resource uses ${where}.` : `No resource uses ${where}.${part}.`,
          };
        }),
      ),
    ),
};

/** Paths within the rule. Empty text: the whole rule. */
function unusedParts(facts: Facts, provider: ProviderResource, rule: ProviderRule): readonly string[] {
  const isMatched = (namespace = ""): boolean =>
    !("namespaces" in rule) || isMatchedBy(facts, rule.namespaces, namespace);
  const isUser = ({ metadata, spec }: Facts["apis"][number] | Facts["clients"][number]): boolean =>
    uses(metadata.namespace, spec.providerRef, provider) && isMatched(metadata.namespace);
  const apis = facts.apis.filter(isUser);
  const clients = facts.clients.filter(isUser);
  if (apis.length + clients.length === 0) return [""];
  const grants = facts.grants.filter(({ metadata }) => isMatched(metadata.namespace));
  const unusedAudiences = (patterns: readonly string[] = [], of: readonly OAuthApi[]): readonly string[] =>
    patterns.filter((pattern) => !of.some(({ spec }) => matchesAudience(pattern, spec.audience)));
  const isRequested = (audience: string, scope: string): boolean =>
    grants.some(({ spec }) => spec.externalAudience === audience && spec.scopes?.includes(scope) === true);
  const adopted = apis.filter(({ spec }) => spec.adopt === true);
  const isAdopted = (id: string): boolean => clients.some(({ spec }) => spec.adopt === true && spec.clientId === id);
  return [
    ...unusedAudiences(rule.audiences, apis).map((pattern) => `audiences ${pattern}`),
    ...unusedAudiences(rule.adopt?.audiences, adopted).map((pattern) => `adopt.audiences ${pattern}`),
    ...(rule.adopt?.clients ?? []).filter((id) => !isAdopted(id)).map((id) => `adopt.clients ${id}`),
    ...(rule.externalAudiences ?? []).flatMap(({ audience, scopes }) =>
      scopes.filter((scope) => !isRequested(audience, scope)).map((scope) => `externalAudiences ${audience}: ${scope}`),
    ),
  ];
}

function isMatchedBy({ namespaces }: Facts, rule: NamespaceRule, name: string): boolean {
  return matchesNamespace(rule, namespaces.find((one) => one.name === name) ?? { name, labels: undefined });
}

/** A rule of an OAuthApi, or a scope of it, that no ScopeGrant uses. */
export const unusedApiConsent: Check = {
  name: "unused-api-consent",
  severity: "info",
  reports: "A rule in `spec.allowedGrants` of an OAuthApi, or a scope of it, matches no ScopeGrant.",
  risk: "The consent is wider than its use.",
  todo: "Remove it from spec.allowedGrants.",
  needs: ["apis", "grants", "everyNamespace", "namespaces"],
  find: (facts) =>
    facts.apis.flatMap((api) =>
      (api.spec.allowedGrants ?? []).flatMap(({ namespaces, scopes = [] }, index): readonly Hit[] => {
        const where = `spec.allowedGrants[${String(index)}]`;
        const grants = grantsOn(facts, api)
          .filter(({ metadata }) => metadata.namespace !== api.metadata.namespace)
          .filter(({ metadata }) => isMatchedBy(facts, namespaces, metadata.namespace ?? ""));
        if (grants.length === 0) return [{ on: api, why: `No ScopeGrant uses ${where}.` }];
        if (grants.some(({ spec }) => spec.allScopes === true)) return [];
        const unused = scopes.filter((scope) => !grants.some(({ spec }) => spec.scopes?.includes(scope)));
        return unused.length === 0
          ? []
          : [{ on: api, why: `No ScopeGrant requests these scopes of ${where}: ${unused.join(", ")}.` }];
      }),
    ),
};
