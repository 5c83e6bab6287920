import { type AllowedOrganizations, organizationConsent } from "../../consent/provider-consent.ts";
import type { GrantedApi, Provider, Ref } from "../../ports/provider.ts";
import { beyondConsent } from "../access/allowed-organization.ts";
import { freshForChange } from "../access/fresh-reading.ts";
import type { Standing } from "../access/standing.ts";
import type { KindContext } from "../kind-context.ts";
import { nameOf } from "../relations/indexes.ts";
import type { HolderView } from "./holder.ts";
import type { Observed } from "./model.ts";
import { grantedApiOf, type Peers } from "./peers.ts";
import type { ScopeGrant } from "./schema.ts";

/** The two sides of the grant, and the rules for its namespace. */
interface Sides {
  readonly standing: Standing;
  readonly peers: Peers;
  readonly holder: HolderView["ref"];
}

/**
 * By the pair while both sides are known, else by what status recorded: a deletion must not need its references. After a
 * restart, status stands until the background read of the tenant comes to this API.
 */
export async function observeRemote(
  provider: Provider,
  grant: ScopeGrant,
  { standing, peers, holder, isClientAdopted }: Sides & Pick<Observed, "isClientAdopted">,
  { mayTrust, withLinks, now }: { readonly mayTrust: boolean; readonly withLinks: boolean; readonly now: Date },
): Promise<Observed["remote"]> {
  const api = grantedApiOf(grant, peers);
  if (api === undefined || holder === undefined) return { kind: "read", grant: undefined };
  if (mayTrust && api.ref !== undefined && !provider.apis.isKnown(api.ref)) return { kind: "unread" };
  const since = isClientAdopted ? freshForChange(grant, now) : undefined;
  return grantAt(provider, standing, { client: holder, api }, { withLinks, since });
}

/** The grant that the tenant holds for a pair, with the organizations that consent does not name. */
export async function grantAt(
  provider: Provider,
  consent: Pick<Standing, "rules" | "asker">,
  { client, api }: { readonly client: Ref; readonly api: GrantedApi },
  { withLinks, since }: { readonly withLinks: boolean; readonly since: Date | undefined },
): Promise<Observed["remote"]> {
  const { grants } = provider;
  const found = await grants.find(client, api, withLinks, since);
  // An organization that consent does not name is removed, no matter whether somebody or an earlier spec linked it.
  const isLimited = allowedOrganizations(provider, consent) !== "all";
  const isUnread = isLimited && !withLinks && found !== undefined && found.organizations.usage !== "Deny";
  return { kind: "read", grant: isUnread ? await grants.find(client, api, true) : found };
}

/** Organizations that the grant's namespace may use; `all` where the provider knows none. */
export const allowedOrganizations = (
  { organizations }: Provider,
  { rules, asker }: Pick<Standing, "rules" | "asker">,
): AllowedOrganizations => (organizations === undefined ? "all" : organizationConsent(rules, asker));

/**
 * Organizations of the grant at the tenant that consent does not allow. What was there before on an adopted client is left
 * out, unless a resource requests it or had it.
 */
export async function observeBeyond(
  context: Pick<KindContext, "resources">,
  provider: Provider,
  grant: ScopeGrant,
  { standing, isClientAdopted }: Pick<Sides, "standing"> & Pick<Observed, "isClientAdopted">,
  remote: Observed["remote"],
): Promise<Observed["beyondConsent"]> {
  const held = remote.kind === "read" ? remote.grant : undefined;
  const allowed = allowedOrganizations(provider, standing);
  if (held === undefined || allowed === "all") return undefined;
  const beyond = await beyondConsent(provider, held.organizations, allowed);
  if (!isClientAdopted || grant.status?.origin !== "Adopted") return beyond;
  const mates = matesOf(context, grant);
  const had = new Set(mates.flatMap(({ status }) => status?.organizations ?? []).map(({ id }) => id));
  return {
    any: beyond.any && mates.some(({ spec }) => spec.organizations?.any === true),
    ids: beyond.ids.filter((id) => had.has(id)),
  };
}

/** ScopeGrants of the client that have been for the same API, this one included. */
export function matesOf(context: Pick<KindContext, "resources">, grant: ScopeGrant): readonly ScopeGrant[] {
  const { clientRef } = grant.spec;
  if (clientRef === undefined) return [];
  const { namespace } = grant.metadata;
  return context.resources.scopeGrants
    .byIndex("client", nameOf(namespace, clientRef.name))
    .filter((other) => other.status?.audience === grant.status?.audience);
}
