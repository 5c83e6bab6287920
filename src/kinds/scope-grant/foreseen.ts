import type { Provider, Ref } from "../../ports/provider.ts";
import { freshSince } from "../access/fresh-reading.ts";
import { isObserveOnly } from "../access/observe-only.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import { adoptedApiIdOf, type OAuthApi } from "../oauth-api/schema.ts";
import { isPreviewed } from "../status/judged.ts";
import type { Desired, Observed, PeerView } from "./model.ts";
import type { Peers } from "./peers.ts";

/** Stands for what does not exist at the tenant; nothing is sent there with it. */
const TO_BE_CREATED = "(to be created)" as Ref;

type Foreseen = Pick<Observed, "client" | "api" | "isClientAdopted" | "remote">;

/**
 * Where the operator only observes, the grant as it would be found once its client and its API are created or adopted as
 * their own previews say. `undefined` while one of them has no such preview.
 */
export async function foresee(
  provider: Provider,
  { isAbsent }: Pick<Desired, "isAbsent">,
  peers: Peers,
  now: Date,
  { provider: access, client, api, isClientAdopted }: Pick<Observed, "provider" | "client" | "api" | "isClientAdopted">,
): Promise<Foreseen | undefined> {
  if (isAbsent || !isObserveOnly(access)) return undefined;
  const clientRef = await refOf(client, () => clientAhead(provider, peers.client, now));
  const apiRef = await refOf(api, () => apiAhead(provider, peers.api, now));
  const audience = peers.api?.spec.audience;
  const since = peers.client === undefined ? undefined : freshSince(peers.client.metadata, now);
  if (clientRef === undefined || apiRef === undefined || audience === undefined) return undefined;
  const exists = clientRef !== TO_BE_CREATED && apiRef !== TO_BE_CREATED;
  return {
    client: { state: "ready", ref: clientRef },
    api: { state: "ready", ref: apiRef },
    isClientAdopted: isClientAdopted || peers.client?.spec.adopt === true,
    remote: {
      kind: "read",
      grant: exists ? await provider.grants.find(clientRef, { ref: apiRef, audience }, false, since) : undefined,
    },
  };
}

const refOf = (side: PeerView, ahead: () => Promise<Ref | undefined>): Promise<Ref | undefined> =>
  side.state === "ready" ? Promise.resolve(side.ref) : ahead();

async function clientAhead({ clients }: Provider, client: M2MClient | undefined, now: Date): Promise<Ref | undefined> {
  if (client === undefined || !isPreviewed(client)) return undefined;
  const { adopt, clientId } = client.spec;
  if (adopt !== true || clientId === undefined) return TO_BE_CREATED;
  return (await clients.findByClientId(clientId, freshSince(client.metadata, now)))?.ref;
}

async function apiAhead({ apis }: Provider, api: OAuthApi | undefined, now: Date): Promise<Ref | undefined> {
  if (api === undefined || !isPreviewed(api)) return undefined;
  if (api.spec.adopt !== true) return TO_BE_CREATED;
  const id = adoptedApiIdOf(api);
  const found =
    id === "" ? await apis.findByAudience(api.spec.audience, freshSince(api.metadata, now)) : await apis.get(id as Ref);
  return found?.ref;
}
