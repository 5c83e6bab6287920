import type { KeycloakCall } from "../../keycloak/proxy.ts";
import { SIZE } from "./documents.ts";

export type CallKind = "writes" | "listings" | "other reads" | "metadata documents and keys" | "tokens";

export const CALL_KINDS: readonly CallKind[] = [
  "writes",
  "listings",
  "other reads",
  "metadata documents and keys",
  "tokens",
];

/** Both answer with the whole realm at once. */
const LISTING = /^\/admin\/realms\/[^/]+\/(clients|client-scopes)$/;

/** The proof that the credential works asks for one client by the same path, so it counts as a listing as well. */
export function kindOf({ method, path }: Pick<KeycloakCall, "method" | "path">): CallKind {
  if (path.endsWith("/token")) return "tokens";
  if (!path.startsWith("/admin/")) return "metadata documents and keys";
  if (method !== "GET") return "writes";
  return LISTING.test(path) ? "listings" : "other reads";
}

export const countOf = (calls: readonly KeycloakCall[], ...kinds: readonly CallKind[]): number =>
  calls.filter((call) => kinds.includes(kindOf(call))).length;

/** What the Admin API counts as a failure, or asks to repeat. */
export const refusedIn = (calls: readonly KeycloakCall[]): number => calls.filter(({ status }) => status >= 400).length;

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Calls by method and path below the realm, with every ID left out. */
export function byEndpoint(calls: readonly KeycloakCall[]): readonly (readonly [endpoint: string, count: number])[] {
  const endpoints = Map.groupBy(
    calls,
    ({ method, path }) => `${method} ${path.replace(/^(\/admin)?\/realms\/[^/]+/, "").replaceAll(ID, "ID")}`,
  );
  return [...endpoints].map(([endpoint, members]) => [endpoint, members.length] as const).sort();
}

/**
 * An API is a client and its scopes. A client is one request. A grant is its scope, and the attribute of the client that
 * records it.
 */
export const FEWEST_WRITES =
  SIZE.apis * (1 + SIZE.scopesPerApi) + SIZE.clients + SIZE.clients * SIZE.grantsPerClient * 2;
