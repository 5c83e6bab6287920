import type { Judgement } from "../../controller/conditions.ts";
import type { Seen } from "../../controller/reconcile.ts";
import type { ReconcileResult } from "../../controller/result.ts";
import type { ObservedGrant } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import { recordsOf } from "../outputs/write.ts";
import { freshnessFor } from "../access/freshness.ts";
import { isLeft } from "../access/requested-scopes.ts";
import { type BaseStatus, fieldsSoFar, reportStatus } from "../status/report.ts";
import { audienceOf, peersOf, providerRefOf } from "./peers.ts";
import type { Desired, Observed } from "./model.ts";
import type { GrantObserved } from "./observe.ts";
import { isUndecided } from "./narrowing.ts";
import { apiIdOf } from "../outputs/published-grant.ts";
import { announceLoss, announceOverridden } from "./losses.ts";
import { scopeProblem } from "./scope-problem.ts";
import { issuerOf, tokenOf } from "./token.ts";
import type { ScopeGrant, ScopeGrantStatus } from "./schema.ts";

export async function report(
  context: Pick<
    KindContext,
    "configMaps" | "connections" | "events" | "namespaces" | "now" | "resources" | "secrets" | "settings"
  >,
  resource: ScopeGrant,
  { observed }: Seen<Desired, GrantObserved>,
  result: ReconcileResult,
): Promise<void> {
  const fields = fieldsOf(context, resource, observed, observed === undefined ? undefined : await issuerOf(observed));
  const overriding = observed === undefined ? [] : overridden(observed);
  const isTold = await reportStatus(context, context.resources.scopeGrants, resource, {
    result,
    judgements: observed === undefined ? [] : [scopesGranted(observed), ...overriding],
    readyMessage: "The grant exists at the provider, and the Secrets list it.",
    fields,
    isLost: observed !== undefined && isLost(observed),
    readAt: observed?.remote.kind === "read" ? observed.remote.grant?.readAt : undefined,
    freshness: freshnessFor(context, resource.metadata.namespace, providerRefOf(resource, peersOf(context, resource))),
  });
  if (!isTold) return;
  announceLoss(context, resource, observed, fields.grantedScopes, result);
  announceOverridden(context, resource, overriding);
}

type Fields = Omit<ScopeGrantStatus, keyof BaseStatus>;

function fieldsOf(
  context: Pick<KindContext, "configMaps" | "secrets">,
  resource: ScopeGrant,
  observed: GrantObserved | undefined,
  issuer: string | undefined,
): Fields {
  const previous = { ...fieldsSoFar(resource), api: apiIdOf(resource) };
  if (observed === undefined || observed.remote.kind === "unread")
    return { ...previous, granted: grantedText(resource, observed?.own, previous.grantedScopes) };
  const views = observed.secret === undefined || observed.secret === "notReady" ? [] : [observed.secret];
  const recorded = observed.isForeseen === true ? undefined : observed.remote.grant;
  return {
    ...previous,
    ...referenceFields(resource, observed, recorded, previous),
    ...(observed.provider.state === "ready" ? { tenant: observed.provider.facts.tenant } : {}),
    externalId: externalIdOf(observed, previous.externalId),
    origin: observed.origin,
    organizations: organizationsNow(observed, previous.organizations),
    ...grantedFields(resource, observed, lastGranted(observed, previous.grantedScopes), issuer),
    unknownScopes: listOf(observed.own.unknown),
    refusedScopes: listOf(observed.own.refused),
    outputs: [...recordsOf(context, resource, previous.outputs ?? [], views)],
  };
}

function grantedFields(
  resource: ScopeGrant,
  observed: GrantObserved,
  grantedScopes: string[] | undefined,
  issuer: string | undefined,
): Pick<Fields, "granted" | "grantedScopes" | "token"> {
  return {
    grantedScopes,
    granted: grantedText(resource, observed.own, grantedScopes),
    token: grantedScopes === undefined ? undefined : tokenOf(observed, grantedScopes, issuer),
  };
}

/** A preview records nothing, and so does what is not decided. */
function externalIdOf(observed: GrantObserved, previous: string | undefined): string | undefined {
  if (observed.isForeseen === true) return previous;
  if (isUndecided(observed) || observed.remote.kind !== "read") return undefined;
  return observed.remote.grant?.ref;
}

/** How many of the requested scopes are granted. What all scopes of an API are is not known while the API is not. */
function grantedText(
  { spec, status }: ScopeGrant,
  own: Observed["own"] | undefined,
  grantedScopes: readonly string[] | undefined,
): string {
  const count = String(grantedScopes?.length ?? 0);
  if (spec.allScopes !== true) return `${count}/${String(new Set(spec.scopes).size)}`;
  const known = (own?.granted ?? []).length;
  return known === 0 && own?.isAudienceOnly !== true
    ? ((grantedScopes === undefined ? undefined : status?.granted) ?? `${count}/all`)
    : `${count}/${String(known)}`;
}

const listOf = (names: readonly string[] = []): string[] | undefined => (names.length === 0 ? undefined : [...names]);

/** Status keeps organizations until they are unlinked, to tell them from those that others linked. */
function organizationsNow(
  { organizations, beyondConsent }: Observed,
  previous: Fields["organizations"] = [],
): Fields["organizations"] {
  const left = previous.filter(({ id }) => beyondConsent?.ids.includes(id) === true);
  const all = [...organizations.known, ...left];
  return all.length > 0 ? all : undefined;
}

/** Written down while both sides are there, so that a deletion needs neither. */
function referenceFields(
  resource: ScopeGrant,
  { peers, holder }: Pick<GrantObserved, "peers" | "holder">,
  remote: ObservedGrant | undefined,
  previous: Fields,
): Partial<Fields> {
  const { client, api } = peers;
  const owner = resource.spec.allClients === true ? api : client;
  const known = owner === undefined ? {} : { providerRef: owner.spec.providerRef };
  return {
    ...known,
    apiExternalId: api?.status?.externalId ?? remote?.api ?? previous.apiExternalId,
    clientExternalId: holder,
    audience: audienceOf(resource, peers) ?? previous.audience,
  };
}

/** It was granted before and the tenant was seen without it. */
const isLost = ({ isNew, remote }: Observed): boolean => !isNew && remote.kind === "read" && remote.grant === undefined;

/**
 * What the client's Secret carries: the scopes that this resource requests and was seen to hold. They stay while the
 * grant, or its API's settings, are being restored, and while a withdrawal waits for its confirmation: a workload's Secret
 * must not lose keys by that. They go with consent, with the API, with whatever is somebody else's by now, and where
 * another grant decides. An empty list: the grant has an audience and no scopes.
 */
function lastGranted(observed: GrantObserved, previous: readonly string[] | undefined): string[] | undefined {
  const { own, heldRevocation } = observed;
  if (heldRevocation !== undefined) return previous === undefined ? undefined : [...previous];
  if (isGone(observed)) return undefined;
  const granted = grantedOf(observed);
  if (granted === undefined && previous === undefined) return undefined;
  const seen = new Set([...(granted ?? []), ...(previous ?? [])]);
  const kept = own.granted.filter((scope) => seen.has(scope));
  return kept.length > 0 || own.isAudienceOnly === true ? kept : undefined;
}

function isGone({ provider, client, api, conflict, own, peers, remote }: GrantObserved): boolean {
  if ([provider, client, api].some(isNotToBeUsed) || conflict !== undefined) return true;
  // A client that stays at the tenant keeps its grant. One that was deleted took it along, and nobody restores it.
  const hasNoClient = client.state === "notReady" && client.isMissing === true;
  if (hasNoClient && remote.kind === "read" && remote.grant === undefined) return true;
  return !isLeft(own) || peers.api?.metadata.deletionTimestamp !== undefined;
}

const isNotToBeUsed = (side: { readonly state: string; readonly isForeign?: true }): boolean =>
  side.state === "refused" || side.isForeign === true;

/** What this resource requested, as far as the provider was seen to hold it and consent stands. */
function grantedOf(observed: Observed): string[] | undefined {
  const grant = observed.remote.kind === "read" ? observed.remote.grant : undefined;
  const isAllowed =
    observed.api.state === "ready" && observed.client.state === "ready" && observed.provider.state === "ready";
  if (grant === undefined || !isAllowed || observed.conflict !== undefined) return undefined;
  if (grant.allScopes) return [...observed.own.granted];
  const held = new Set(grant.scopes);
  return observed.own.granted.filter((scope) => held.has(scope));
}

function scopesGranted(observed: Observed): Judgement {
  const granted = grantedOf(observed);
  const judge = (status: Judgement["status"], reason: Judgement["reason"], message: string): Judgement => ({
    type: "ScopesGranted",
    status,
    reason,
    message,
  });
  const problem = observed.api.state === "ready" ? scopeProblem(observed) : undefined;
  if (problem !== undefined) return judge("False", problem.reason, problem.message);
  if (observed.remote.kind === "unread")
    return judge("Unknown", "ProviderNotReady", "The tenant could not be read. The condition Ready says why.");
  if (observed.heldRevocation !== undefined)
    return judge("False", "MassRevocation", "What was granted stays in force until its withdrawal is confirmed.");
  const isWhole = granted !== undefined && granted.length === observed.own.granted.length && isLeft(observed.own);
  if (isWhole) return judge("True", "AllScopesGranted", `Granted: ${namesOf(granted)}.`);
  const some =
    granted !== undefined && granted.length > 0 ? `Only granted: ${namesOf(granted)}.` : "Nothing is granted.";
  return judge("False", "Progressing", `${some} The condition Ready says why.`);
}

const namesOf = (granted: readonly string[]): string =>
  granted.length === 0
    ? "the audience, since the API has no scopes"
    : `${granted.slice(0, 20).join(", ")}${granted.length > 20 ? " …" : ""}`;

/** Present only while policies of others take precedence over this grant. */
function overridden({ remote }: Observed): readonly Judgement[] {
  const others = remote.kind === "read" ? (remote.grant?.overriddenBy ?? []) : [];
  if (others.length === 0) return [];
  const named = others.slice(0, 5).map((name) => `"${name}"`);
  return [
    {
      type: "Overridden",
      status: "True",
      reason: "OverriddenByOthers",
      message: `The provider evaluates policies of others before this grant: ${named.join(", ")}. They apply to all clients, and may issue or refuse tokens in place of this grant. Narrow them, move them below the operator's, or delete them at the tenant.`,
    },
  ];
}
