import type { Inventory } from "../../src/ports/provider.ts";
import { usage } from "../failure.ts";

/** The inventory without these clients and APIs and their grants, and what that was. Throws a usage failure. */
export function excluding(
  inventory: Inventory,
  ids: readonly string[],
): { readonly inventory: Inventory; readonly excluded: string | undefined } {
  if (ids.length === 0) return { inventory, excluded: undefined };
  const clients = inventory.clients.filter(({ clientId }) => ids.includes(clientId));
  const apis = inventory.apis.filter(({ audience }) => ids.includes(audience));
  const known = new Set([...clients.map(({ clientId }) => clientId), ...apis.map(({ audience }) => audience)]);
  const unknown = ids.find((id) => !known.has(id));
  if (unknown !== undefined) throw usage(`--exclude ${unknown} is neither a client ID nor an audience of the tenant.`);
  const refs = new Set([...clients, ...apis].map(({ ref }) => ref));
  const grants = inventory.grants.filter(
    ({ client, api, audience }) => refs.has(client) || (api !== undefined && refs.has(api)) || ids.includes(audience),
  );
  return {
    inventory: {
      ...inventory,
      apis: inventory.apis.filter((one) => !apis.includes(one)),
      clients: inventory.clients.filter((one) => !clients.includes(one)),
      grants: inventory.grants.filter((one) => !grants.includes(one)),
    },
    excluded: `${String(apis.length)} APIs, ${String(clients.length)} clients and ${String(grants.length)} grants`,
  };
}
