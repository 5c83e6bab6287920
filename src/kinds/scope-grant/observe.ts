import { inputsDigest } from "../../publication/inputs-digest.ts";
import type { Provider } from "../../ports/provider.ts";
import { abandonmentOf } from "../access/abandon.ts";
import { apiOwnership } from "../access/api-ownership.ts";
import { heldDeletion, heldRevocation } from "../access/revocations.ts";
import { FINALIZER } from "../schema/annotations.ts";
import type { KindContext } from "../kind-context.ts";
import { isCarriedAs } from "../outputs/carried-grant.ts";
import { formerOutputs, observeOutput } from "../outputs/write.ts";
import { isObserveOnly } from "../access/observe-only.ts";
import { observesOnly, type Standing, standingOf } from "../access/standing.ts";
import { readAgainWhenRequested } from "../status/requested-read.ts";
import { objectText } from "../relations/object-text.ts";
import { isSettled } from "../status/settled.ts";
import { type Foreseen, foresee } from "./foreseen.ts";
import { gatherGrantSecret } from "./grant-secret.ts";
import { type HolderView, observeHolder } from "./holder.ts";
import { observePair, type PairObserved } from "./pair.ts";
import { allowedOrganizations, grantAt, matesOf, observeBeyond, observeRemote } from "./remote.ts";
import {
  apiNameOf,
  apiView,
  clientNameOf,
  clientView,
  grantedApiOf,
  holderOf,
  type Peers,
  peersOf,
  providerRefOf,
  scopesOf,
  withExternal,
  withoutHidden,
} from "./peers.ts";
import type { Desired, Observed, PairView, PeerView } from "./model.ts";
import type { ScopeGrant } from "./schema.ts";

/** Everything the plan needs to know, and what its actions and status work with. */
export interface GrantObserved extends Observed {
  readonly standing: Standing;
  readonly peers: Peers;
  readonly togetherGranted: PairObserved["togetherGranted"];
  /** The client of the grant, where the tenant was asked whose it is. */
  readonly holder: HolderView["ref"];
  /** The sides and the grant are those of a preview: nothing of them is recorded. */
  readonly isForeseen?: true;
}

export async function observe(context: KindContext, grant: ScopeGrant, desired: Desired): Promise<GrantObserved> {
  const now = context.now();
  const declared = peersOf(context, grant);
  const standing = standingFor(context, grant, declared, desired);
  const provider = abandonmentOf(context, grant, standing).mayAbandon ? undefined : usable(standing);
  const about = [declared.api?.status?.externalId ?? grant.status?.apiExternalId];
  if (provider !== undefined) await readAgainWhenRequested(context, grant, provider, about);
  const judge = { namespaces: context.namespaces, ...standing };
  const all = await withExternal(provider, judge, grant, declared, now);
  const pair = await observePair(context, { ...standing, provider }, grant, all);
  const peers = withoutHidden(judge, grant, all);
  const local = {
    ...localView(context, grant, peers, standing),
    ...pair,
    isCarriedByClient: isCarried(context, grant, peers, pair.organizations),
  };
  if (provider === undefined) return { ...local, holder: undefined, remote: { kind: "unread" }, secret: undefined };
  return observeTenant(context, provider, grant, desired, { ...local, peers });
}

/** What the tenant says of the two sides and of the grant. */
async function observeTenant(
  context: KindContext,
  provider: Provider,
  grant: ScopeGrant,
  desired: Desired,
  local: Omit<GrantObserved, "holder" | "remote" | "secret">,
): Promise<GrantObserved> {
  const [now, { peers, standing }] = [context.now(), local];
  const holder = await observeHolder(context, provider, grant, peers);
  const held = { ...local, ...asHeld(holder, local), holder: holder.ref };
  const mayTrust = !desired.isAbsent && mayTrustStatus(provider, grant, held);
  const base = { ...held, api: await asOwned(context, provider, peers, held.api, mayTrust) };
  const secret = isObserveOnly(base.provider) ? undefined : await observeSecret(context, provider, grant, base);
  const ahead = await foresee(provider, desired, peers, now, base);
  const seen = { ...base, ...(ahead === undefined ? {} : asForeseen(ahead, base)), secret };
  const reading = { mayTrust, withLinks: local.pair?.organizations?.ids !== undefined, now };
  const remote = await (ahead === undefined
    ? observeRemote(provider, grant, base, reading)
    : remoteAhead(provider, standing, ahead, reading.withLinks));
  return { ...seen, remote, beyondConsent: await observeBeyond(context, provider, grant, seen, remote) };
}

/** What was granted to another client than the foreseen one says nothing of what that one has. */
function asForeseen({ sides, found }: Foreseen, { holder, isNew }: Pick<GrantObserved, "holder" | "isNew">) {
  return { ...sides, isForeseen: true as const, isNew: isNew || found?.client !== holder };
}

/** What the tenant holds for sides that are there, and that no resource manages. */
async function remoteAhead(
  provider: Provider,
  standing: Standing,
  { found, since }: Foreseen,
  withLinks: boolean,
): Promise<Observed["remote"]> {
  if (found === undefined) return { kind: "read", grant: undefined };
  return grantAt(provider, standing, found, { withLinks, since });
}

/** A client that the tenant shows to be somebody else's is not ready, whatever its M2MClient says. */
function asHeld(
  { refusal, origin }: HolderView,
  { client, isClientAdopted }: Pick<Observed, "client" | "isClientAdopted">,
): Pick<Observed, "client" | "isClientAdopted"> {
  return {
    client: refusal === undefined ? client : { state: "notReady", message: refusal, isRemote: true, isForeign: true },
    isClientAdopted: origin === undefined ? isClientAdopted : origin === "adopted",
  };
}

/** An API that is gone at the tenant, or is somebody else's there, is not ready, whatever its OAuthApi says. */
async function asOwned(
  { settings }: Pick<KindContext, "settings">,
  provider: Provider,
  { api }: Peers,
  view: PeerView,
  mayTrust: boolean,
): Promise<PeerView> {
  if (view.state !== "ready" || api === undefined) return view;
  const ownership = await apiOwnership(provider, settings.instanceId, api, mayTrust);
  if (ownership === "ours") return view;
  const name = `OAuthApi ${api.metadata.namespace ?? ""}/${api.metadata.name}`;
  return ownership === "gone"
    ? {
        state: "notReady",
        message: `The API of ${name} was deleted at the provider. Read the condition of ${name}.`,
        isRemote: true,
      }
    : {
        state: "notReady",
        message: `The API at the provider with the audience of ${name} belongs to another owner. Read the condition of ${name}.`,
        isRemote: true,
        isForeign: true,
      };
}

/** Status says that everything is as consent allows: what the tenant holds may be read later. */
function mayTrustStatus(
  connection: Provider,
  grant: ScopeGrant,
  { standing, provider, client, api, pair }: Pick<GrantObserved, "standing" | "provider" | "client" | "api" | "pair">,
): boolean {
  const isRefused = [provider, client, api].some(({ state }) => state === "refused");
  // Status does not record every organization that the grant may have.
  const isLimited = allowedOrganizations(connection, standing) !== "all";
  return !isRefused && !isLimited && isSettled(grant) && isWithin(grant, pair?.allowed);
}

function isWithin({ status }: ScopeGrant, allowed: PairView["allowed"]): boolean {
  return allowed === undefined || (status?.grantedScopes ?? []).every((scope) => allowed.scopes.includes(scope));
}

type LocalView = Omit<
  GrantObserved,
  "remote" | "holder" | "secret" | "pair" | "togetherGranted" | "conflict" | "organizations" | "isCarriedByClient"
>;

/** What is known without the tenant. */
function localView(
  context: Pick<KindContext, "memory" | "namespaces" | "now" | "resources" | "secrets" | "settings" | "sha256">,
  grant: ScopeGrant,
  peers: Peers,
  standing: Standing,
): LocalView {
  const { access, object, rules } = standing;
  return {
    ...recorded(context, grant, peers),
    standing,
    peers,
    provider: access,
    client: clientView(grant, peers.client),
    api: apiView({ namespaces: context.namespaces, object, rules }, grant, peers),
    own: scopesOf(context, grant, peers),
    isExternal: grant.spec.externalAudience !== undefined,
    names: namesOf(grant),
    isProviderNamed: providerRefOf(grant, peers) !== undefined,
    heldRevocation: heldRevocation(context, standing, grant) ?? heldWithApi(context, peers),
    isNamespaceTerminating: context.namespaces.get(grant.metadata.namespace ?? "")?.isTerminating ?? false,
    abandonment: abandonmentOf(context, grant, standing),
    formerSecrets: formerSecretsOf(context, grant),
  };
}

function namesOf(grant: ScopeGrant): Observed["names"] {
  const [api, client] = [apiNameOf(grant), clientNameOf(grant)];
  const provided = grant.spec.allClients === true ? api : client;
  return { api, client, provided, namespace: grant.metadata.namespace ?? "" };
}

/** An API that waits for a confirmation of its deletion keeps its grants. */
const heldWithApi = (
  context: Pick<KindContext, "resources" | "settings" | "sha256">,
  { api }: Peers,
): string | undefined =>
  api === undefined || heldDeletion(context, api) === undefined
    ? undefined
    : `${objectText(api)} is being deleted, and this waits for a confirmation. Until then the grant stays in force. Delete this ScopeGrant, or ask the owner of ${objectText(api)}.`;

type Recorded = Pick<Observed, "hasFinalizer" | "origin" | "isClientAdopted" | "isNew" | "owned" | "mayHaveMade">;

/** What the resource itself and its status say. */
function recorded(context: Pick<KindContext, "resources">, grant: ScopeGrant, peers: Peers): Recorded {
  const { client } = peers;
  const { origin = "Made", externalId } = grant.status ?? {};
  return {
    hasFinalizer: grant.metadata.finalizers?.includes(FINALIZER) === true,
    origin,
    isClientAdopted: client?.status?.origin === "Adopted",
    isNew: externalId === undefined,
    owned: ownedScopes(context, grant),
    // A grant needs the ids of both sides: where one was never known there can be none.
    mayHaveMade: holderOf(grant, peers) !== undefined && grantedApiOf(grant, peers) !== undefined,
  };
}

function standingFor(
  context: Pick<KindContext, "connections" | "namespaces" | "now" | "resources" | "secrets" | "settings">,
  grant: ScopeGrant,
  peers: Peers,
  desired: Desired,
): Standing {
  return standingOf(context, {
    namespace: grant.metadata.namespace ?? "",
    providerRef: providerRefOf(grant, peers),
    pinnedTenant: grant.status?.tenant,
    isConsentNeeded: !desired.isAbsent,
    observesOnly: observesOnly(grant.metadata),
  });
}

/** Withdrawn consent still needs the tenant, in order to take the grant away. */
function usable({ access, provider }: Standing): Provider | undefined {
  return access.state === "ready" || access.state === "refused" ? provider : undefined;
}

/** Scopes of the remote grant that came from a resource: on an adopted client, others are left alone. */
function ownedScopes(context: Pick<KindContext, "resources">, grant: ScopeGrant): readonly string[] {
  return matesOf(context, grant).flatMap((other) => other.status?.grantedScopes ?? []);
}

function isCarried(
  context: Pick<KindContext, "namespaces" | "sha256">,
  grant: ScopeGrant,
  peers: Peers,
  { known }: Observed["organizations"],
): boolean {
  if (grant.spec.allClients === true) return true;
  const entry = peers.client?.status?.grants?.find((published) => published.uid === grant.metadata.uid);
  if (entry === undefined) return false;
  const organizations = known.map(({ id }) => id);
  const { granted: scopes } = scopesOf(context, grant, peers);
  return isCarriedAs(entry, { scopes, organizations }, (text) => context.sha256(text));
}

function formerSecretsOf(context: Pick<KindContext, "secrets">, grant: ScopeGrant): readonly string[] {
  const wanted = grant.spec.secret === undefined ? [] : [grant.spec.secret.name];
  return formerOutputs(context.secrets, grant, grant.status?.outputs ?? [], wanted);
}

async function observeSecret(
  context: Pick<KindContext, "fingerprint" | "memory" | "namespaces" | "resources" | "secrets" | "sha256">,
  provider: Provider,
  grant: ScopeGrant,
  sides: Pick<GrantObserved, "peers" | "organizations" | "pair" | "togetherGranted">,
): Promise<Observed["secret"]> {
  if (grant.spec.secret === undefined) return undefined;
  const gathered = await gatherGrantSecret(context, provider, grant, sides);
  if (gathered === undefined) return "notReady";
  const wanted = inputsDigest(gathered.inputs, gathered.version, (text) => context.sha256(text));
  return observeOutput(context, context.secrets, grant, grant.spec.secret.name, wanted, grant.status?.outputs ?? []);
}
