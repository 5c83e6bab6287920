import { z } from "zod";
import { type Asked, answered, created, type Operation, removed, changed, type Vendor } from "../answers.ts";
import { clientDocument, scopeDocument, serverDocument } from "./documents.ts";

/** The object that the path names. */
const isThis = ({ id }: { readonly id: string }, { ids }: Asked): boolean => id === Object.values(ids).at(-1);

/** A filter that was not requested lets everything through. */
const isWanted = (wanted: string | null, value: string): boolean => wanted === null || wanted === value;

/** Below the path of the server's URL. */
function operationsOf(base: string): readonly Operation[] {
  const clients = `${base}/admin/realms/{realm}/clients`;
  const scopes = `${base}/admin/realms/{realm}/client-scopes`;
  return [
    answered(`GET ${base}/admin/serverinfo`, serverDocument),
    answered(`GET ${clients}`, z.array(clientDocument), (list, { query }) =>
      list.every(({ clientId }) => isWanted(query.get("clientId"), clientId)),
    ),
    created(`POST ${clients}`),
    answered(`GET ${clients}/{client}`, clientDocument, isThis),
    changed(`PUT ${clients}/{client}`),
    removed(`DELETE ${clients}/{client}`),
    changed(`PUT ${clients}/{client}/optional-client-scopes/{scope}`),
    removed(`DELETE ${clients}/{client}/optional-client-scopes/{scope}`),
    removed(`DELETE ${clients}/{client}/default-client-scopes/{scope}`),
    answered(`GET ${scopes}`, z.array(scopeDocument)),
    created(`POST ${scopes}`),
    answered(`GET ${scopes}/{scope}`, scopeDocument, isThis),
    changed(`PUT ${scopes}/{scope}`),
    removed(`DELETE ${scopes}/{scope}`),
    created(`POST ${scopes}/{scope}/protocol-mappers/models`),
    changed(`PUT ${scopes}/{scope}/protocol-mappers/models/{mapper}`),
  ];
}

/** How Keycloak says that a client, a client scope or a mapper does not exist. A missing realm is none of these. */
const NOT_FOUND = ["Could not find client", "Could not find client scope", "Client scope not found", "Model not found"];

/** Everything that this adapter asks of the Admin REST API. */
export const vendorAt = (url: string): Vendor => ({
  label: "Keycloak",
  operations: operationsOf(new URL(url).pathname.replace(/\/+$/, "")),
  notFound: z.object({ error: z.enum(NOT_FOUND) }),
});
