import type { ObservedClient, Provider, Ref } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import type { Mark } from "../../ports/mark.ts";
import { objectHash } from "../../ownership/owner.ts";
import type { KindContext } from "../kind-context.ts";
import { holderOf, type Peers } from "./peers.ts";
import type { ScopeGrant } from "./schema.ts";

/** The client at the provider that holds the grant, as far as the grant depends on whose it is. */
export interface HolderView {
  /** `undefined`: nothing says that the client is the one of clientRef, so that none of its grants is touched. */
  readonly ref: Ref | undefined;
  /** Why it is not; `undefined` when it is, or when none is known. */
  readonly refusal: string | undefined;
  /** As its mark says; `undefined` without a mark. */
  readonly origin: Mark["origin"] | undefined;
}

/**
 * A grant belongs to the owner of its client. The client's mark says who that is, also when the M2MClient is gone; a
 * client without a mark is taken for the one of clientRef only if a proven status names it.
 */
export async function observeHolder(
  { settings, sha256 }: Pick<KindContext, "settings" | "sha256">,
  { clients }: Provider,
  grant: ScopeGrant,
  peers: Peers,
): Promise<HolderView> {
  const ref = holderOf(grant, peers);
  if (ref === undefined || ref === ALL_CLIENTS) return { ref, refusal: undefined, origin: undefined };
  const client = await clients.get(ref);
  // Grants that a deleted client left behind serve nobody.
  if (client === undefined) return { ref, refusal: undefined, origin: undefined };
  const { namespace = "" } = grant.metadata;
  const name = grant.spec.clientRef?.name ?? "";
  const object = objectHash("M2MClient", namespace, name, sha256);
  const isOurs =
    client.mark === undefined
      ? isProven(client, grant, peers)
      : client.mark.instance === settings.instanceId && client.mark.object === object;
  if (isOurs) return { ref, refusal: undefined, origin: client.mark?.origin };
  const refusal = `Client ${client.clientId} does not carry the mark of M2MClient ${namespace}/${name}, so the operator does not manage its grants. Read the condition of that M2MClient.`;
  return { ref: undefined, refusal, origin: undefined };
}

const isProven = ({ ref }: ObservedClient, { status }: ScopeGrant, { client }: Peers): boolean =>
  (client?.status?.proof !== undefined && client.status.externalId === ref) ||
  (status?.proof !== undefined && status.clientExternalId === ref);
