import type { Mark } from "../../ports/mark.ts";
import type { ClientChange, Clients, ClientSpec, CreatedClient, ObservedClient, Ref } from "../../ports/provider.ts";
import { carrying } from "./apis.ts";
import { simulatedCredentials } from "./credentials.ts";
import type { GrantEffects } from "./grants.ts";
import type { Layer } from "./layer.ts";
import { createLookup } from "./lookup.ts";
import { notFound, type TenantRoom } from "./room.ts";

/** The tenant's clients under the writes of a preview. */
export function simulatedClients(room: TenantRoom, layer: Layer<ObservedClient>, grants: GrantEffects): Clients {
  const { clients } = room.tenant;
  const lookup = createLookup<ObservedClient>();
  const get: Clients["get"] = async (ref) =>
    layer.isWritten(ref) ? layer.known(ref) : layer.over(await clients.get(ref));
  const findByOwner: Clients["findByOwner"] = async (instance, uid) =>
    layer.overAll(
      await clients.findByOwner(instance, uid),
      carrying(instance, (mark) => mark.uid === uid),
    );
  const present = async (ref: Ref): Promise<ObservedClient> => {
    const client = await get(ref);
    if (client === undefined) throw notFound("client");
    return client;
  };
  const put = (client: ObservedClient): ObservedClient => {
    layer.put({ ...client, readAt: room.now() });
    return client;
  };
  const { values, ...credentials } = simulatedCredentials(room, present, put);
  return {
    ...credentials,
    ...simulatedSubjects(room, layer, present, put),
    get,
    findByClientId: async (clientId, since) => {
      const [written] = layer.overAll([], (client) => client.clientId === clientId);
      const find = (when?: Date) => clients.findByClientId(clientId, when);
      return written ?? layer.over(await lookup(clientId, since, find));
    },
    list: async () => layer.overAll(await clients.list(), () => true),
    findByOwner,
    // A preview rests on the view that there is.
    findByOwnerSince: findByOwner,
    findByObject: async (instance, object) =>
      layer.overAll(
        await clients.findByObject(instance, object),
        carrying(instance, (mark) => mark.object === object),
      ),
    create: (spec, mark) => {
      const created = createdClient(room, spec, mark);
      const { client, clientSecret } = created;
      put(client);
      if (clientSecret !== undefined) values.set(client.ref, clientSecret);
      return Promise.resolve(created);
    },
    update: async (ref, change) => put(changedClient(await present(ref), change)),
    remove: async (ref) => {
      const client = await get(ref);
      layer.drop(ref);
      if (client !== undefined) grants.dropOfClient(ref);
    },
  };
}

/** Service accounts of clients, where the tenant knows any. */
function simulatedSubjects(
  {
    tenant: {
      clients: { subjects },
    },
  }: TenantRoom,
  layer: Layer<ObservedClient>,
  present: (ref: Ref) => Promise<ObservedClient>,
  put: (client: ObservedClient) => ObservedClient,
): Pick<Clients, "subjects"> {
  if (subjects === undefined) return {};
  return {
    subjects: {
      findBy: async (subject) => layer.overAll(await subjects.findBy(subject), (client) => client.subject === subject),
      set: async (ref, subject) => {
        put({ ...(await present(ref)), authenticationMethod: "kubernetes", subject, secrets: [], keyRefs: [] });
      },
    },
  };
}

function createdClient(room: TenantRoom, spec: ClientSpec, mark: Mark): CreatedClient {
  const { placeholders, fingerprint, now, capabilities } = room;
  const hasNone = spec.authenticationMethod === "private_key_jwt" || spec.authenticationMethod === "kubernetes";
  const clientSecret = hasNone ? undefined : placeholders.secret();
  const keys = (spec.publicKeys ?? []).map(({ keyId }) => ({ ref: placeholders.ref("key"), keyId }));
  const ref = placeholders.ref("client");
  const isEnabled = spec.isEnabled ?? true;
  const client: ObservedClient = {
    ref,
    clientId: (capabilities.choosesClientId ? spec.clientId : undefined) ?? ref,
    displayName: spec.displayName,
    description: spec.description,
    metadata: spec.metadata,
    authenticationMethod: spec.authenticationMethod,
    subject: spec.subject,
    mark,
    secrets: clientSecret === undefined ? [] : [{ ref: undefined, fingerprint: fingerprint(clientSecret) }],
    keyRefs: keys.map((key) => key.ref),
    tokenQuota: spec.tokenQuota,
    defaultOrganization: spec.defaultOrganization,
    isEnabled,
    isService: true,
    isServiceType: true,
    isSystem: false,
    readAt: now(),
  };
  return { client, clientSecret, keys };
}

function changedClient(before: ObservedClient, change: ClientChange): ObservedClient {
  const { metadata, mark, defaultOrganization, restoreServiceType, authenticationMethod, ...fields } = change;
  const service = { isService: true, isServiceType: true, isEnabled: change.isEnabled ?? true };
  return {
    ...before,
    ...fields,
    ...(authenticationMethod === undefined ? {} : withMethod(before, authenticationMethod)),
    ...(metadata === undefined ? {} : { metadata: merged(before.metadata, metadata) }),
    ...(mark === undefined ? {} : { mark: mark ?? undefined }),
    ...(defaultOrganization === undefined ? {} : { defaultOrganization: defaultOrganization ?? undefined }),
    ...(restoreServiceType === true ? service : {}),
  };
}

/** A secret takes the place of keys. */
function withMethod(before: ObservedClient, method: NonNullable<ClientChange["authenticationMethod"]>) {
  const hadNone = before.authenticationMethod === "private_key_jwt" || before.authenticationMethod === "kubernetes";
  return {
    ...{ authenticationMethod: method, subject: undefined },
    ...(hadNone ? { secrets: undefined, keyRefs: [] } : {}),
  };
}

function merged(
  before: Readonly<Record<string, string>>,
  change: Readonly<Record<string, string | null>>,
): Readonly<Record<string, string>> {
  const entries = Object.entries({ ...before, ...change });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}
