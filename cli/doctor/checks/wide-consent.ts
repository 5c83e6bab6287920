import type { NamespaceRule } from "../../../src/consent/namespace-rule.ts";
import { CLUSTER_KIND } from "../../../src/kinds/relations/provider-ref.ts";
import type { Check } from "../check.ts";

/** Whether the rule is for every namespace of the cluster. */
function isEveryNamespace({ from, selector }: NamespaceRule): boolean {
  if (from === "All") return true;
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return from === "Selector" && Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/** Patterns that match every audience, or every URL. */
const EVERYTHING: ReadonlySet<string> = new Set(["*", "https://*", "http*://*", "*://*"]);

/** A ClusterIdentityProvider allows every namespace or every audience. */
export const wideProviderConsent: Check = {
  name: "wide-provider-consent",
  severity: "warning",
  reports: "A rule in `spec.allow` of a ClusterIdentityProvider allows every namespace or every audience.",
  risk: "Anyone who may create resources in a namespace can create APIs and clients at the tenant, also with audiences of other teams.",
  todo: "List namespaces and audiences in spec.allow.",
  needs: ["providers"],
  find: ({ providers }) =>
    providers
      .filter(({ kind }) => kind === CLUSTER_KIND)
      .flatMap((provider) =>
        (provider.spec.allow ?? []).flatMap((rule, index) => {
          const where = `spec.allow[${String(index)}]`;
          const isForAll = "namespaces" in rule && isEveryNamespace(rule.namespaces);
          const { audiences } = rule;
          const everything = audiences?.find((pattern) => EVERYTHING.has(pattern));
          return [
            ...(isForAll ? [`${where} allows every namespace.`] : []),
            ...(audiences === undefined ? [`${where} has no audiences, and so allows every audience.`] : []),
            ...(everything === undefined ? [] : [`${where} allows the audiences ${everything}.`]),
          ].map((why) => ({ on: provider, why }));
        }),
      ),
};

/** An OAuthApi allows grants from every namespace. */
export const wideApiConsent: Check = {
  name: "wide-api-consent",
  severity: "warning",
  reports: "A rule in `spec.allowedGrants` of an OAuthApi allows every namespace.",
  risk: "Anyone who may create resources in a namespace can get access to the API.",
  todo: "List the namespaces in spec.allowedGrants.",
  needs: ["apis"],
  find: ({ apis }) =>
    apis.flatMap((api) =>
      (api.spec.allowedGrants ?? []).flatMap(({ namespaces, scopes }, index) => {
        if (!isEveryNamespace(namespaces)) return [];
        const which = scopes === undefined ? "all scopes" : scopes.join(", ");
        return [{ on: api, why: `spec.allowedGrants[${String(index)}] allows every namespace to request ${which}.` }];
      }),
    ),
};
