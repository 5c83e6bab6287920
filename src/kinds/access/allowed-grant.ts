import { grantConsent } from "../../consent/grant-consent.ts";
import { externalConsent, providerConsent } from "../../consent/provider-consent.ts";
import type { KindContext } from "../kind-context.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import type { OAuthApi } from "../oauth-api/schema.ts";
import { objectText } from "../relations/object-text.ts";
import { providerKeyOf } from "../relations/provider-ref.ts";
import type { ScopeGrant } from "../scope-grant/schema.ts";
import type { AllowedScopes } from "./requested-scopes.ts";
import { askerOf, type Standing } from "./standing.ts";

/** What judging a grant needs: labels of namespaces, and the provider's rules, which client and API share. */
export type Judge = Pick<KindContext, "namespaces"> & Pick<Standing, "object" | "rules">;

/** Scopes of the API that a namespace may request; `undefined` when it may not request any. */
export function allowedScopes(
  ports: Pick<KindContext, "namespaces">,
  namespace: string,
  { metadata, spec }: OAuthApi,
): AllowedScopes | undefined {
  const declared = new Set(spec.scopes.map((scope) => scope.name));
  const allowed = grantConsent(metadata.namespace ?? "", spec.allowedGrants ?? [], askerOf(ports, namespace));
  if (allowed === "all") return { scopes: declared, declared, isWhole: true };
  if (allowed.length === 0) return undefined;
  return { scopes: new Set(allowed.filter((scope) => declared.has(scope))), declared, isWhole: false };
}

/** The API's owner lets this namespace ask, and the tenant's owner lets the API claim its audience. */
export function mayBeGranted(judge: Judge, namespace: string, api: OAuthApi): boolean {
  return mayClaimAudience(judge, api) && allowedScopes(judge, namespace, api) !== undefined;
}

/** Judged by the rules of the API's provider. */
export function mayClaimAudience(judge: Judge, { metadata, spec }: OAuthApi): boolean {
  const asker = askerOf(judge, metadata.namespace ?? "");
  return judge.object === undefined || providerConsent(judge.rules, asker, spec.audience).allowed;
}

/** Why the provider's owner does not allow a grant on an API that no resource declares; `undefined` when it does. */
export function externalRefusal(judge: Judge, { metadata, spec }: ScopeGrant, audience: string): string | undefined {
  if (judge.object === undefined) return undefined;
  const refuses = `${objectText(judge.object)} does not allow namespace ${metadata.namespace ?? ""}`;
  const allowed = externalConsent(judge.rules, askerOf(judge, metadata.namespace ?? ""), audience);
  const remedy = "Ask its owner to extend spec.allow[].externalAudiences";
  if (allowed === undefined) return `${refuses} to use the API ${audience}. ${remedy}, or delete this ScopeGrant.`;
  const more = (spec.scopes ?? []).filter((scope) => !allowed.includes(scope)).sort();
  return more.length === 0
    ? undefined
    : `${refuses} to request these scopes of ${audience}: ${more.slice(0, 20).join(", ")}. ${remedy}, or remove them here.`;
}

export function isSameProvider(client: M2MClient, api: OAuthApi): boolean {
  const ofClient = providerKeyOf(client.metadata.namespace ?? "", client.spec.providerRef);
  return ofClient === providerKeyOf(api.metadata.namespace ?? "", api.spec.providerRef);
}
