import { inputsDigest } from "../../publication/inputs-digest.ts";
import type { ObservedGrant, Provider, Ref } from "../../ports/provider.ts";
import { mayAbandon } from "../abandon.ts";
import { FINALIZER } from "../finalizer.ts";
import type { KindContext } from "../kind-context.ts";
import { formerOutputs, observeOutput } from "../outputs.ts";
import type { ProviderAccess } from "../provider-access.ts";
import { accessProvider } from "../provider-observe.ts";
import { gatherGrantSecret } from "./grant-secret.ts";
import { apiView, clientView, pairOf, type Peers, peersOf, providerRefOf, scopesOf } from "./peers.ts";
import { type Desired, isSameSet, type Observed } from "./plan.ts";
import type { ScopeGrant } from "./schema.ts";

export async function observe(context: KindContext, grant: ScopeGrant, desired: Desired): Promise<Observed> {
  const { namespace = "", finalizers = [] } = grant.metadata;
  const peers = peersOf(context, grant);
  const access = accessOf(context, grant, desired);
  const base = {
    hasFinalizer: finalizers.includes(FINALIZER),
    provider: access,
    client: clientView(grant, peers.client),
    api: apiView(context, grant, peers),
    pair: pairOf(context, grant, peers),
    own: scopesOf(context, grant, peers.api),
    isNamespaceTerminating: context.namespaces.get(namespace)?.isTerminating ?? false,
    mayAbandon: mayAbandon(context, grant, access),
    // A grant needs the client's id: where that was never known there can be none.
    mayHaveMade: (peers.client?.status?.externalId ?? grant.status?.clientExternalId) !== undefined,
    isCarriedByClient: isCarried(context, grant, peers),
    formerSecrets: formerSecretsOf(context, grant),
  };
  const provider = providerFor(context, access);
  if (provider === undefined) return { ...base, remote: { kind: "unread" }, secret: undefined };
  return {
    ...base,
    remote: { kind: "read", grant: await findRemote(provider, grant, peers) },
    secret: await observeSecret(context, provider, grant, peers),
  };
}

/** The client's provider. Withdrawn consent still needs the tenant, in order to take the grant away. */
function accessOf(context: KindContext, grant: ScopeGrant, desired: Desired): ProviderAccess {
  return accessProvider(context, {
    namespace: grant.metadata.namespace ?? "",
    providerRef: providerRefOf(context, grant),
    pinnedTenant: grant.status?.tenant,
    isConsentNeeded: !desired.isAbsent,
  });
}

function providerFor(context: KindContext, access: ProviderAccess): Provider | undefined {
  const uid = access.state === "ready" ? access.facts.uid : access.state === "refused" ? access.uid : undefined;
  return uid === undefined ? undefined : context.connections.get(uid)?.provider;
}

/** By the pair while both sides are known, else by what status recorded: a deletion must not need its references. */
async function findRemote(provider: Provider, grant: ScopeGrant, peers: Peers): Promise<ObservedGrant | undefined> {
  const client = (peers.client?.status?.externalId ?? grant.status?.clientExternalId) as Ref | undefined;
  const audience = peers.api?.spec.audience ?? grant.status?.audience;
  return client === undefined || audience === undefined ? undefined : provider.grants.find(client, audience);
}

function isCarried(context: KindContext, grant: ScopeGrant, peers: Peers): boolean {
  const entry = peers.client?.status?.publishedGrants?.find((published) => published.uid === grant.metadata.uid);
  return entry !== undefined && isSameSet(entry.scopes, scopesOf(context, grant, peers.api).granted);
}

function formerSecretsOf(context: KindContext, grant: ScopeGrant): readonly string[] {
  const wanted = grant.spec.secret === undefined ? [] : [grant.spec.secret.name];
  return formerOutputs(context.secrets, grant, grant.status?.outputs ?? [], wanted);
}

async function observeSecret(
  context: KindContext,
  provider: Provider,
  grant: ScopeGrant,
  peers: Peers,
): Promise<Observed["secret"]> {
  if (grant.spec.secret === undefined) return undefined;
  const gathered = await gatherGrantSecret(context, provider, grant, peers);
  if (gathered === undefined) return "notReady";
  const wanted = inputsDigest(gathered.inputs, gathered.stateVersion, (text) => context.sha256(text));
  return observeOutput(context, context.secrets, grant, grant.spec.secret.name, wanted, grant.status?.outputs ?? []);
}
