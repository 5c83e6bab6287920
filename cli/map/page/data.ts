import { type AccessMap, type MapApi, type MapClient, titleOf } from "../model.ts";
import type { AccessRow } from "../rows.ts";

interface PageNode {
  readonly title: string;
  readonly detail: string;
}

/** What the program of the page works with. Rows are in the order of the table, sides are indexes. */
interface PageData {
  readonly clients: readonly PageNode[];
  readonly apis: readonly PageNode[];
  readonly rows: readonly {
    readonly client: number;
    readonly api: number;
    readonly tenant: string;
    readonly namespaces: readonly string[];
    readonly origins: readonly string[];
    readonly isRestricted: boolean;
    readonly scopes: string;
    /** Everything that a search finds it by, in lower case. */
    readonly text: string;
  }[];
}

/** The data of the page. */
export function pageData(map: AccessMap, rows: readonly AccessRow[]): PageData {
  const clientAt = new Map(map.clients.map(({ id }, index) => [id, index]));
  const apiAt = new Map(map.apis.map(({ id }, index) => [id, index]));
  return {
    clients: map.clients.map((client) => ({ title: titleOf(client), detail: clientDetail(client) })),
    apis: map.apis.map((api) => ({ title: titleOf(api), detail: api.name === api.audience ? "" : api.audience })),
    rows: rows.map((row) => ({
      client: clientAt.get(row.client.id) ?? -1,
      api: apiAt.get(row.api.id) ?? -1,
      tenant: row.client.tenant,
      namespaces: namespacesIn([row.client, row.api]),
      origins: [...new Set(row.access.origins.map(({ by }) => by))],
      isRestricted: row.restriction !== "",
      scopes: row.scopes,
      text: searchText(row),
    })),
  };
}

const clientDetail = ({ clientId, name }: MapClient): string =>
  clientId === undefined || clientId === name ? "" : clientId;

/** Namespaces of clients and APIs, sorted. */
export const namespacesIn = (nodes: readonly (MapClient | MapApi)[]): readonly string[] =>
  [...new Set(nodes.flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace])))].sort();

function searchText({ client, api, scopes, organizations, origins, restriction }: AccessRow): string {
  const parts = [
    titleOf(client),
    client.clientId ?? "",
    client.tenant,
    client.method ?? "",
    titleOf(api),
    api.audience,
  ];
  return [...parts, scopes, organizations, ...origins, restriction].join(" ").toLowerCase();
}
