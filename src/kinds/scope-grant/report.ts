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
import { durationText } from "../schema/duration.ts";
import { scopeProblem } from "./scope-problem.ts";
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
  const fields = fieldsOf(context, resource, observed);
  announceLoss(context, resource, fields, result);
  await reportStatus(context, context.resources.scopeGrants, resource, {
    result,
    judgements: observed === undefined ? [] : [scopesGranted(observed), ...overridden(observed)],
    readyMessage: "The grant exists at the provider, and the Secrets list it.",
    fields,
    isLost: observed !== undefined && isLost(observed),
    readAt: observed?.remote.kind === "read" ? observed.remote.grant?.readAt : undefined,
    freshness: freshnessFor(context, resource.metadata.namespace, providerRefOf(resource, peersOf(context, resource))),
  });
}

/** Access that is gone is news to the resource's owner, no matter who took it away. */
function announceLoss(
  { events }: Pick<KindContext, "events">,
  resource: ScopeGrant,
  { grantedScopes }: Fields,
  result: ReconcileResult,
): void {
  const { metadata, spec, status } = resource;
  const isLoss = status?.grantedScopes !== undefined && grantedScopes === undefined;
  if (!isLoss || metadata.deletionTimestamp !== undefined || !("message" in result)) return;
  const who = spec.clientRef === undefined ? "All clients" : `M2MClient "${spec.clientRef.name}"`;
  const what = (status.grantedScopes ?? []).slice(0, 20).join(", ") || "its grant";
  events.record(
    resource,
    "Warning",
    "GrantLost",
    `${who} lost ${what} on ${status.audience ?? "the API"}. ${result.message}`,
  );
}

type Fields = Omit<ScopeGrantStatus, keyof BaseStatus>;

function fieldsOf(
  context: Pick<KindContext, "configMaps" | "secrets">,
  resource: ScopeGrant,
  observed: GrantObserved | undefined,
): Fields {
  const previous = { ...fieldsSoFar(resource), api: apiIdOf(resource) };
  if (observed === undefined || observed.remote.kind === "unread") return previous;
  const views = observed.secret === undefined || observed.secret === "notReady" ? [] : [observed.secret];
  return {
    ...previous,
    ...referenceFields(resource, observed, observed.remote.grant, previous),
    ...(observed.provider.state === "ready" ? { tenant: observed.provider.facts.tenant } : {}),
    externalId: isUndecided(observed) ? undefined : observed.remote.grant?.ref,
    origin: observed.origin,
    organizations: organizationsNow(observed, previous.organizations),
    ...grantedFields(resource, observed, lastGranted(observed, previous.grantedScopes)),
    unknownScopes: listOf(observed.own.unknown),
    refusedScopes: listOf(observed.own.refused),
    outputs: [...recordsOf(context, resource, previous.outputs ?? [], views)],
  };
}

function grantedFields(
  { spec }: ScopeGrant,
  observed: GrantObserved,
  grantedScopes: string[] | undefined,
): Pick<Fields, "granted" | "grantedScopes" | "token"> {
  const count = grantedScopes?.length ?? 0;
  const wanted = spec.allScopes === true ? observed.own.granted.length : new Set(spec.scopes).size;
  return {
    grantedScopes,
    granted: `${String(count)}/${String(wanted)}`,
    token: grantedScopes === undefined ? undefined : tokenOf(observed, grantedScopes),
  };
}

/** As the API's status and the pair's grant say; of an API that no OAuthApi declares, only what the grant says. */
function tokenOf(observed: GrantObserved, own: readonly string[]): Fields["token"] {
  const { pair, peers, togetherGranted, organizations } = observed;
  if (pair === undefined) return undefined;
  const { issuer, signingAlgorithm, tokenLifetime } = peers.api?.status ?? {};
  const lifetime = pair.lifetimeSeconds === undefined ? tokenLifetime : durationText(pair.lifetimeSeconds);
  const ids = pair.organizations?.ids ?? organizations.known.map(({ id }) => id);
  return {
    audience: pair.audience,
    scopes: [...new Set([...own, ...togetherGranted])].sort(),
    ...(issuer === undefined ? {} : { issuer }),
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(signingAlgorithm === undefined ? {} : { signingAlgorithm }),
    ...(ids.length === 0 ? {} : { organizations: [...ids] }),
  };
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

function isGone({ provider, client, api, conflict, own, peers }: GrantObserved): boolean {
  if ([provider, client, api].some(isNotToBeUsed) || conflict !== undefined) return true;
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
  const isWhole = granted !== undefined && granted.length === observed.own.granted.length && isLeft(observed.own);
  if (!isWhole) return judge("False", "Progressing", "Nothing is granted. The condition Ready says why.");
  const named = granted.length === 0 ? "the audience, since the API has no scopes" : granted.slice(0, 20).join(", ");
  return judge("True", "AllScopesGranted", `Granted: ${named}${granted.length > 20 ? " …" : ""}.`);
}

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
