import { grantConsent } from "../../consent/grant-consent.ts";
import type { Ref } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import type { OAuthApi } from "../oauth-api/schema.ts";
import { consentOf, providerKeyOf, providerOf, type ProviderRef } from "../provider-observe.ts";
import type { PairView, PeerView, ScopesView } from "./plan.ts";
import type { ScopeGrant } from "./schema.ts";

/** The two sides of a grant, as the watch cache has them. */
export interface Peers {
  readonly client: M2MClient | undefined;
  readonly api: OAuthApi | undefined;
}

export function peersOf(context: KindContext, grant: ScopeGrant): Peers {
  const { namespace = "" } = grant.metadata;
  const { clientRef, apiRef } = grant.spec;
  return {
    client: context.resources.m2mClients.get(namespace, clientRef.name),
    api: context.resources.oAuthApis.get(apiRef.namespace ?? namespace, apiRef.name),
  };
}

/** The client's provider; what status recorded once the client is gone, because a deletion must not need its references. */
export function providerRefOf(context: KindContext, grant: ScopeGrant): ProviderRef | undefined {
  const { client, api } = peersOf(context, grant);
  if (client !== undefined) return client.spec.providerRef;
  return grant.status?.providerRef ?? api?.spec.providerRef;
}

export function clientView(grant: ScopeGrant, client: M2MClient | undefined): PeerView {
  const { name } = grant.spec.clientRef;
  if (client === undefined) return { state: "notReady", message: `M2MClient "${name}" does not exist yet.` };
  if (client.metadata.deletionTimestamp !== undefined)
    return { state: "notReady", message: `M2MClient "${name}" is being deleted.` };
  const externalId = client.status?.externalId;
  return externalId === undefined
    ? { state: "notReady", message: `M2MClient "${name}" is not there at the provider yet.` }
    : { state: "ready", ref: externalId as Ref };
}

/** One answer for "not there" and "not allowed" across namespaces, so that a refusal never tells which. */
export function apiView(context: KindContext, grant: ScopeGrant, peers: Peers): PeerView {
  const { namespace = "" } = grant.metadata;
  const { apiRef } = grant.spec;
  const { api } = peers;
  const isOwn = (apiRef.namespace ?? namespace) === namespace;
  const refused: PeerView = {
    state: "refused",
    message: `OAuthApi "${apiRef.namespace ?? namespace}/${apiRef.name}" does not exist or does not allow this namespace.`,
  };
  if (api === undefined)
    return isOwn ? { state: "notReady", message: `OAuthApi "${apiRef.name}" does not exist yet.` } : refused;
  if (!mayBeGranted(context, namespace, api)) return refused;
  if (peers.client !== undefined && !isSameProvider(peers.client, api))
    return { state: "refused", message: `M2MClient and OAuthApi "${apiRef.name}" must use the same provider.` };
  return readiness(api);
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
function mayBeGranted(context: KindContext, namespace: string, api: OAuthApi): boolean {
  const provider = providerOf(context, {
    namespace: api.metadata.namespace ?? "",
    providerRef: api.spec.providerRef,
  });
  if (provider !== undefined && !consentOf(context, provider, api.metadata.namespace ?? "", api.spec.audience).allowed)
    return false;
  return allowedScopes(context, namespace, api) !== undefined;
}

function isSameProvider(client: M2MClient, api: OAuthApi): boolean {
  const ofClient = providerKeyOf(client.metadata.namespace ?? "", client.spec.providerRef);
  return ofClient === providerKeyOf(api.metadata.namespace ?? "", api.spec.providerRef);
}

/** Scopes of the API that a namespace may ask for; `undefined` when it may not ask at all. */
function allowedScopes(context: KindContext, namespace: string, api: OAuthApi): ReadonlySet<string> | undefined {
  const declared = new Set(api.spec.scopes.map((scope) => scope.name));
  const asker = { name: namespace, labels: context.namespaces.get(namespace)?.labels };
  const allowed = grantConsent(api.metadata.namespace ?? "", api.spec.allowedGrants ?? [], asker);
  if (allowed === "all") return declared;
  return allowed.length === 0 ? undefined : new Set(allowed.filter((scope) => declared.has(scope)));
}

/** What this resource adds to the pair's grant, and what it asks for in vain. */
export function scopesOf(context: KindContext, grant: ScopeGrant, api: OAuthApi | undefined): ScopesView {
  if (api === undefined) return { granted: [], unknown: [] };
  const allowed = allowedScopes(context, grant.metadata.namespace ?? "", api) ?? new Set<string>();
  if (grant.spec.allScopes === true) return { granted: [...allowed].sort(), unknown: [] };
  const asked = [...new Set(grant.spec.scopes ?? [])].sort();
  return {
    granted: asked.filter((scope) => allowed.has(scope)),
    unknown: asked.filter((scope) => !allowed.has(scope)),
  };
}

/** The provider holds one grant for the pair: the union of what its ScopeGrants may ask for. */
export function pairOf(context: KindContext, grant: ScopeGrant, peers: Peers): PairView | undefined {
  const { api } = peers;
  if (api === undefined) return undefined;
  const { namespace = "" } = grant.metadata;
  const members = context.resources.scopeGrants
    .byIndex("client", `${namespace}/${grant.spec.clientRef.name}`)
    .filter((other) => other.metadata.deletionTimestamp === undefined && isSameApi(other, api))
    .filter((other) => apiView(context, other, peers).state !== "refused");
  const scopes = new Set(members.flatMap((member) => scopesOf(context, member, api).granted));
  return { audience: api.spec.audience, scopes: [...scopes].sort(), isWanted: scopes.size > 0 };
}

function isSameApi(grant: ScopeGrant, api: OAuthApi): boolean {
  const namespace = grant.spec.apiRef.namespace ?? grant.metadata.namespace;
  return namespace === api.metadata.namespace && grant.spec.apiRef.name === api.metadata.name;
}
