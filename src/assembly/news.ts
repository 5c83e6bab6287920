import { isDeepStrictEqual } from "node:util";
import type { M2MClient } from "../kinds/m2m-client/schema.ts";
import type { OAuthApi } from "../kinds/oauth-api/schema.ts";
import type { ScopeGrant } from "../kinds/scope-grant/schema.ts";
import { isJudged, isPreviewed } from "../kinds/status/judged.ts";
import { isSettled } from "../kinds/status/settled.ts";
import type { BaseStatus } from "../kinds/status/report.ts";
import type { Resource } from "../ports/resource.ts";

const OF_ALL = ["conditions", "lastCheckedAt", "lastHandledReconcileAt", "outputs", "proof"];

/** Members of status that only their own resource reads. */
const OWN_BUSINESS: Readonly<Record<string, readonly string[]>> = {
  OAuthApi: [...OF_ALL, "pendingCreate", "provider", "grants", "grantCount"],
  M2MClient: [
    ...[...OF_ALL, "pendingCreate", "provider", "grants", "grantCount", "enabled"],
    ...["rotation", "stateSecret", "waitingForPodsUntil"],
  ],
  ScopeGrant: [...OF_ALL, "api", "granted", "token"],
};

/**
 * Whether a change of a resource is anything to those that depend on it: everything that a person writes, and what the
 * operator wrote into status, apart from what only the resource itself reads.
 */
export function isNewsForOthers<R extends Resource<unknown, BaseStatus>>(
  before: R | undefined,
  after: R | undefined,
): boolean {
  if (before === undefined || after === undefined) return true;
  return !isDeepStrictEqual(shownToOthers(before), shownToOthers(after));
}

function shownToOthers(resource: Resource<unknown, BaseStatus>): readonly unknown[] {
  const { kind, metadata, status } = resource;
  const { uid, generation, deletionTimestamp, labels, annotations } = metadata;
  const shown: Record<string, unknown> = { ...status };
  for (const member of OWN_BUSINESS[kind] ?? []) Reflect.deleteProperty(shown, member);
  return [uid, generation, deletionTimestamp, labels, annotations, shown, isJudged(resource), isPreviewed(resource)];
}

/** Whether a client's Secret carries this grant in another way than before. */
export function isCarriedDifferently(
  grant: ScopeGrant,
  before: M2MClient | undefined,
  after: M2MClient | undefined,
): boolean {
  const [was, is] = [before, after].map((client) =>
    client?.status?.grants?.find(({ uid }) => uid === grant.metadata.uid),
  );
  return !isDeepStrictEqual(was, is);
}

/** Whether the client has to check again at a grant that names it. */
export function concernsClient(
  client: M2MClient,
  before: ScopeGrant | undefined,
  after: ScopeGrant | undefined,
): boolean {
  // The first pass over the grant reports whether anything is granted.
  if (before === undefined && after !== undefined && !isJudged(after)) return false;
  if (isNewsForOthers(before, after)) return true;
  // Pruning waits until every ScopeGrant that may request a grant is settled.
  const [was, is] = [before, after].map((grant) => grant !== undefined && isSettled(grant));
  return client.spec.unmanagedGrants?.policy === "Prune" && was !== is;
}

/** Made a moment ago, like what it is for: the first passes over those two tell it when it can continue. */
export function waitsForOthers(grant: ScopeGrant, client: M2MClient | undefined, api: OAuthApi | undefined): boolean {
  if (isJudged(grant) || grant.metadata.deletionTimestamp !== undefined) return false;
  return [client, api].some(
    (peer) => peer !== undefined && peer.metadata.deletionTimestamp === undefined && !isJudged(peer),
  );
}
