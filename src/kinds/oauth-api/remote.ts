import { isOwnedBy, ownRecord } from "../../ownership/owner.ts";
import { settledAt } from "../../ownership/create-protocol.ts";
import type { ObservedApi, Provider, Ref } from "../../ports/provider.ts";
import { freshForChange, freshSince } from "../access/fresh-reading.ts";
import type { KindSettings } from "../kind-context.ts";
import { isSettled } from "../status/settled.ts";
import type { Desired, RemoteView } from "./model.ts";
import type { OAuthApi } from "./schema.ts";

interface Settings extends Pick<KindSettings, "createTiming" | "recover"> {
  /** The provider's owner lets this namespace adopt the API of this audience. */
  readonly mayAdopt: boolean;
}

/**
 * Finds the API that belongs to this resource: the recorded one if it is ours, else one that carries our mark, else,
 * where an API can carry none, the one with our audience while a proven note says that the operator is creating it. The
 * tenant is read again only to settle an attempt whose outcome is not known.
 */
export async function observeRemote(
  provider: Provider,
  desired: Desired,
  resource: OAuthApi,
  settings: Settings,
  now: Date,
): Promise<RemoteView> {
  const { apis } = provider;
  const recorded = resource.status?.externalId as Ref | undefined;
  // After a restart, status stands until the background read of the tenant comes to this API.
  if (recorded !== undefined && !apis.isKnown(recorded) && !desired.isAbsent && isSettled(resource))
    return { kind: "unread" };
  const marked = await apis.findByOwner(desired.owner.instance, desired.owner.uid);
  const present = recorded === undefined ? undefined : await apis.get(recorded, freshForOthers(resource, now));
  const nonce = resource.status?.pendingCreate?.nonce;
  const ours =
    ownRecord(present, marked, resource.status, desired.owner) ??
    marked.find(({ mark }) => mark?.nonce === nonce) ??
    marked[0];
  if (ours !== undefined)
    return { kind: "found", api: ours, duplicates: marked.filter(({ ref }) => ref !== ours.ref).map(({ ref }) => ref) };
  return unrecorded(provider, desired, resource, settings, { present, now });
}

/** What the operator made itself has nothing that a write could take away. */
function freshForOthers(resource: OAuthApi, now: Date): Date | undefined {
  const isOthers = resource.status?.origin === "Adopted" || resource.spec.adopt === true;
  return isOthers ? freshForChange(resource, now) : undefined;
}

async function unrecorded(
  provider: Provider,
  desired: Desired,
  resource: OAuthApi,
  settings: Settings,
  { present, now }: { readonly present: ObservedApi | undefined; readonly now: Date },
): Promise<RemoteView> {
  const { pendingCreate: pending, proof } = resource.status ?? {};
  if (pending === undefined || proof === undefined)
    return unmarked(provider, desired, resource, settings, { present, now });
  const seen = await ownAttempt(provider, desired);
  if (seen !== undefined) return seen;
  const until = settledAt(pending, settings.createTiming);
  if (now < until) return { kind: "unsettled", until };
  await provider.apis.refresh(until);
  return (await ownAttempt(provider, desired)) ?? { kind: "absent" };
}

/** What an attempt of the operator created: recognised by its mark, or by its audience where nobody else can have that. */
async function ownAttempt({ apis, capabilities }: Provider, desired: Desired): Promise<RemoteView | undefined> {
  const { owner, spec } = desired;
  const [api] = capabilities.marksApis
    ? await apis.findByOwner(owner.instance, owner.uid)
    : [await apis.findByAudience(spec.audience)];
  const isOurs = api !== undefined && (api.mark === undefined || isOwnedBy(api.mark, owner));
  return isOurs ? { kind: "found", api, duplicates: [] } : undefined;
}

/** Nothing proves that an API is ours: one may be of an earlier resource or somebody else's, or there is none. */
async function unmarked(
  { apis, capabilities }: Provider,
  desired: Desired,
  { metadata }: OAuthApi,
  { recover, mayAdopt }: Settings,
  { present, now }: { readonly present: ObservedApi | undefined; readonly now: Date },
): Promise<RemoteView> {
  const { adoptedId, owner, spec } = desired;
  const [predecessor] = await apis.findByObject(owner.instance, owner.object);
  if (predecessor !== undefined) return { kind: "madeByPredecessor", api: predecessor };
  if (adoptedId !== undefined) return { kind: "notOurs", api: await apis.get(adoptedId as Ref) };
  const isAdoptable = desired.isAdopting && mayAdopt;
  const since = isAdoptable ? freshSince(metadata, now) : undefined;
  const api = await apis.findByAudience(spec.audience, since);
  if (api === undefined) return present === undefined ? { kind: "absent" } : { kind: "notOurs", api: present };
  // Where an API can carry no mark, its audience is all that tells after a rebuild whose it is. One that may be adopted
  // is adopted again, or it would be taken for one that was made here.
  const isTakenBack = recover && !capabilities.marksApis && !api.isSystem && !isAdoptable;
  return isTakenBack ? { kind: "found", api, duplicates: [] } : { kind: "notOurs", api };
}
