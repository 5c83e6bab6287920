import { organizationConsent, providerConsent } from "../../consent/provider-consent.ts";
import type { GrantOrganizations, ObservedGrant, Provider, Ref } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import type { Mark } from "../../ports/mark.ts";
import { objectHash } from "../../ownership/owner.ts";
import { allowedScopes, isSameProvider, type Judge, mayBeGranted } from "../access/allowed-grant.ts";
import { beyondConsent } from "../access/allowed-organization.ts";
import { apiOwnership } from "../access/api-ownership.ts";
import { withoutOrganizations } from "../access/refused-organizations.ts";
import { askerOf, type Standing } from "../access/standing.ts";
import type { KindContext } from "../kind-context.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import { grantsOfApi } from "../relations/dependents.ts";
import type { LeftGrant } from "./model.ts";
import type { OAuthApi } from "./schema.ts";
import { sidesOf } from "../relations/sides.ts";

type Ports = Pick<KindContext, "namespaces" | "resources" | "settings" | "sha256">;

/**
 * Grants on the API that consent does not allow and that no ScopeGrant takes away: its object is gone, by force or
 * otherwise. They are found at the tenant, on clients that this installation made. A client that was adopted may have had
 * them before. Grants that this installation made for a client that is gone are among them.
 */
export async function observeLeftGrants(
  context: Ports,
  standing: Standing,
  resource: OAuthApi,
): Promise<readonly LeftGrant[]> {
  const { access, provider } = standing;
  const ref = resource.status?.externalId as Ref | undefined;
  const isReachable = access.state === "ready" || access.state === "refused";
  if (provider?.refreshedAt() === undefined || !isReachable || ref === undefined || !provider.apis.isKnown(ref))
    return [];
  const { instanceId } = context.settings;
  if ((await apiOwnership(provider, instanceId, resource, false)) !== "ours") return [];
  const present = await provider.grants.ofApi({ ref, audience: resource.spec.audience });
  const managed = managedHolders(context, standing, resource);
  const left = present.filter((grant) => grant.isForeign !== true && !grant.isSystem && !managed.has(grant.client));
  const judged = await Promise.all(left.map((grant) => judgedGrant(context, standing, provider, resource, grant)));
  const forNobody = present.filter(({ leftBy }) => leftBy?.instance === instanceId);
  return [
    ...judged.filter((grant) => grant !== undefined),
    ...forNobody.map(({ ref }): LeftGrant => ({ ref, kept: undefined })),
  ];
}

/** Clients at the provider whose grant on the API a ScopeGrant keeps as consent says. */
function managedHolders(context: Ports, standing: Standing, resource: OAuthApi): ReadonlySet<string> {
  const judge = judgeOf(context, standing);
  const holders = grantsOfApi(context.resources, resource).map((grant) => {
    if (grant.spec.allClients === true) return ALL_CLIENTS;
    const { client } = sidesOf(context.resources, grant);
    if (client !== undefined && !isSameProvider(client, resource)) return undefined;
    const recorded = grant.status?.clientExternalId;
    const holder = client?.status?.externalId ?? recorded;
    // Without consent it works on what it recorded.
    const isFound = mayBeGranted(judge, grant.metadata.namespace ?? "", resource) || recorded === holder;
    return isFound ? holder : undefined;
  });
  return new Set(holders.filter((holder) => holder !== undefined));
}

const judgeOf = ({ namespaces }: Ports, { object, rules }: Standing): Judge => ({ namespaces, object, rules });

async function judgedGrant(
  context: Ports,
  standing: Standing,
  provider: Provider,
  resource: OAuthApi,
  grant: ObservedGrant,
): Promise<LeftGrant | undefined> {
  const { client } = grant;
  // Its mark says that a ScopeGrant made it.
  if (client === ALL_CLIENTS) return context.settings.recover ? undefined : { ref: grant.ref, kept: undefined };
  const mark = (await provider.clients.get(client))?.mark;
  if (mark?.instance !== context.settings.instanceId || mark.origin === "adopted") return undefined;
  const namespace = holderOf(context, client, mark);
  const allowed = allowedTo(context, standing, resource, namespace);
  const left = allowed === "all" ? undefined : beyond(grant, allowed);
  if (left !== undefined && left.kept === undefined) return left;
  const organizations = await organizationsOf(context, standing, provider, grant, namespace);
  return organizations === undefined ? left : { ref: grant.ref, kept: { ...left?.kept, organizations } };
}

/** What the grant may keep of its organizations; `undefined`: all of them, as far as this operator sees. */
async function organizationsOf(
  context: Ports,
  { object, rules }: Standing,
  provider: Provider,
  { client, api, audience, organizations }: ObservedGrant,
  namespace: string | undefined,
): Promise<GrantOrganizations | undefined> {
  const asker = namespace === undefined ? undefined : askerOf(context, namespace);
  if (object === undefined || asker?.labels === undefined || organizations.usage === "Deny") return undefined;
  const allowed = organizationConsent(rules, asker);
  if (allowed === "all") return undefined;
  const linked = (await provider.grants.find(client, { ref: api, audience }, true))?.organizations ?? organizations;
  return withoutOrganizations(linked, await beyondConsent(provider, linked, allowed));
}

/** `undefined` when the grant holds nothing beyond what is allowed. */
function beyond({ ref, scopes, allScopes }: ObservedGrant, allowed: ReadonlySet<string>): LeftGrant | undefined {
  const kept = allScopes ? [...allowed].sort() : scopes.filter((scope) => allowed.has(scope));
  if (kept.length === 0) return { ref, kept: undefined };
  return !allScopes && kept.length === scopes.length ? undefined : { ref, kept: { scopes: kept } };
}

/** The namespace of the M2MClient that the mark names; `undefined` when there is none. */
function holderOf({ resources, sha256 }: Ports, client: Ref, mark: Mark): string | undefined {
  const isMarked = ({ metadata }: M2MClient): boolean => metadata.uid === mark.uid;
  const [recorded] = resources.m2mClients.byIndex("remote", client).filter(isMarked);
  // An M2MClient that was created again under this name counts too: it may recover the client.
  const named =
    recorded ??
    resources.m2mClients.list().find(isMarked) ??
    resources.m2mClients
      .list()
      .find(
        ({ metadata: { namespace = "", name } }) => objectHash("M2MClient", namespace, name, sha256) === mark.object,
      );
  return named?.metadata.namespace;
}

/** What a namespace may have of the API. What this operator cannot see keeps what it has. */
function allowedTo(
  context: Ports,
  { object, rules }: Standing,
  resource: OAuthApi,
  namespace: string | undefined,
): "all" | ReadonlySet<string> {
  const { recover, seesEveryNamespace } = context.settings;
  if (namespace === undefined) return recover || !seesEveryNamespace ? "all" : NOTHING;
  const asker = askerOf(context, namespace);
  if (asker.labels === undefined || object === undefined) return "all";
  if (!providerConsent(rules, asker).allowed) return NOTHING;
  if (!mayBeGranted({ namespaces: context.namespaces, object, rules }, namespace, resource)) return NOTHING;
  const allowed = allowedScopes(context, namespace, resource);
  if (allowed === undefined) return NOTHING;
  return allowed.isWhole ? "all" : allowed.scopes;
}

const NOTHING: ReadonlySet<string> = new Set();
