import { conditionOf } from "../../controller/conditions.ts";
import type { Provider, Ref } from "../../ports/provider.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import { adoptedApiIdOf, type OAuthApi } from "../oauth-api/schema.ts";
import type { Observed } from "./model.ts";
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
  peers: Peers,
  { client, api, isClientAdopted }: Pick<Observed, "client" | "api" | "isClientAdopted">,
): Promise<Foreseen | undefined> {
  const [clientRef, apiRef] = [
    client.state === "ready" ? client.ref : await clientAhead(provider, peers.client),
    api.state === "ready" ? api.ref : await apiAhead(provider, peers.api),
  ];
  const audience = peers.api?.spec.audience;
  if (clientRef === undefined || apiRef === undefined || audience === undefined) return undefined;
  const exists = clientRef !== TO_BE_CREATED && apiRef !== TO_BE_CREATED;
  return {
    client: { state: "ready", ref: clientRef },
    api: { state: "ready", ref: apiRef },
    isClientAdopted: isClientAdopted || peers.client?.spec.adopt === true,
    remote: {
      kind: "read",
      grant: exists ? await provider.grants.find(clientRef, { ref: apiRef, audience }, false) : undefined,
    },
  };
}

const isPreviewed = ({ status }: OAuthApi | M2MClient): boolean =>
  conditionOf(status?.conditions, "Ready")?.reason === "ObserveOnly";

async function clientAhead({ clients }: Provider, client: M2MClient | undefined): Promise<Ref | undefined> {
  if (client === undefined || !isPreviewed(client)) return undefined;
  const { adopt, clientId } = client.spec;
  if (adopt !== true || clientId === undefined) return TO_BE_CREATED;
  return (await clients.findByClientId(clientId))?.ref;
}

async function apiAhead({ apis }: Provider, api: OAuthApi | undefined): Promise<Ref | undefined> {
  if (api === undefined || !isPreviewed(api)) return undefined;
  if (api.spec.adopt !== true) return TO_BE_CREATED;
  const id = adoptedApiIdOf(api);
  const found = id === "" ? await apis.findByAudience(api.spec.audience) : await apis.get(id as Ref);
  return found?.ref;
}
