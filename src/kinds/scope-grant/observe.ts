import { inputsDigest } from "../../publication/inputs-digest.ts";
import type { ObservedGrant, Provider, Ref } from "../../ports/provider.ts";
import { mayAbandon } from "../abandon.ts";
import { FINALIZER } from "../finalizer.ts";
import type { KindContext } from "../kind-context.ts";
import { formerOutputs, observeOutput } from "../outputs.ts";
import type { ProviderAccess } from "../provider-access.ts";
import { accessProvider } from "../provider-observe.ts";
import { lookAgainWhenAsked } from "../requested-look.ts";
import { gatherGrantSecret } from "./grant-secret.ts";
import { observePair } from "./pair.ts";
import {
  apiView,
  audienceOf,
  clientView,
  type Peers,
  peersOf,
  providerRefOf,
  scopesOf,
  withExternal,
} from "./peers.ts";
import { isSameSet } from "./change.ts";
import type { Desired, Observed } from "./model.ts";
import { heldRevocation } from "./revocations.ts";
import type { ScopeGrant } from "./schema.ts";

export async function observe(context: KindContext, grant: ScopeGrant, desired: Desired): Promise<Observed> {
  const access = accessOf(context, grant, desired);
  const provider = providerFor(context, access);
  if (provider !== undefined) await lookAgainWhenAsked(context, grant, provider);
  const peers = await withExternal(provider, grant, peersOf(context, grant));
  const pair = await observePair(context, provider, grant, peers);
  const base = {
    ...localView(context, grant, peers, access),
    ...pair,
    isCarriedByClient: isCarried(context, grant, peers, pair.organizations),
  };
  if (provider === undefined) return { ...base, remote: { kind: "unread" }, secret: undefined };
  const withLinks = pair.pair?.organizations?.ids !== undefined;
  return {
    ...base,
    remote: { kind: "read", grant: await findRemote(provider, grant, peers, withLinks) },
    secret: await observeSecret(context, provider, grant),
  };
}

type LocalView = Omit<Observed, "remote" | "secret" | "pair" | "conflict" | "organizations" | "isCarriedByClient">;

/** What is known without the tenant. */
function localView(context: KindContext, grant: ScopeGrant, peers: Peers, access: ProviderAccess): LocalView {
  return {
    ...recorded(context, grant, peers),
    provider: access,
    client: clientView(grant, peers.client),
    api: apiView(context, grant, peers),
    own: scopesOf(context, grant, peers),
    heldRevocation: heldRevocation(context, grant),
    isNamespaceTerminating: context.namespaces.get(grant.metadata.namespace ?? "")?.isTerminating ?? false,
    mayAbandon: mayAbandon(context, grant, access),
    formerSecrets: formerSecretsOf(context, grant),
  };
}

type Recorded = Pick<Observed, "hasFinalizer" | "origin" | "isClientAdopted" | "isNew" | "owned" | "mayHaveMade">;

/** What the resource itself and its status say. */
function recorded(context: KindContext, grant: ScopeGrant, { client }: Peers): Recorded {
  const { origin = "Made", externalId, clientExternalId } = grant.status ?? {};
  return {
    hasFinalizer: grant.metadata.finalizers?.includes(FINALIZER) === true,
    origin,
    isClientAdopted: client?.status?.origin === "Adopted",
    isNew: externalId === undefined,
    owned: ownedScopes(context, grant),
    // A grant needs the client's id: where that was never known there can be none.
    mayHaveMade: (client?.status?.externalId ?? clientExternalId) !== undefined,
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
async function findRemote(
  provider: Provider,
  grant: ScopeGrant,
  peers: Peers,
  withLinks: boolean,
): Promise<ObservedGrant | undefined> {
  const client = (peers.client?.status?.externalId ?? grant.status?.clientExternalId) as Ref | undefined;
  const audience = audienceOf(grant, peers) ?? grant.status?.audience;
  return client === undefined || audience === undefined ? undefined : provider.grants.find(client, audience, withLinks);
}

/** Scopes of the remote grant that came from a resource: on an adopted client, others are left alone. */
function ownedScopes(context: KindContext, grant: ScopeGrant): readonly string[] {
  const { namespace = "" } = grant.metadata;
  return context.resources.scopeGrants
    .byIndex("client", `${namespace}/${grant.spec.clientRef.name}`)
    .filter((other) => other.status?.audience === grant.status?.audience)
    .flatMap((other) => other.status?.grantedScopes ?? []);
}

function isCarried(
  context: KindContext,
  grant: ScopeGrant,
  peers: Peers,
  { known }: Observed["organizations"],
): boolean {
  const entry = peers.client?.status?.publishedGrants?.find((published) => published.uid === grant.metadata.uid);
  if (entry === undefined) return false;
  const organizations = known.map(({ id }) => id);
  return (
    isSameSet(entry.scopes, scopesOf(context, grant, peers).granted) &&
    isSameSet(entry.organizations ?? [], organizations)
  );
}

function formerSecretsOf(context: KindContext, grant: ScopeGrant): readonly string[] {
  const wanted = grant.spec.secret === undefined ? [] : [grant.spec.secret.name];
  return formerOutputs(context.secrets, grant, grant.status?.outputs ?? [], wanted);
}

async function observeSecret(context: KindContext, provider: Provider, grant: ScopeGrant): Promise<Observed["secret"]> {
  if (grant.spec.secret === undefined) return undefined;
  const gathered = await gatherGrantSecret(context, provider, grant);
  if (gathered === undefined) return "notReady";
  const wanted = inputsDigest(gathered.inputs, gathered.version, (text) => context.sha256(text));
  return observeOutput(context, context.secrets, grant, grant.spec.secret.name, wanted, grant.status?.outputs ?? []);
}
