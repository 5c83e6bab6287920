import type { Provider, Ref } from "../ports/provider.ts";
import type { PublishedGrant } from "../publication/inputs.ts";
import type { KindContext } from "./kind-context.ts";
import type { OAuthApi } from "./oauth-api/schema.ts";
import type { ScopeGrant } from "./scope-grant/schema.ts";

/** What a workload needs for one grant; `undefined` while its API is not there. */
export async function publishedGrant(
  context: KindContext,
  provider: Provider,
  grant: ScopeGrant,
): Promise<PublishedGrant | undefined> {
  const { apiRef, externalAudience } = grant.spec;
  const api = apiRef === undefined ? undefined : apiOf(context, grant.metadata.namespace ?? "", apiRef);
  const audience = externalAudience ?? api?.spec.audience;
  if (audience === undefined) return undefined;
  const { issuer, wellKnownUrl, tokenEndpoint, jwksUri } = await provider.metadata(
    api === undefined ? undefined : refOf(api),
  );
  const { grantedScopes: scopes = [], organizations = [] } = grant.status ?? {};
  return {
    name: grant.metadata.name,
    audience,
    scopes,
    ...(organizations.length === 0 ? {} : { organizations: organizations.map(({ id }) => id) }),
    issuer,
    wellKnownUrl,
    tokenEndpoint,
    jwksUri,
  };
}

export function apiOf(
  context: KindContext,
  namespace: string,
  ref: { readonly name: string; readonly namespace?: string | undefined },
): OAuthApi | undefined {
  return context.resources.oAuthApis.get(ref.namespace ?? namespace, ref.name);
}

export const refOf = (api: OAuthApi): Ref | undefined => api.status?.externalId as Ref | undefined;
