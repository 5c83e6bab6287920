import type { GrantedApi, Provider, Ref } from "../../ports/provider.ts";
import { freshSince } from "../access/fresh-reading.ts";
import { isObserveOnly } from "../access/observe-only.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import { adoptedApiIdOf, type OAuthApi } from "../oauth-api/schema.ts";
import { isPreviewed } from "../status/judged.ts";
import type { Desired, Observed, PeerView } from "./model.ts";
import type { Peers } from "./peers.ts";

/** Stands for what does not exist at the tenant; nothing is sent there with it. */
const TO_BE_CREATED = "(to be created)" as Ref;

type Sides = Pick<Observed, "provider" | "client" | "api" | "isClientAdopted">;

/** The two sides as they will be, and by which references the grant is found; `found` is undefined while there can be none. */
export interface Foreseen {
  readonly sides: Pick<Observed, "client" | "api" | "isClientAdopted">;
  readonly found: { readonly client: Ref; readonly api: GrantedApi } | undefined;
  /** How old the last read may be: the time from which the client's resource is there. */
  readonly since: Date | undefined;
}

/**
 * Where the operator only observes, the two sides as they will be once they are created or adopted as their own previews
 * say. `undefined` while one of them has no such preview, and where both are there already: nothing is foreseen then.
 */
export async function foresee(
  provider: Provider,
  { isAbsent }: Pick<Desired, "isAbsent">,
  peers: Peers,
  now: Date,
  { provider: access, client, api, isClientAdopted }: Sides,
): Promise<Foreseen | undefined> {
  const areThere = client.state === "ready" && api.state === "ready";
  if (isAbsent || areThere || !isObserveOnly(access)) return undefined;
  const clientRef = await refOf(client, () => clientAhead(provider, peers.client, now));
  const apiRef = await refOf(api, () => apiAhead(provider, peers.api, now));
  const audience = (peers.api?.spec ?? peers.external)?.audience;
  if (clientRef === undefined || apiRef === undefined || audience === undefined) return undefined;
  return {
    sides: {
      client: { state: "ready", ref: clientRef },
      api: { state: "ready", ref: apiRef },
      isClientAdopted: isClientAdopted || adopts(peers.client),
    },
    found: pairOf(clientRef, apiRef, audience),
    since: neededSince(peers.client, now),
  };
}

const neededSince = (client: M2MClient | undefined, now: Date): Date | undefined =>
  client === undefined ? undefined : freshSince(client.metadata, now);

const adopts = (client: M2MClient | undefined): boolean => client?.spec.adopt === true;

/** Both sides at the tenant; `undefined` while one of them has to be created. */
function pairOf(client: Ref, api: Ref, audience: string): Foreseen["found"] {
  const exists = client !== TO_BE_CREATED && api !== TO_BE_CREATED;
  return exists ? { client, api: { ref: api, audience } } : undefined;
}

/** What its owner refuses is not foreseen: no step of the other preview lifts that. */
async function refOf(side: PeerView, ahead: () => Promise<Ref | undefined>): Promise<Ref | undefined> {
  if (side.state === "refused") return undefined;
  return side.state === "ready" ? side.ref : ahead();
}

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
