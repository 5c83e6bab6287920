import type { Snapshot } from "../status/snapshot.ts";
import type { Access, AccessMap, MapApi, MapClient, Origin } from "./model.ts";
import { apiIdOf, apiNode, clientIdOf, clientNode, everyoneIdOf, tenantsOf } from "./resource-nodes.ts";
import { type Claim, claimsOf } from "./resource-claims.ts";

export type MapResources = Pick<Snapshot, "providers" | "apis" | "clients" | "grants" | "notes">;

/** Who may call what, as the status of the resources says. */
export function mapFromResources(resources: MapResources, madeAt: string): AccessMap {
  const { providers, notes } = resources;
  const clients = new Map(resources.clients.map((client) => keyed(clientNode(providers, client))));
  const apis = new Map(resources.apis.map((api) => keyed(apiNode(providers, api))));
  const pairs = claimsOf(resources).map((claim) => ({ claim, ...sidesOf(claim, clients, apis) }));
  for (const { client, api } of pairs) {
    if (!clients.has(client.id)) clients.set(client.id, client);
    if (!apis.has(api.id)) apis.set(api.id, api);
  }
  const tenants = tenantsOf(providers, new Set([...clients.values(), ...apis.values()].map(({ tenant }) => tenant)));
  const access = accessOf(pairs);
  return {
    ...{ madeAt, tenants, clients: [...clients.values()], apis: [...apis.values()], access },
    notes: [...notes, ...cutLists(resources, access)],
  };
}

const keyed = <T extends { readonly id: string }>(node: T): readonly [string, T] => [node.id, node];

type Nodes<T> = ReadonlyMap<string, T>;
interface Pair {
  readonly claim: Claim;
  readonly client: MapClient;
  readonly api: MapApi;
}

/** Both sides of a claim: as they were read, else as much as the claim tells. */
function sidesOf(claim: Claim, clients: Nodes<MapClient>, apis: Nodes<MapApi>): Omit<Pair, "claim"> {
  const known =
    claim.client === "everyone" ? undefined : clients.get(clientIdOf(claim.client.namespace, claim.client.name));
  const api = apiOf(claim, known?.tenant ?? claim.tenant, apis);
  return { api, client: known ?? strangerOf(claim, api.tenant) };
}

function strangerOf({ client }: Claim, tenant: string): MapClient {
  if (client === "everyone") return { id: everyoneIdOf(tenant), tenant, name: "all clients", isEveryone: true };
  return { id: clientIdOf(client.namespace, client.name), tenant, ...client };
}

function apiOf({ api, audience = "" }: Claim, tenant: string | undefined, apis: Nodes<MapApi>): MapApi {
  if ("audience" in api) {
    const declared = [...apis.values()].find((one) => one.audience === api.audience && one.tenant === tenant);
    const where = tenant ?? "";
    return declared ?? { id: `${where} ${api.audience}`, tenant: where, name: api.audience, audience: api.audience };
  }
  const id = apiIdOf(api.namespace, api.name);
  return apis.get(id) ?? { id, tenant: tenant ?? "", ...api, audience };
}

/** One entry for each client and API. */
function accessOf(pairs: readonly Pair[]): readonly Access[] {
  const groups = Map.groupBy(pairs, ({ client, api }) => `${client.id}\n${api.id}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const organizations = group.map(({ claim }) => claim.organizations).find((one) => one !== undefined);
    const origins = group.map(({ claim }) => claim.origin);
    return [
      {
        ...{ client: first.client.id, api: first.api.id, scopes: scopesOf(origins) },
        ...(organizations === undefined ? {} : { organizations }),
        origins,
      },
    ];
  });
}

export const scopesOf = (origins: readonly Pick<Origin, "scopes">[]): readonly string[] =>
  [...new Set(origins.flatMap(({ scopes }) => scopes))].sort();

/** Status lists the first grants of an API alone. */
const cutLists = ({ apis }: MapResources, access: readonly Access[]): readonly string[] =>
  apis.flatMap(({ metadata: { namespace = "", name }, status }) => {
    const all = status?.grantCount ?? 0;
    const shown = access
      .filter(({ api }) => api === apiIdOf(namespace, name))
      .flatMap(({ origins }) => origins.filter(({ by }) => by === "ScopeGrant")).length;
    if (shown >= all) return [];
    return [
      `not shown: ${String(all - shown)} ScopeGrants for OAuthApi ${namespace}/${name} (its status lists the first 100)`,
    ];
  });
