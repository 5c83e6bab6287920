import { conditionOf, type Judgement } from "../../controller/conditions.ts";
import type { ReconcileResult } from "../../controller/result.ts";
import type { KindContext } from "../kind-context.ts";
import { isSameMatter } from "../status/news.ts";
import { deletionPolicyFor } from "../../ownership/deletion-policy.ts";
import type { Observed } from "./model.ts";
import type { GrantObserved } from "./observe.ts";
import type { ScopeGrant } from "./schema.ts";

/**
 * Access that is gone is news to the resource's owner, no matter who took it away, and although the resource is paused or Ready
 * with the rest. What the owner removed from the spec is none.
 */
export function announceLoss(
  { events }: Pick<KindContext, "events">,
  resource: ScopeGrant,
  observed: GrantObserved | undefined,
  grantedScopes: readonly string[] | undefined,
  result: ReconcileResult,
): void {
  const { metadata, status } = resource;
  if (status?.grantedScopes === undefined || metadata.deletionTimestamp !== undefined) return;
  const lost = lostOf(resource, grantedScopes);
  if (grantedScopes !== undefined && lost.length === 0) return;
  const why = grantedScopes === undefined ? whyAll(observed, result) : whySome(observed, lost);
  if (why === undefined) return;
  const on = `${whatText(resource, lost)} on ${status.audience ?? "the API"}`;
  const isKept = grantedScopes === undefined && staysAtTenant(observed);
  events.record(resource, "Warning", "GrantLost", `${isKept ? keptText(resource, on) : lostText(resource, on)} ${why}`);
}

const whatText = ({ spec }: ScopeGrant, lost: readonly string[]): string =>
  lost.slice(0, MAX_SCOPES).join(", ") || (spec.clientRef === undefined ? "their grant" : "its grant");

const lostText = ({ metadata, spec }: ScopeGrant, on: string): string =>
  spec.clientRef === undefined
    ? `All clients lost ${on}.`
    : `M2MClient ${metadata.namespace ?? ""}/${spec.clientRef.name} lost ${on}.`;

/** The OAuthApi was deleted and its API kept: no resource manages the grant any more. */
const keptText = ({ metadata, spec }: ScopeGrant, on: string): string =>
  `The grant (${on}) stays at the tenant, and ${spec.clientRef === undefined ? "no Secret shows it" : `the Secret of M2MClient ${metadata.namespace ?? ""}/${spec.clientRef.name} no longer shows it`}.`;

/** An API that is deleted at the tenant takes its grants along, although they are still there in this pass. */
function staysAtTenant(observed: GrantObserved | undefined): boolean {
  const api = observed?.peers.api;
  const isGoing =
    api?.metadata.deletionTimestamp !== undefined &&
    deletionPolicyFor(api.spec.deletionPolicy, api.status?.origin) === "Delete";
  return !isGoing && observed?.remote.kind === "read" && observed.remote.grant !== undefined;
}

const MAX_SCOPES = 20;

/** With the whole grant, all that was granted. */
function lostOf({ spec, status }: ScopeGrant, left: readonly string[] | undefined): readonly string[] {
  const before = status?.grantedScopes ?? [];
  if (left === undefined) return before;
  return before.filter(
    (scope) => !left.includes(scope) && (spec.allScopes === true || spec.scopes?.includes(scope) === true),
  );
}

/** A paused resource has no message of its own. */
function whyAll(observed: Observed | undefined, result: ReconcileResult): string | undefined {
  if ("message" in result) return result.message;
  const sides = observed === undefined ? [] : [observed.provider, observed.client, observed.api];
  return sides.map((side) => (side.state === "refused" ? side.message : undefined)).find((text) => text !== undefined);
}

function whySome(observed: Observed | undefined, lost: readonly string[]): string | undefined {
  if (observed === undefined) return undefined;
  const { api, namespace } = observed.names;
  const them = lost.length > 1 ? "them" : "it";
  if (observed.isExternal)
    return `${api} no longer defines ${them}. Ask the tenant's owner where access is still needed.`;
  return `${api} no longer defines ${them}, or no longer allows namespace ${namespace} to request ${them}. Ask its owner to extend spec.allowedGrants where access is still needed.`;
}

/** Records an event when policies of others begin to take precedence, or when others do. */
export function announceOverridden(
  { events }: Pick<KindContext, "events">,
  resource: ScopeGrant,
  [overridden]: readonly Judgement[],
): void {
  if (overridden === undefined) return;
  const before = conditionOf(resource.status?.conditions, overridden.type);
  if (before !== undefined && isSameMatter(before.message, overridden.message)) return;
  events.record(resource, "Warning", overridden.reason, overridden.message);
}
