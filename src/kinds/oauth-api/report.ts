import type { Seen } from "../../controller/reconcile.ts";
import type { ReconcileResult } from "../../controller/result.ts";
import type { ServerMetadata } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import { recordsOf } from "../outputs/write.ts";
import { lifetimeUnsaid } from "../access/token-lifetime.ts";
import { freshnessFor } from "../access/freshness.ts";
import type { Confirmation } from "../schema/annotations.ts";
import { announceHeld, confirmationReport } from "../status/confirmations.ts";
import type { Reason } from "../status/reasons.ts";
import { shownScopes } from "../status/shown-names.ts";
import { recordChange } from "../status/changes.ts";
import { type BaseStatus, fieldsSoFar, reportStatus } from "../status/report.ts";
import { durationText } from "../schema/duration.ts";
import type { ApiObserved } from "./observe.ts";
import { grantsOfApi } from "../relations/dependents.ts";
import { providerText } from "../relations/provider-ref.ts";
import type { Desired } from "./model.ts";
import type { OAuthApi, OAuthApiStatus } from "./schema.ts";

export async function report(
  context: Pick<KindContext, "configMaps" | "connections" | "events" | "now" | "resources" | "secrets" | "settings">,
  resource: OAuthApi,
  { observed }: Seen<Desired, ApiObserved>,
  result: ReconcileResult,
): Promise<void> {
  const waiting = observed && { withdrawals: withdrawalsHeld(observed), others: deletionHeld(observed, result) };
  const { held, pendingConfirmations } = confirmationReport(resource, waiting);
  announceHeld(context, resource, held);
  announceRecreated(context, resource, observed);
  await reportStatus(context, context.resources.oAuthApis, resource, {
    result,
    judgements: held,
    readyMessage: "The API at the provider matches the spec.",
    fields: { ...fieldsOf(context, resource, observed), pendingConfirmations },
    readAt: observed?.remote.kind === "found" ? observed.remote.api.readAt : undefined,
    freshness: freshnessFor(context, resource.metadata.namespace, resource.spec.providerRef),
  });
}

function withdrawalsHeld({ losses }: ApiObserved): readonly Confirmation[] {
  const { heldRevocations = [], heldLeftGrants } = losses ?? {};
  return heldLeftGrants === undefined ? heldRevocations : [...heldRevocations, heldLeftGrants];
}

/** What is to be confirmed of a deletion that waits for nothing else. */
function deletionHeld({ heldDeletion: held }: ApiObserved, result: ReconcileResult): readonly Confirmation[] {
  return held !== undefined && result.kind === "stalled" && result.reason === HELD ? [held] : [];
}

/** Another object than status records was created in place of it, since nothing of others is ever taken for it. */
function announceRecreated(
  context: Pick<KindContext, "events">,
  resource: OAuthApi,
  observed: ApiObserved | undefined,
): void {
  const { externalId, issuer } = resource.status ?? {};
  if (observed?.remote.kind !== "found" || externalId === undefined || externalId === observed.remote.api.ref) return;
  const now = observed.server?.issuer;
  recordChange(context, resource, {
    ...{ type: "apiRecreated", audience: resource.spec.audience },
    issuer: now === issuer ? undefined : now,
  });
}

const HELD: Reason = "MassRevocation";

type Fields = Omit<OAuthApiStatus, keyof BaseStatus>;

function fieldsOf(
  context: Pick<KindContext, "configMaps" | "resources" | "secrets">,
  resource: OAuthApi,
  observed: ApiObserved | undefined,
): Fields {
  const previous = {
    ...fieldsSoFar(resource),
    provider: providerText(resource.spec.providerRef),
    ...callersOf(context, resource),
  };
  if (observed?.provider.state !== "ready" || observed.remote.kind !== "found") return previous;
  const { api } = observed.remote;
  const { pendingCreate: _done, ...rest } = previous;
  const views = [observed.configMap, observed.signingSecret].filter((view) => view !== undefined);
  return {
    ...rest,
    ...endpointsOf(observed.server),
    tenant: observed.provider.facts.tenant,
    externalId: api.ref,
    origin: observed.origin,
    ...(observed.origin === "Adopted" ? { ownedScopes: ownedScopes(resource) } : {}),
    tokenLifetime: lifetimeOf(resource, observed),
    signingAlgorithm: api.tokens.signingAlgorithm,
    profile: api.tokens.profile,
    outputs: [...recordsOf(context, resource, previous.outputs ?? [], views)],
  };
}

const MAX_GRANTS = 100;

/** Who may call the API, as the ScopeGrants' own status says. */
function callersOf(
  { resources }: Pick<KindContext, "resources">,
  resource: OAuthApi,
): Pick<Fields, "grantCount" | "grants"> {
  const granted = grantsOfApi(resources, resource)
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.grantedScopes !== undefined)
    .map(({ metadata: { namespace = "", name }, spec, status }) => ({
      ...{ namespace, name },
      ...(spec.clientRef === undefined ? {} : { client: spec.clientRef.name }),
      ...shownScopes(status?.grantedScopes ?? []),
    }))
    .sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
  return { grantCount: granted.length, grants: granted.length === 0 ? undefined : granted.slice(0, MAX_GRANTS) };
}

/** Where grants decide on it, what the spec asks every grant of the API for, else what a new grant has. */
function lifetimeOf({ spec }: OAuthApi, { remote, provider }: ApiObserved): string | undefined {
  const held = remote.kind === "found" ? remote.api.tokens.lifetimeSeconds : undefined;
  const unsaid = provider.state === "ready" ? lifetimeUnsaid(provider.facts.capabilities) : undefined;
  const said = held === undefined ? spec.tokens?.lifetime : durationText(held);
  return said ?? (unsaid === undefined ? undefined : durationText(unsaid));
}

/** Grows only: a scope that was named once and is no longer is to be removed. */
function ownedScopes({ spec, status }: OAuthApi): string[] {
  return [...new Set([...(status?.ownedScopes ?? []), ...spec.scopes.map(({ name }) => name)])].sort();
}

function endpointsOf(server: ServerMetadata | undefined): Partial<Fields> {
  if (server === undefined) return {};
  const { issuer, wellKnownUrl, tokenEndpoint, jwksUri, assertionAudience: clientAssertionAudience } = server;
  return { issuer, wellKnownUrl, tokenEndpoint, jwksUri, clientAssertionAudience };
}
