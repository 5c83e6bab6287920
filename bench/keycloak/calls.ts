import type { KeycloakCall } from "../../keycloak/proxy.ts";
import { byEndpoint as byEndpointOf, countBy, kindBy } from "../call-kinds.ts";
import { SIZE } from "./documents.ts";

/** Both answer with the whole realm at once. */
const LISTING = /^\/admin\/realms\/[^/]+\/(clients|client-scopes)$/;

/** The proof that the credential works asks for one client by the same path, so it counts as a listing as well. */
export const kindOf = kindBy({
  isManagement: (path) => path.startsWith("/admin/"),
  isListing: (path) => LISTING.test(path),
});

export const countOf = countBy(kindOf);

/** What the Admin API counts as a failure, or asks to repeat. */
export const refusedIn = (calls: readonly KeycloakCall[]): number => calls.filter(({ status }) => status >= 400).length;

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Calls by method and path below the realm, with every ID left out. */
export const byEndpoint = (calls: readonly KeycloakCall[]) =>
  byEndpointOf(calls, (path) => path.replace(/^(\/admin)?\/realms\/[^/]+/, "").replaceAll(ID, "ID"));

/**
 * An API is a client and its scopes. A client is one request. A grant is its scope, and the attribute of the client that
 * records it.
 */
export const FEWEST_WRITES =
  SIZE.apis * (1 + SIZE.scopesPerApi) + SIZE.clients + SIZE.clients * SIZE.grantsPerClient * 2;
