import { ownRecord } from "../../ownership/owner.ts";
import { type CreateTiming, settledAt } from "../../ownership/create-protocol.ts";
import type { Clients, ObservedClient, Ref } from "../../ports/provider.ts";
import type { Desired, RemoteView } from "./model.ts";
import type { M2MClientStatus } from "./schema.ts";

/** What is known beside the resource. */
interface Known {
  /** Of the stored credential. */
  readonly stateClientId: string | undefined;
  readonly timing: CreateTiming;
  /** Of a client to adopt; `undefined` while it may not be adopted: nothing is requested for it then. */
  readonly adoptableSince: Date | undefined;
  readonly now: Date;
}

/**
 * Finds the client that belongs to this resource: the recorded one if it is ours, else one that carries our mark, else
 * the one it wants to adopt or that an earlier resource of this name made. That status names a client does not make
 * it ours. A create whose outcome is not known is settled only by a reading of the tenant that began late enough to
 * show it.
 */
export async function observeRemote(
  clients: Clients,
  desired: Desired,
  status: M2MClientStatus | undefined,
  { stateClientId, timing, adoptableSince, now }: Known,
): Promise<RemoteView> {
  const { owner } = desired;
  const recorded = status?.externalId === undefined ? undefined : await clients.get(status.externalId as Ref);
  const marked = await clients.findByOwner(owner.instance, owner.uid);
  const own = ownRecord(recorded, marked, status, owner);
  if (own !== undefined) return found(own, marked);
  if (marked.length > 0) return found(chosen(marked, status?.pendingCreate?.nonce, stateClientId), marked);
  if (status?.pendingCreate === undefined)
    return unmarked(clients, desired, recorded, { stateClientId, adoptableSince });
  const until = settledAt(status.pendingCreate, timing);
  if (now < until) return { kind: "unsettled", until };
  const later = await clients.findByOwnerSince(owner.instance, owner.uid, until);
  if (later.length === 0) return { kind: "absent" };
  return found(chosen(later, status.pendingCreate.nonce, stateClientId), later);
}

async function unmarked(
  clients: Clients,
  desired: Desired,
  recorded: ObservedClient | undefined,
  { stateClientId, adoptableSince }: Pick<Known, "stateClientId" | "adoptableSince">,
): Promise<RemoteView> {
  const { clientId, isAdopting, owner } = desired;
  const predecessors = (await clients.findByObject(owner.instance, owner.object)).filter(
    ({ mark }) => mark?.uid !== owner.uid,
  );
  if (predecessors.length > 0)
    return { kind: "madeByPredecessor", client: chosen(predecessors, undefined, stateClientId ?? clientId) };
  if (!isAdopting || clientId === undefined)
    return recorded === undefined ? { kind: "absent" } : { kind: "notOurs", client: recorded };
  return { kind: "adoptable", client: await clients.findByClientId(clientId, adoptableSince) };
}

function found(client: ObservedClient, marked: readonly ObservedClient[]): RemoteView {
  const duplicates = marked.filter((other) => other.ref !== client.ref).map((other) => other.ref);
  return { kind: "found", client, duplicates };
}

/** Of several with one mark, the one whose credential we hold stays; else the one of the last attempt; else the first. */
function chosen(
  marked: readonly ObservedClient[],
  nonce: string | undefined,
  stateClientId: string | undefined,
): ObservedClient {
  const byCredential = marked.find((client) => client.clientId === stateClientId);
  const byNonce = marked.find((client) => client.mark?.nonce === nonce);
  const first = byCredential ?? byNonce ?? [...marked].sort((a, b) => (a.ref < b.ref ? -1 : 1))[0];
  if (first === undefined) throw new Error("chosen() needs at least one client");
  return first;
}
