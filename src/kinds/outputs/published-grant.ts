import type { GrantedApi, Provider, Ref, ServerMetadata } from "../../ports/provider.ts";
import type { PublishedGrant } from "../../publication/inputs.ts";
import type { KindContext } from "../kind-context.ts";
import type { OAuthApi } from "../oauth-api/schema.ts";
import { nameOf } from "../relations/indexes.ts";
import type { ScopeGrant } from "../scope-grant/schema.ts";

export interface GrantToPublish {
  /** What a workload needs for it. */
  readonly entry: PublishedGrant;
  /** The API as the provider knows it: several may have one audience. */
  readonly api: GrantedApi & { readonly ref: Ref };
  /** The API as the spec names it: `namespace/name` of an OAuthApi, or an external audience. */
  readonly apiId: string;
}

/** `undefined` while its API does not exist. */
export async function publishedGrant(
  context: Pick<KindContext, "resources">,
  provider: Provider,
  grant: ScopeGrant,
): Promise<GrantToPublish | undefined> {
  const named = await namedApi(context, provider, grant);
  if (named === undefined) return undefined;
  const { audience, metadata, ref } = named;
  const { issuer, wellKnownUrl, tokenEndpoint, jwksUri, assertionAudience } = metadata;
  const { grantedScopes: scopes = [], organizations = [] } = grant.status ?? {};
  const entry = {
    ...{ name: grant.metadata.name, audience, scopes },
    ...(organizations.length === 0 ? {} : { organizations: organizations.map(({ id }) => id) }),
    ...{ issuer, wellKnownUrl, tokenEndpoint, jwksUri, assertionAudience },
  };
  return { entry, api: { ref, audience }, apiId: apiIdOf(grant) };
}

/** Two ScopeGrants with one id are for one API. */
export function apiIdOf({ metadata, spec }: ScopeGrant): string {
  const { apiRef, externalAudience = "" } = spec;
  return apiRef === undefined ? externalAudience : nameOf(apiRef.namespace ?? metadata.namespace, apiRef.name);
}

interface NamedApi {
  readonly ref: Ref;
  readonly audience: string;
  readonly metadata: ServerMetadata;
}

/** An OAuthApi, or one that only the tenant knows. */
async function namedApi(
  context: Pick<KindContext, "resources">,
  provider: Provider,
  grant: ScopeGrant,
): Promise<NamedApi | undefined> {
  const { apiRef, externalAudience } = grant.spec;
  if (externalAudience !== undefined) {
    const ref = (await provider.apis.issuance({ ref: undefined, audience: externalAudience }))?.ref;
    return ref === undefined ? undefined : { ref, audience: externalAudience, metadata: await provider.metadata(ref) };
  }
  const api = apiRef === undefined ? undefined : apiOf(context, grant.metadata.namespace ?? "", apiRef);
  const ref = api === undefined ? undefined : refOf(api);
  if (api === undefined || ref === undefined) return undefined;
  return { ref, audience: api.spec.audience, metadata: recordedMetadata(api) ?? (await provider.metadata(ref)) };
}

/** As the API's status has it, which is kept up to date: no document is read once for every grant. */
export function recordedMetadata({ status }: OAuthApi): ServerMetadata | undefined {
  const { issuer, wellKnownUrl, tokenEndpoint, jwksUri, clientAssertionAudience } = status ?? {};
  if (
    issuer === undefined ||
    wellKnownUrl === undefined ||
    tokenEndpoint === undefined ||
    jwksUri === undefined ||
    clientAssertionAudience === undefined
  )
    return undefined;
  return { issuer, wellKnownUrl, tokenEndpoint, jwksUri, assertionAudience: clientAssertionAudience };
}

export function apiOf(
  context: Pick<KindContext, "resources">,
  namespace: string,
  ref: { readonly name: string; readonly namespace?: string | undefined },
): OAuthApi | undefined {
  return context.resources.oAuthApis.get(ref.namespace ?? namespace, ref.name);
}

export const refOf = (api: OAuthApi): Ref | undefined => api.status?.externalId as Ref | undefined;
