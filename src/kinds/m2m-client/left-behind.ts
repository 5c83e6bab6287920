import type { Provider, Ref } from "../../ports/provider.ts";
import { ownRecord } from "../../ownership/owner.ts";
import type { Standing } from "../access/standing.ts";
import type { KindContext } from "../kind-context.ts";
import { grantsOfClient } from "../relations/dependents.ts";
import type { Desired } from "./model.ts";
import { askedApis } from "./unmanaged.ts";
import type { M2MClient } from "./schema.ts";

/**
 * Grants that a ScopeGrant made and that outlived it: somebody took off its finalizer, or it was deleted while the tenant
 * could not be reached. Status says which the client's Secret carried; no other ScopeGrant of the client requests them.
 */
export async function observeLeftBehind(
  context: Pick<KindContext, "resources">,
  { access, provider }: Standing,
  resource: M2MClient,
  desired: Desired,
): Promise<readonly Ref[]> {
  const isReachable = access.state === "ready" || access.state === "refused";
  const made = madeByOthersThan(context, resource);
  if (desired.isAbsent || !isReachable || provider?.refreshedAt() === undefined || made.size === 0) return [];
  const client = await ownClient(provider, resource, desired);
  const present = client === undefined ? undefined : await provider.grants.ofClient(client);
  const asked = askedApis(context, grantsOfClient(context.resources, resource));
  return (present ?? [])
    .filter((grant) => made.has(grant.ref) && !grant.isSystem && !asked.has(grant.api ?? grant.audience))
    .map(({ ref }) => ref);
}

/** The provider's ids of published grants whose ScopeGrant does not exist any more. */
function madeByOthersThan(context: Pick<KindContext, "resources">, resource: M2MClient): ReadonlySet<string> {
  const living = new Set(grantsOfClient(context.resources, resource).map(({ metadata }) => metadata.uid));
  const gone = (resource.status?.grants ?? []).filter(({ uid }) => !living.has(uid));
  return new Set(gone.map(({ externalId }) => externalId).filter((ref) => ref !== undefined));
}

async function ownClient({ clients }: Provider, { status }: M2MClient, { owner }: Desired): Promise<Ref | undefined> {
  if (status?.externalId === undefined) return undefined;
  const recorded = await clients.get(status.externalId as Ref);
  const marked = await clients.findByOwner(owner.instance, owner.uid);
  return ownRecord(recorded, marked, status, owner)?.ref;
}
