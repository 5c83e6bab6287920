import type { Access, AccessMap, MapApi, MapClient } from "./model.ts";
import { titleOf } from "./model.ts";

/** What to show of a map. Every member that is set must hold. `*` in a text matches any characters. */
export interface MapFilter {
  /** Clients or APIs of this namespace. */
  readonly namespace?: string | undefined;
  /** Name, namespace/name or client ID. */
  readonly client?: string | undefined;
  /** Name, namespace/name or audience. */
  readonly api?: string | undefined;
  readonly scope?: string | undefined;
}

/** The part of the map that the filter names. Clients and APIs without access stay while nothing but a namespace is named. */
export function filtered(map: AccessMap, filter: MapFilter): AccessMap {
  const clients = new Map(map.clients.map((client) => [client.id, client]));
  const apis = new Map(map.apis.map((api) => [api.id, api]));
  const access = map.access
    .filter(({ client, api }) => isWanted(filter, clients.get(client), apis.get(api)))
    .flatMap((one) => withScope(one, filter.scope));
  const isNamed = filter.client !== undefined || filter.api !== undefined || filter.scope !== undefined;
  const used = new Set(access.flatMap(({ client, api }) => [client, api]));
  const isShown = ({ id, namespace }: MapClient | MapApi): boolean => {
    if (used.has(id)) return true;
    return !isNamed && (filter.namespace === undefined || filter.namespace === namespace);
  };
  return { ...map, clients: map.clients.filter(isShown), apis: map.apis.filter(isShown), access };
}

function isWanted(filter: MapFilter, client: MapClient | undefined, api: MapApi | undefined): boolean {
  if (client === undefined || api === undefined) return false;
  const { namespace } = filter;
  if (namespace !== undefined && client.namespace !== namespace && api.namespace !== namespace) return false;
  // What every client may do, each single one may do too.
  const isClient =
    filter.client === undefined || client.isEveryone === true || isNamedBy(filter.client, namesOfClient(client));
  return isClient && (filter.api === undefined || isNamedBy(filter.api, namesOfApi(api)));
}

function withScope(access: Access, scope: string | undefined): readonly Access[] {
  if (scope === undefined) return [access];
  const isMatch = (name: string): boolean => isNamedBy(scope, [name]);
  const scopes = access.scopes.filter(isMatch);
  if (scopes.length === 0) return [];
  const origins = access.origins
    .map((origin) => ({ ...origin, scopes: origin.scopes.filter(isMatch) }))
    .filter((origin) => origin.scopes.length > 0);
  return [{ ...access, scopes, origins }];
}

/** Every name by which a filter finds it. */
export const namesOfClient = ({ namespace, name, clientId }: MapClient): readonly string[] => [
  name,
  titleOf({ ...(namespace === undefined ? {} : { namespace }), name }),
  ...(clientId === undefined ? [] : [clientId]),
];

export const namesOfApi = ({ namespace, name, audience }: MapApi): readonly string[] => [
  name,
  titleOf({ ...(namespace === undefined ? {} : { namespace }), name }),
  audience,
];

/** Whether one of the names is the text, or matches it as a pattern. */
export function isNamedBy(text: string, names: readonly string[]): boolean {
  const parts = text.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  const pattern = new RegExp(`^${parts.join(".*")}$`, "su");
  return names.some((name) => pattern.test(name));
}
