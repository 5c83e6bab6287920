import { grantConsent } from "../../consent/grant-consent.ts";
import type { GrantOrganizations, Provider } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { KindContext } from "../kind-context.ts";
import { askerOf } from "../provider-observe.ts";
import { apiView, audienceOf, type Peers, peersOf, scopesOf } from "./peers.ts";
import type { PairView } from "./model.ts";
import type { ScopeGrant } from "./schema.ts";

/** One ScopeGrant of a (client, API) pair. */
interface Member {
  readonly grant: ScopeGrant;
  readonly peers: Peers;
}

export interface OrganizationsView {
  /** Named by this resource and known at the tenant. */
  readonly known: readonly { readonly id: string; readonly name: string }[];
  readonly missing: readonly string[];
}

/** A field in which a later ScopeGrant of the pair wants something else than an earlier one. */
export interface GrantConflict {
  readonly field: string;
  readonly winner: string;
}

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
  const members = membersOf(context, grant, peers, audience);
  const agreeing = members.filter((member) => conflictOf(members, member.grant) === undefined);
  const scopes = new Set(agreeing.flatMap(({ grant: other, peers: its }) => scopesOf(context, other, its).granted));
  const organizations = await organizationsOf(provider, agreeing);
  return {
    pair: {
      audience,
      scopes: [...scopes].sort(),
      isAllScopes: agreeing.some((member) => wantsAll(context, member)),
      isWanted: scopes.size > 0,
      ...(organizations === undefined ? {} : { organizations }),
    },
    conflict: conflictOf(members, grant),
    organizations: await resolved(provider, grant.spec.organizations?.names ?? []),
  };
}

/** Those that have consent and are not being deleted, the oldest first. */
function membersOf(context: KindContext, grant: ScopeGrant, peers: Peers, audience: string): readonly Member[] {
  const { namespace = "" } = grant.metadata;
  return context.resources.scopeGrants
    .byIndex("client", `${namespace}/${grant.spec.clientRef.name}`)
    .filter((other) => other.metadata.deletionTimestamp === undefined)
    .map((other) => ({ grant: other, peers: { ...peersOf(context, other), external: peers.external } }))
    .filter((member) => audienceOf(member.grant, member.peers) === audience)
    .filter((member) => apiView(context, member.grant, member.peers).state !== "refused")
    .sort((a, b) => (ageOf(a.grant) < ageOf(b.grant) ? -1 : 1));
}

const ageOf = ({ metadata }: ScopeGrant): string => `${metadata.creationTimestamp ?? ""} ${metadata.name}`;

const FIELDS = ["usage", "any"] as const;

/** Scopes and organizations add up; whatever else is said twice must be said alike, and the earlier one wins. */
function conflictOf(members: readonly Member[], grant: ScopeGrant): GrantConflict | undefined {
  const earlier = members.filter((member) => ageOf(member.grant) < ageOf(grant));
  for (const field of FIELDS) {
    const wanted = grant.spec.organizations?.[field];
    const winner = earlier.find(({ grant: other }) => {
      const said = other.spec.organizations?.[field];
      return said !== undefined && wanted !== undefined && said !== wanted;
    });
    if (winner !== undefined) return { field: `spec.organizations.${field}`, winner: winner.grant.metadata.name };
  }
  return undefined;
}

function wantsAll(context: KindContext, { grant, peers }: Member): boolean {
  if (grant.spec.allScopes !== true || peers.api === undefined) return false;
  const asker = askerOf(context, grant.metadata.namespace ?? "");
  return grantConsent(peers.api.metadata.namespace ?? "", peers.api.spec.allowedGrants ?? [], asker) === "all";
}

async function organizationsOf(
  provider: Provider | undefined,
  members: readonly Member[],
): Promise<GrantOrganizations | undefined> {
  const said = members.map(({ grant }) => grant.spec.organizations).filter((wish) => wish !== undefined);
  const [first] = said;
  if (first === undefined) return undefined;
  const any = said.find((wish) => wish.any !== undefined)?.any;
  const names = said.flatMap((wish) => wish.names ?? []);
  const isNamed = said.some((wish) => wish.names !== undefined);
  const { known } = await resolved(provider, [...new Set(names)]);
  return {
    usage: first.usage,
    ...(any === undefined ? {} : { any }),
    ...(isNamed ? { ids: [...new Set(known.map(({ id }) => id))].sort() } : {}),
  };
}

/** Organizations by id or name; what the tenant does not have is told apart. */
export async function resolved(provider: Provider | undefined, names: readonly string[]): Promise<OrganizationsView> {
  if (provider === undefined || names.length === 0) return { known: [], missing: [] };
  const { organizations } = provider;
  if (organizations === undefined)
    throw new ProviderError("unsupported", "The provider has no organizations (spec.organizations).");
  const found = await Promise.all(names.map(async (name) => ({ name, organization: await organizations.find(name) })));
  return {
    known: found.map(({ organization }) => organization).filter((organization) => organization !== undefined),
    missing: found.filter(({ organization }) => organization === undefined).map(({ name }) => name),
  };
}
