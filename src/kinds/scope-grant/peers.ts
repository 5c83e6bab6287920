import type { GrantedApi, ObservedApi, Provider, Ref } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import { freshSince } from "../access/fresh-reading.ts";
import {
  allowedScopes,
  externalRefusal,
  isSameProvider,
  type Judge,
  mayClaimAudience,
} from "../access/allowed-grant.ts";
import { type AllowedScopes, scopesAskedFor, type ScopesView } from "../access/requested-scopes.ts";
import type { KindContext } from "../kind-context.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import type { OAuthApi } from "../oauth-api/schema.ts";
import { sidesOf } from "../relations/sides.ts";
import { objectText } from "../relations/object-text.ts";
import { type ProviderRef, providerTitle } from "../relations/provider-ref.ts";
import { absentText, deletedText, isPaused, pausedText } from "./peer-texts.ts";
import { isJudged } from "../status/judged.ts";
import type { PeerView } from "./model.ts";
import type { ScopeGrant } from "./schema.ts";

/**
 * The two sides of a grant: resources as the watch cache has them, or an API that only the tenant knows. Status and
 * messages are made from these, so an API of another namespace is in here only once its owner allows the grant.
 */
export interface Peers {
  readonly client: M2MClient | undefined;
  readonly api: OAuthApi | undefined;
  /** With `externalAudience`: what the tenant has under it. */
  readonly external: ObservedApi | undefined;
}

/** What the grant's namespace may know of its two sides. */
export function peersOf(ports: Pick<KindContext, "namespaces" | "resources">, grant: ScopeGrant): Peers {
  const { namespace = "" } = grant.metadata;
  const { client, api } = sidesOf(ports.resources, grant);
  const isAllowed = api !== undefined && allowedScopes(ports, namespace, api) !== undefined;
  return { client, api: isAllowed ? api : undefined, external: undefined };
}

/**
 * Without what the provider's owner does not allow: an API of another namespace that may not claim its audience, or one
 * that no OAuthApi declares.
 */
export function withoutHidden(judge: Judge, grant: ScopeGrant, peers: Peers): Peers {
  const { api, external } = peers;
  const { externalAudience } = grant.spec;
  const isApiShown =
    api === undefined || api.metadata.namespace === grant.metadata.namespace || mayClaimAudience(judge, api);
  const isExternalShown =
    externalAudience === undefined || externalRefusal(judge, grant, externalAudience) === undefined;
  return { ...peers, api: isApiShown ? api : undefined, external: isExternalShown ? external : undefined };
}

/** With what the tenant has under an external audience, whether the grant's namespace may know it or not. */
export async function withExternal(
  provider: Provider | undefined,
  judge: Judge,
  grant: ScopeGrant,
  peers: Peers,
  now: Date,
): Promise<Peers> {
  const { externalAudience } = grant.spec;
  if (provider === undefined || externalAudience === undefined) return peers;
  const mayRequest = externalRefusal(judge, grant, externalAudience) === undefined;
  const since = mayRequest ? freshSince(grant.metadata, now) : undefined;
  return { ...peers, external: await provider.apis.findByAudience(externalAudience, since) };
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
export function providerRefOf(
  grant: ScopeGrant,
  { client, api }: Pick<Peers, "client" | "api">,
): ProviderRef | undefined {
  if (client !== undefined) return client.spec.providerRef;
  return grant.status?.providerRef ?? api?.spec.providerRef;
}

export function clientView(grant: ScopeGrant, client: M2MClient | undefined): PeerView {
  if (grant.spec.allClients === true) return { state: "ready", ref: ALL_CLIENTS };
  const name = clientNameOf(grant);
  if (client === undefined)
    return {
      state: "notReady",
      message: `${name} does not exist. Create it, or create this ScopeGrant again with the correct clientRef.`,
      isMissing: true,
    };
  if (client.metadata.deletionTimestamp !== undefined)
    return { state: "notReady", message: `${name} is being deleted. Delete this ScopeGrant too.` };
  const externalId = client.status?.externalId;
  return externalId === undefined
    ? { state: "notReady", message: absentText(client, true), ...underWay(client) }
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
    ? {
        state: "notReady",
        message: `The tenant has no API with audience ${audience}. Create it there, or create this ScopeGrant again with the correct externalAudience.`,
        isRemote: true,
      }
    : { state: "ready", ref: external.ref };
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
  const name = apiNameOf(grant);
  const refused: PeerView = {
    state: "refused",
    message: `${name} does not exist, or does not allow namespace ${namespace}. Ask its owner to add this namespace to spec.allowedGrants, or create this ScopeGrant again with the correct apiRef.`,
  };
  if (api === undefined)
    return isOwn
      ? {
          state: "notReady",
          message: `${name} does not exist. Create it, or create this ScopeGrant again with the correct apiRef.`,
          isMissing: true,
        }
      : refused;
  if (allowedScopes(judge, namespace, api) === undefined) return refused;
  if (grant.spec.allClients === true && !isOwn)
    return {
      state: "refused",
      message: `allClients needs an OAuthApi of the same namespace, since every client of the tenant gets the scopes. Delete this ScopeGrant, and ask the owner of ${name} to create one.`,
    };
  if (client !== undefined && !isSameProvider(client, api))
    return {
      state: "refused",
      reason: "ProvidersDiffer",
      message: `${objectText(client)} uses ${providerOf(client)}, and ${name} uses ${providerOf(api)}. Create one of them again with the providerRef of the other.`,
    };
  if (mayClaimAudience(judge, api)) return readiness(api, isOwn);
  return isOwn ? { state: "refused", message: audienceText(judge, api) } : refused;
}

const providerOf = ({ metadata, spec }: M2MClient | OAuthApi): string =>
  providerTitle(metadata.namespace ?? "", spec.providerRef);

/** Of an API of the own namespace, whose condition says the same. */
const audienceText = ({ object }: Judge, api: OAuthApi): string =>
  `${objectText(api)} may not claim its audience: ${object === undefined ? "the provider" : objectText(object)} does not allow it. Read the condition of ${objectText(api)}.`;

function readiness(api: OAuthApi, isOwn: boolean): PeerView {
  if (api.metadata.deletionTimestamp !== undefined) return { state: "notReady", message: deletedText(api, isOwn) };
  const externalId = api.status?.externalId;
  if (externalId === undefined) return { state: "notReady", message: absentText(api, isOwn), ...underWay(api) };
  if (api.status?.observedGeneration === api.metadata.generation) return { state: "ready", ref: externalId as Ref };
  return isPaused(api)
    ? { state: "notReady", message: pausedText(api, isOwn, "has changes") }
    : { state: "notReady", message: `${objectText(api)} has changes that are not applied yet.`, isUnderWay: true };
}

/** It was made a moment ago, and its own first pass says what becomes of it. */
const underWay = (peer: OAuthApi | M2MClient): { readonly isUnderWay?: true } =>
  isJudged(peer) ? {} : { isUnderWay: true };

/** Scopes that this resource adds to the grant of the pair, and requested scopes that it does not get. */
export function scopesOf(ports: Pick<KindContext, "namespaces">, grant: ScopeGrant, peers: Peers): ScopesView {
  return scopesAskedFor(grant, allowedFor(ports, grant, peers));
}

/** Which of them may be requested is judged before, by the provider's rules. */
function externalScopes({ scopes }: ObservedApi): AllowedScopes {
  const declared = new Set(scopes.map(({ name }) => name));
  return { scopes: declared, declared, isWhole: false };
}

/** The client for messages, as the beginning of a sentence. */
export function clientNameOf({ metadata, spec: { clientRef } }: ScopeGrant): string {
  return clientRef === undefined ? "All clients" : `M2MClient ${metadata.namespace ?? ""}/${clientRef.name}`;
}

/** The API for messages, as the beginning of a sentence. */
export function apiNameOf({ metadata, spec }: ScopeGrant): string {
  const { apiRef, externalAudience = "" } = spec;
  if (apiRef === undefined) return `The tenant's API ${externalAudience}`;
  return `OAuthApi ${apiRef.namespace ?? metadata.namespace ?? ""}/${apiRef.name}`;
}

/** What the API has and its owner allows the grant's namespace; `undefined` while that is not known. */
export function allowedFor(
  ports: Pick<KindContext, "namespaces">,
  { metadata, spec }: ScopeGrant,
  { api, external }: Peers,
): AllowedScopes | undefined {
  if (spec.externalAudience !== undefined) return external === undefined ? undefined : externalScopes(external);
  return api === undefined ? undefined : allowedScopes(ports, metadata.namespace ?? "", api);
}
