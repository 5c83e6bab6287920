import { grantConsent } from "../../consent/grant-consent.ts";
import type { Provider } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import { askerOf } from "../access/provider-observe.ts";
import { durationMs } from "../schema/duration.ts";
import { lifetimeProblem } from "../access/token-lifetime.ts";
import { type GrantConflict, conflictOf, type Member, olderFirst } from "./conflict.ts";
import { organizationsOf, type OrganizationsView, resolved } from "./organizations.ts";
import { apiView, audienceOf, type Peers, peersOf, scopesOf } from "./peers.ts";
import { desire } from "./desire.ts";
import type { PairView } from "./model.ts";
import type { ScopeGrant } from "./schema.ts";
import { unsupportedFields } from "./unsupported-fields.ts";

export interface PairObserved {
  readonly pair: PairView | undefined;
  readonly conflict: GrantConflict | undefined;
  readonly organizations: OrganizationsView;
}

/** The provider holds one grant for the pair: the union of what its ScopeGrants may ask for. */
export async function observePair(
  context: KindContext,
  provider: Provider | undefined,
  grant: ScopeGrant,
  peers: Peers,
): Promise<PairObserved> {
  const audience = audienceOf(grant, peers);
  if (audience === undefined)
    return { pair: undefined, conflict: undefined, organizations: { known: [], missing: [] } };
  const members = membersOf(context, siblingsOf(context, grant), peers, audience).filter(
    (member) => provider === undefined || isHonoured(provider, member),
  );
  const agreeing = members.filter((member) => conflictOf(members, member.grant) === undefined);
  const scopes = scopesOfAll(context, agreeing);
  const organizations = await organizationsOf(provider, agreeing);
  const lifetimeSeconds = lifetimeOf(provider, agreeing, peers);
  return {
    pair: {
      audience,
      // A provider asks the grants of one client first and adds nothing of what all clients have.
      scopes: [...new Set([...scopes, ...scopesOfEverybody(context, grant, peers, audience)])].sort(),
      isAllScopes: agreeing.some((member) => wantsAll(context, member)),
      isWanted: scopes.length > 0,
      ...(organizations === undefined ? {} : { organizations }),
      ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
    },
    conflict: conflictOf(members, grant),
    organizations: await resolved(provider, grant.spec.organizations?.names ?? []),
  };
}

function siblingsOf(context: KindContext, grant: ScopeGrant): readonly ScopeGrant[] {
  const { scopeGrants } = context.resources;
  const { namespace = "" } = grant.metadata;
  const { clientRef, apiRef } = grant.spec;
  if (clientRef !== undefined) return scopeGrants.byIndex("client", `${namespace}/${clientRef.name}`);
  return everybodysGrants(context, namespace, apiRef?.name ?? "");
}

/** ScopeGrants of an API for all clients, which only its own namespace can make. */
function everybodysGrants(context: KindContext, namespace: string, api: string): readonly ScopeGrant[] {
  return context.resources.scopeGrants
    .byIndex("api", `${namespace}/${api}`)
    .filter(({ metadata, spec }) => spec.allClients === true && metadata.namespace === namespace);
}

/** Those that have consent and are not being deleted, the oldest first. */
function membersOf(
  context: KindContext,
  siblings: readonly ScopeGrant[],
  peers: Peers,
  audience: string,
): readonly Member[] {
  return siblings
    .filter((other) => other.metadata.deletionTimestamp === undefined)
    .map((other) => ({ grant: other, peers: { ...peersOf(context, other), external: peers.external } }))
    .filter((member) => audienceOf(member.grant, member.peers) === audience)
    .filter((member) => apiView(context, member.grant, member.peers).state !== "refused")
    .sort(olderFirst);
}

const scopesOfAll = (context: KindContext, members: readonly Member[]): readonly string[] =>
  members.flatMap(({ grant, peers }) => scopesOf(context, grant, peers).granted);

/** What the API gives to all clients: a client that also has a grant of its own must not lose it. */
function scopesOfEverybody(context: KindContext, grant: ScopeGrant, peers: Peers, audience: string): readonly string[] {
  const { api } = peers;
  if (grant.spec.allClients === true || api === undefined) return [];
  const everybodys = everybodysGrants(context, api.metadata.namespace ?? "", api.metadata.name);
  return scopesOfAll(context, membersOf(context, everybodys, peers, audience));
}

/** What a grant says, else what the API says; nothing where the API keeps it itself. Seconds. */
function lifetimeOf(provider: Provider | undefined, members: readonly Member[], { api }: Peers): number | undefined {
  if (provider?.capabilities.tokenLifetime.heldBy !== "grant") return undefined;
  const said = members.find(({ grant }) => grant.spec.tokenLifetime !== undefined)?.grant.spec.tokenLifetime;
  const lifetime = said ?? api?.spec.tokens?.lifetime;
  const seconds = lifetime === undefined ? undefined : durationMs(lifetime) / 1000;
  // The API itself says that it cannot be had; its grants go on as they are.
  const { vendor, capabilities } = provider;
  return lifetimeProblem("", seconds, vendor, capabilities) === undefined ? seconds : undefined;
}

/** What asks for something that cannot be had is told so, and nobody else has to do with it. */
function isHonoured({ vendor, capabilities }: Provider, { grant }: Member): boolean {
  return unsupportedFields(desire(grant).asksFor, vendor, capabilities) === undefined;
}

function wantsAll(context: KindContext, { grant, peers }: Member): boolean {
  if (grant.spec.allScopes !== true || peers.api === undefined) return false;
  const asker = askerOf(context, grant.metadata.namespace ?? "");
  return grantConsent(peers.api.metadata.namespace ?? "", peers.api.spec.allowedGrants ?? [], asker) === "all";
}
