import { type Access, type AccessMap, type MapApi, type MapClient, originText, titleOf } from "./model.ts";

/** One client and one API, with everything that a table shows about both. */
export interface AccessRow {
  readonly access: Access;
  readonly client: MapClient;
  readonly api: MapApi;
  /** Scopes as text. */
  readonly scopes: string;
  readonly organizations: string;
  /** Where the access comes from, one text for each origin. */
  readonly origins: readonly string[];
  /** Why the client gets no token in spite of the access. Empty: it gets one. */
  readonly restriction: string;
}

/** The access of a map, by client and API. */
export function rowsOf(map: AccessMap): readonly AccessRow[] {
  const clients = new Map(map.clients.map((client) => [client.id, client]));
  const apis = new Map(map.apis.map((api) => [api.id, api]));
  return map.access
    .flatMap((access): readonly AccessRow[] => {
      const client = clients.get(access.client);
      const api = apis.get(access.api);
      return client === undefined || api === undefined ? [] : [rowOf(access, client, api)];
    })
    .sort((a, b) => compare(sortKey(a), sortKey(b)));
}

const sortKey = ({ client, api }: AccessRow): string => [client.tenant, titleOf(client), titleOf(api)].join("\n");
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function rowOf(access: Access, client: MapClient, api: MapApi): AccessRow {
  return {
    ...{ access, client, api },
    scopes: scopesText(access),
    organizations: organizationsText(access),
    origins: access.origins.map((origin) => originLine(origin, access.origins.length > 1)),
    restriction: client.restriction ?? api.restriction ?? "",
  };
}

function scopesText({ scopes, everyScope }: Access): string {
  if (everyScope === true) return scopes.length === 0 ? "every scope" : `${scopes.join(" ")} (every scope)`;
  return scopes.length === 0 ? "none (audience only)" : scopes.join(" ");
}

function organizationsText({ organizations }: Access): string {
  if (organizations === undefined) return "";
  const { usage, any, ids } = organizations;
  return `${usage === "Require" ? "required" : "allowed"}: ${any ? "any" : ids.join(" ") || "none"}`;
}

/** With its scopes where there are several origins, so that it is clear which came from where. */
function originLine(origin: Access["origins"][number], isOneOfSeveral: boolean): string {
  const text = originText(origin);
  return isOneOfSeveral && origin.scopes.length > 0 ? `${text}: ${origin.scopes.join(" ")}` : text;
}

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
];

/** Age as kubectl shows it: `12d`, `3h`, `5m`, `0s`. Empty while there is no credential. */
export function credentialAge({ credential }: MapClient, now: string): string {
  if (credential === undefined) return "";
  const ms = Math.max(0, Date.parse(now) - Date.parse(credential.createdAt));
  const [unit, size] = UNITS.find(([, length]) => ms >= length) ?? ["s", 1000];
  return `${String(Math.floor(ms / size))}${unit}`;
}
