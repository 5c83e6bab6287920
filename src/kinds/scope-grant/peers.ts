import { externalConsent, providerConsent } from "../../consent/provider-consent.ts";
import { grantConsent } from "../../consent/grant-consent.ts";
import type { GrantedApi, ObservedApi, Provider, Ref } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import type { KindContext } from "../kind-context.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import type { OAuthApi } from "../oauth-api/schema.ts";
import { askerOf, type Standing } from "../access/standing.ts";
import { providerKeyOf, type ProviderRef } from "../relations/provider-ref.ts";
import type { PeerView, ScopesView } from "./model.ts";
import type { ScopeGrant } from "./schema.ts";

/** The two sides of a grant: resources as the watch cache has them, or an API that only the tenant knows. */
export interface Peers {
  readonly client: M2MClient | undefined;
  readonly api: OAuthApi | undefined;
  /** With `externalAudience`: what the tenant has under it. */
  readonly external: ObservedApi | undefined;
}

/** What judging a grant's peers needs: labels of namespaces, and the provider's rules, which client and API share. */
export type Judge = Pick<KindContext, "namespaces"> & Pick<Standing, "object" | "rules">;

export function peersOf({ resources }: Pick<KindContext, "resources">, grant: ScopeGrant): Peers {
  const { namespace = "" } = grant.metadata;
  const { clientRef, apiRef } = grant.spec;
  return {
    client: clientRef === undefined ? undefined : resources.m2mClients.get(namespace, clientRef.name),
    api: apiRef === undefined ? undefined : resources.oAuthApis.get(apiRef.namespace ?? namespace, apiRef.name),
    external: undefined,
  };
}

/** With what the tenant has under an external audience, which nothing else tells. */
export async function withExternal(provider: Provider | undefined, grant: ScopeGrant, peers: Peers): Promise<Peers> {
  const { externalAudience } = grant.spec;
  if (provider === undefined || externalAudience === undefined) return peers;
  return { ...peers, external: await provider.apis.findByAudience(externalAudience) };
}

export function audienceOf(grant: ScopeGrant, { api }: Peers): string | undefined {
  return grant.spec.externalAudience ?? api?.spec.audience;
}

/** The API as the provider knows it; by what status recorded once it is gone. `undefined` while it was never known. */
export function grantedApiOf(grant: ScopeGrant, peers: Peers): GrantedApi | undefined {
  const audience = audienceOf(grant, peers) ?? grant.status?.audience;
  const ref = peers.api?.status?.externalId ?? peers.external?.ref ?? grant.status?.apiExternalId;
  return audience === undefined ? undefined : { audience, ref: ref as Ref | undefined };
}

/** Who holds the grant at the provider; `undefined` while the client was never there. */
export function holderOf({ spec, status }: ScopeGrant, { client }: Peers): Ref | undefined {
  if (spec.allClients === true) return ALL_CLIENTS;
  return (client?.status?.externalId ?? status?.clientExternalId) as Ref | undefined;
}

/** The client's provider; what status recorded once the client is gone, because a deletion must not need its references. */
export function providerRefOf(grant: ScopeGrant, { client, api }: Peers): ProviderRef | undefined {
  if (client !== undefined) return client.spec.providerRef;
  return grant.status?.providerRef ?? api?.spec.providerRef;
}

export function clientView({ spec: { allClients, clientRef } }: ScopeGrant, client: M2MClient | undefined): PeerView {
  if (allClients === true) return { state: "ready", ref: ALL_CLIENTS };
  const name = clientRef?.name ?? "";
  if (client === undefined) return { state: "notReady", message: `M2MClient "${name}" does not exist yet.` };
  if (client.metadata.deletionTimestamp !== undefined)
    return { state: "notReady", message: `M2MClient "${name}" is being deleted.` };
  const externalId = client.status?.externalId;
  return externalId === undefined
    ? { state: "notReady", message: `M2MClient "${name}" is not there at the provider yet.` }
    : { state: "ready", ref: externalId as Ref };
}

export function apiView(judge: Judge, grant: ScopeGrant, peers: Peers): PeerView {
  const { externalAudience, apiRef } = grant.spec;
  if (externalAudience !== undefined) return externalView(judge, grant, peers, externalAudience);
  return declaredView(judge, grant, peers, apiRef ?? { name: "" });
}

/** An API of the tenant that nobody here declares: only what the tenant's owner lists, scope by scope. */
function externalView(judge: Judge, grant: ScopeGrant, { external }: Peers, audience: string): PeerView {
  const refusal = externalRefusal(judge, grant, audience);
  if (refusal !== undefined) return { state: "refused", message: refusal };
  return external === undefined
    ? { state: "notReady", message: `The tenant has no API with audience ${audience}.`, isRemote: true }
    : { state: "ready", ref: external.ref };
}

export function externalRefusal(judge: Judge, grant: ScopeGrant, audience: string): string | undefined {
  if (judge.object === undefined) return undefined;
  const allowed = externalConsent(judge.rules, askerOf(judge, grant.metadata.namespace ?? ""), audience);
  const where = "in its spec.allow[].externalAudiences for this namespace";
  if (allowed === undefined) return `The provider's owner does not list ${audience} ${where}.`;
  const more = (grant.spec.scopes ?? []).filter((scope) => !allowed.includes(scope)).sort();
  return more.length === 0
    ? undefined
    : `The provider's owner does not list these scopes of ${audience} ${where}: ${more.slice(0, 20).join(", ")}.`;
}

/** One answer for "not there" and "not allowed" across namespaces, so that a refusal never tells which. */
function declaredView(
  judge: Judge,
  grant: ScopeGrant,
  { api, client }: Peers,
  apiRef: { readonly name: string; readonly namespace?: string | undefined },
): PeerView {
  const { namespace = "" } = grant.metadata;
  const isOwn = (apiRef.namespace ?? namespace) === namespace;
  const refused: PeerView = {
    state: "refused",
    message: `OAuthApi "${apiRef.namespace ?? namespace}/${apiRef.name}" does not exist or does not allow this namespace.`,
  };
  if (api === undefined)
    return isOwn ? { state: "notReady", message: `OAuthApi "${apiRef.name}" does not exist yet.` } : refused;
  if (allowedScopes(judge, namespace, api) === undefined) return refused;
  if (grant.spec.allClients === true && !isOwn)
    return {
      state: "refused",
      message: "allClients is for an OAuthApi of this namespace: every client gets the scopes.",
    };
  if (client !== undefined && !isSameProvider(client, api))
    return { state: "refused", message: `M2MClient and OAuthApi "${apiRef.name}" must use the same provider.` };
  return mayClaimAudience(judge, api) ? readiness(api) : refused;
}

function readiness(api: OAuthApi): PeerView {
  const name = `OAuthApi "${api.metadata.name}"`;
  if (api.metadata.deletionTimestamp !== undefined) return { state: "notReady", message: `${name} is being deleted.` };
  const externalId = api.status?.externalId;
  if (externalId === undefined) return { state: "notReady", message: `${name} is not there at the provider yet.` };
  if (api.status?.observedGeneration !== api.metadata.generation)
    return { state: "notReady", message: `${name} has changes that are not applied yet.` };
  return { state: "ready", ref: externalId as Ref };
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

function isSameProvider(client: M2MClient, api: OAuthApi): boolean {
  const ofClient = providerKeyOf(client.metadata.namespace ?? "", client.spec.providerRef);
  return ofClient === providerKeyOf(api.metadata.namespace ?? "", api.spec.providerRef);
}

/** Scopes of the API that a namespace may ask for; `undefined` when it may not ask at all. */
function allowedScopes(
  ports: Pick<KindContext, "namespaces">,
  namespace: string,
  api: OAuthApi,
): ReadonlySet<string> | undefined {
  const declared = new Set(api.spec.scopes.map((scope) => scope.name));
  const allowed = grantConsent(api.metadata.namespace ?? "", api.spec.allowedGrants ?? [], askerOf(ports, namespace));
  if (allowed === "all") return declared;
  return allowed.length === 0 ? undefined : new Set(allowed.filter((scope) => declared.has(scope)));
}

/** What this resource adds to the pair's grant, and what it asks for in vain. */
export function scopesOf(ports: Pick<KindContext, "namespaces">, grant: ScopeGrant, peers: Peers): ScopesView {
  const known = knownScopes(ports, grant, peers);
  if (known === undefined) return { granted: [], unknown: [] };
  if (grant.spec.allScopes === true) return { granted: [...known].sort(), unknown: [] };
  const asked = [...new Set(grant.spec.scopes ?? [])].sort();
  return { granted: asked.filter((scope) => known.has(scope)), unknown: asked.filter((scope) => !known.has(scope)) };
}

function knownScopes(
  ports: Pick<KindContext, "namespaces">,
  grant: ScopeGrant,
  { api, external }: Peers,
): ReadonlySet<string> | undefined {
  if (grant.spec.externalAudience !== undefined)
    return external === undefined ? undefined : new Set(external.scopes.map(({ name }) => name));
  if (api === undefined) return undefined;
  return allowedScopes(ports, grant.metadata.namespace ?? "", api) ?? new Set();
}
