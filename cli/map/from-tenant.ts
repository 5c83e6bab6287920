import type { Access, AccessMap, MapApi, MapClient, Origin } from "./model.ts";
import { type MapResources, scopesOf } from "./from-resources.ts";
import { tenantNodes, type TenantNodes } from "./tenant-nodes.ts";
import type { TenantCaller, TenantReading } from "./tenant-reading.ts";

/** Whether the ScopeGrants that could be behind the access of a client were all read. */
export type IsTold = (client: MapClient) => boolean;

/**
 * The map with what one tenant itself says. The tenant decides who may call what there. The resources say who requested
 * it.
 */
export function withTenant(
  map: AccessMap,
  resources: Pick<MapResources, "apis" | "clients">,
  reading: TenantReading,
  isTold: IsTold,
): AccessMap {
  const { tenant, vendor, readAt, callers, notes } = reading;
  const nodes = tenantNodes(map, resources, reading);
  const isElsewhere = ({ tenant: where }: { readonly tenant: string }): boolean => where !== tenant;
  const hereBefore = new Set(map.clients.filter((client) => !isElsewhere(client)).map(({ id }) => id));
  const before = map.access.filter(({ client }) => hereBefore.has(client));
  // A client that carries no mark has no M2MClient, and so no ScopeGrant.
  const marked = new Set(reading.clients.flatMap(({ ref, ownerHash }) => (ownerHash === undefined ? [] : [ref])));
  const isKnown = (client: MapClient, ref: string | undefined): boolean =>
    isTold(client) || (client.namespace === undefined && ref !== undefined && !marked.has(ref));
  const access = callers.flatMap((caller) =>
    accessOf(caller, nodes, before, (client) => isKnown(client, caller.client)),
  );
  const named = map.tenants.find(({ id }) => id === tenant);
  return {
    ...map,
    tenants: [
      ...map.tenants.filter(({ id }) => id !== tenant),
      { id: tenant, vendor, providers: named?.providers ?? [], source: "tenant", readAt },
    ],
    clients: [...map.clients.filter(isElsewhere), ...shownClients(map, nodes, access)],
    apis: [...map.apis.filter(isElsewhere), ...shown(map.apis, nodes.apis, tenant)],
    access: [...map.access.filter(({ client }) => !hereBefore.has(client)), ...access],
    notes: [...map.notes, ...notes, ...missing(before, access)],
  };
}

/** Resources that are not at the tenant yet stay: they call nothing there. */
function shown<T extends MapApi | MapClient>(before: readonly T[], there: ReadonlyMap<string, T>, tenant: string) {
  const ids = new Set([...there.values()].map(({ id }) => id));
  return [...there.values(), ...before.filter((node) => node.tenant === tenant && !ids.has(node.id))];
}

/** Of the tenant's own clients those that may call something: a tenant also holds the applications of people. */
function shownClients(map: AccessMap, nodes: TenantNodes, access: readonly Access[]): readonly MapClient[] {
  const callers = new Set(access.map(({ client }) => client));
  const all = shown(map.clients, nodes.clients, nodes.everyone.tenant);
  const everyone = callers.has(nodes.everyone.id) ? [nodes.everyone] : [];
  return [
    ...all.filter(
      ({ id, namespace, isEveryone }) => isEveryone !== true && (namespace !== undefined || callers.has(id)),
    ),
    ...everyone,
  ];
}

function accessOf(
  { client: ref, api: apiRef, scopes, everyScope, organizations }: TenantCaller,
  { clients, apis, everyone }: TenantNodes,
  before: readonly Access[],
  isTold: IsTold,
): readonly Access[] {
  const client = ref === undefined ? everyone : clients.get(ref);
  const api = apis.get(apiRef);
  // Of a client that is gone a tenant may still hold a grant, which serves nobody.
  if (client === undefined || api === undefined) return [];
  const held = [...new Set(scopes)].sort();
  return [
    {
      ...{ client: client.id, api: api.id, scopes: held },
      ...(everyScope ? { everyScope } : {}),
      ...(organizations === undefined
        ? {}
        : {
            organizations: {
              usage: organizations.usage,
              any: organizations.any ?? false,
              ids: organizations.ids ?? [],
            },
          }),
      origins: originsOf({ client, api, held, everyone }, before, isTold),
    },
  ];
}

interface Held {
  readonly client: MapClient;
  readonly api: MapApi;
  readonly held: readonly string[];
  readonly everyone: MapClient;
}

/** ScopeGrants of the client and those for every client, which its own grant includes. What is left, nobody requested. */
function originsOf(
  { client, api, held, everyone }: Held,
  before: readonly Access[],
  isTold: IsTold,
): readonly Origin[] {
  const requested = before
    .filter((one) => one.api === api.id && (one.client === client.id || one.client === everyone.id))
    .flatMap(({ origins }) => origins.filter(({ by }) => by === "ScopeGrant"))
    .map((origin) => ({ ...origin, scopes: origin.scopes.filter((scope) => held.includes(scope)) }))
    // A grant of the audience alone has no scopes.
    .filter(({ scopes }) => scopes.length > 0 || held.length === 0);
  const covered = new Set(scopesOf(requested));
  const left = held.filter((scope) => !covered.has(scope));
  if (left.length === 0 && requested.length > 0) return requested;
  const isWhole = requested.every(({ more }) => more === undefined);
  return [...requested, { by: isTold(client) && isWhole ? "Tenant" : "Unknown", scopes: left }];
}

/** What the status of the resources has and the tenant does not. */
function missing(before: readonly Access[], access: readonly Access[]): readonly string[] {
  const now = new Map(access.map((one) => [`${one.client}\n${one.api}`, new Set(one.scopes)]));
  return before.flatMap(({ client, api, origins }) => {
    const held = now.get(`${client}\n${api}`);
    const lost = (
      held === undefined ? origins : origins.filter(({ scopes }) => scopes.some((scope) => !held.has(scope)))
    ).filter(({ by }) => by === "ScopeGrant");
    return lost.map(
      ({ namespace = "", name = "", scopes }) =>
        `lost: ScopeGrant ${namespace}/${name} (the tenant does not grant ${scopes.filter((scope) => held?.has(scope) !== true).join(", ") || "its audience"})`,
    );
  });
}
