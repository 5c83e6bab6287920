import { grantConsent } from "../../consent/grant-consent.ts";
import { externalConsent, organizationConsent, providerConsent } from "../../consent/provider-consent.ts";
import type { Provider } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import type { Judge } from "../access/allowed-grant.ts";
import { isLeft, type ScopesView } from "../access/requested-scopes.ts";
import { askerOf, type Standing } from "../access/standing.ts";
import { everybodysGrants, siblingsOf } from "../relations/dependents.ts";
import { adoptedApiIdOf } from "../oauth-api/schema.ts";
import { durationMs } from "../schema/duration.ts";
import { lifetimeProblem } from "../access/token-lifetime.ts";
import { type GrantConflict, conflictOf, type Member, olderFirst } from "./conflict.ts";
import { organizationsOf, organizationsView } from "./organizations.ts";
import { allowedFor, apiView, audienceOf, type Peers, peersOf, scopesOf, withoutHidden } from "./peers.ts";
import { desire } from "./desire.ts";
import type { OrganizationsView, PairView } from "./model.ts";
import type { ScopeGrant } from "./schema.ts";
import { unsupportedFields } from "./unsupported-fields.ts";

export interface PairObserved {
  readonly pair: PairView | undefined;
  /** Scopes of all ScopeGrants of the pair, without what the API gives to all clients: what a Secret shows. Sorted. */
  readonly togetherGranted: readonly string[];
  readonly conflict: GrantConflict | undefined;
  readonly organizations: OrganizationsView;
}

/** The provider holds one grant for the pair: the union of what its ScopeGrants may request. */
export async function observePair(
  { namespaces, resources }: Pick<KindContext, "namespaces" | "resources">,
  { object, rules, provider }: Standing,
  grant: ScopeGrant,
  peers: Peers,
): Promise<PairObserved> {
  const ports = { namespaces, resources, object, rules };
  const audience = audienceOf(grant, peers);
  if (audience === undefined)
    return { pair: undefined, togetherGranted: [], conflict: undefined, organizations: { known: [], missing: [] } };
  const members = membersOf(ports, siblingsOf(resources, grant), peers, audience).filter(
    (member) => provider === undefined || isHonoured(provider, member),
  );
  const agreeing = members.filter((member) => conflictOf(members, member.grant) === undefined);
  const views = viewsOf(ports, agreeing);
  const granted = [...new Set(views.flatMap((view) => view.granted))].sort();
  const everybodys = scopesOfEverybody(ports, grant, peers, audience);
  const allowed = allowedOf(ports, grant, peers, everybodys);
  const usableOrganizations = organizationConsent(rules, askerOf(ports, grant.metadata.namespace ?? ""));
  const organizations = await organizationsOf(provider, agreeing, usableOrganizations);
  const lifetimeSeconds = lifetimeOf(provider, agreeing, peers);
  return {
    pair: {
      audience,
      // A provider asks the grants of one client first and adds nothing of what all clients have.
      scopes: [...new Set([...granted, ...everybodys])].sort(),
      isAllScopes: agreeing.some((member) => wantsAll(ports, member)),
      isWanted: views.some(isLeft),
      ...(allowed === undefined ? {} : { allowed }),
      ...(organizations === undefined ? {} : { organizations }),
      ...(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
    },
    togetherGranted: granted,
    conflict: conflictOf(members, grant),
    organizations: await organizationsView(provider, grant, usableOrganizations),
  };
}

type Ports = Judge & Pick<KindContext, "resources">;

/** Those that have consent, of the tenant's owner and of the API's, and are not being deleted; the oldest first. */
function membersOf(ports: Ports, siblings: readonly ScopeGrant[], peers: Peers, audience: string): readonly Member[] {
  return (
    siblings
      .filter((other) => mayUseProvider(ports, other))
      .filter((other) => other.metadata.deletionTimestamp === undefined)
      .map((other) => {
        const known = withoutHidden(ports, other, peersOf(ports, other));
        return { grant: other, peers: { ...known, external: peers.external } };
      })
      .filter((member) => audienceOf(member.grant, member.peers) === audience)
      // At some providers several APIs have one audience, and a grant on each.
      .filter((member) => idOf(member.peers) === idOf(peers))
      .filter((member) => apiView(ports, member.grant, member.peers).state !== "refused")
      .sort(olderFirst)
  );
}

const idOf = ({ api }: Peers): string => (api === undefined ? "" : adoptedApiIdOf(api));

const mayUseProvider = (ports: Ports, { metadata }: ScopeGrant): boolean =>
  ports.object === undefined || providerConsent(ports.rules, askerOf(ports, metadata.namespace ?? "")).allowed;

const viewsOf = (ports: Pick<Ports, "namespaces">, members: readonly Member[]): readonly ScopesView[] =>
  members.map(({ grant, peers }) => scopesOf(ports, grant, peers));

/**
 * What the pair may hold by consent, in whatever state its ScopeGrants are. `undefined` where nobody else has to consent:
 * the grant and the API are of one namespace.
 */
function allowedOf(ports: Ports, grant: ScopeGrant, peers: Peers, everybodys: readonly string[]): PairView["allowed"] {
  const { namespace = "" } = grant.metadata;
  const { externalAudience } = grant.spec;
  if (externalAudience !== undefined) {
    const scopes = externalConsent(ports.rules, askerOf(ports, namespace), externalAudience);
    return ports.object === undefined || scopes === undefined ? undefined : { scopes, isWhole: false };
  }
  if (peers.api === undefined || peers.api.metadata.namespace === namespace) return undefined;
  const allowed = allowedFor(ports, grant, peers);
  if (allowed === undefined) return undefined;
  return { scopes: [...new Set([...allowed.scopes, ...everybodys])].sort(), isWhole: allowed.isWhole };
}

/** What the API gives to all clients: a client that also has a grant of its own must not lose it. */
function scopesOfEverybody(ports: Ports, grant: ScopeGrant, peers: Peers, audience: string): readonly string[] {
  const { api } = peers;
  if (grant.spec.allClients === true || api === undefined) return [];
  const everybodys = everybodysGrants(ports.resources, api.metadata.namespace, api.metadata.name);
  return viewsOf(ports, membersOf(ports, everybodys, peers, audience)).flatMap(({ granted }) => granted);
}

/** What a grant says, else what the API says; nothing where the API keeps it itself. Seconds. */
function lifetimeOf(provider: Provider | undefined, members: readonly Member[], { api }: Peers): number | undefined {
  if (provider === undefined || provider.capabilities.tokenLifetime.heldBy === "api") return undefined;
  const said = members.find(({ grant }) => grant.spec.tokenLifetime !== undefined)?.grant.spec.tokenLifetime;
  const lifetime = said ?? api?.spec.tokens?.lifetime;
  const seconds = lifetime === undefined ? undefined : durationMs(lifetime) / 1000;
  // The API itself says that it cannot be had; its grants stay unchanged.
  return lifetimeProblem("", seconds, unnamed(provider)) === undefined ? seconds : undefined;
}

/** A grant that requests something impossible is refused by itself; it does not hold up the others of its pair. */
function isHonoured(provider: Provider, { grant }: Member): boolean {
  return unsupportedFields(desire(grant).asksFor, unnamed(provider)) === undefined;
}

/** Where only counts whether there is a problem, and nobody reads its text. */
const unnamed = ({ capabilities }: Provider) => ({ capabilities, vendorLabel: "", object: "" });

function wantsAll(ports: Pick<Ports, "namespaces">, { grant, peers }: Member): boolean {
  if (grant.spec.allScopes !== true || peers.api === undefined) return false;
  const asker = askerOf(ports, grant.metadata.namespace ?? "");
  return grantConsent(peers.api.metadata.namespace ?? "", peers.api.spec.allowedGrants ?? [], asker) === "all";
}
