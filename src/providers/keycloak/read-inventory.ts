import type { Inventory } from "../../ports/provider.ts";
import type { KeycloakContext } from "./context.ts";
import type { RawClient, ScopeDocument } from "./documents.ts";
import { inventoryOf } from "./inventory.ts";
import { clientPages } from "./pages.ts";

/** Lists the clients and the client scopes of the realm with every member. */
export async function readInventory({ ownClientId, session, settings }: KeycloakContext): Promise<Inventory> {
  // Pages overlap.
  const clients = new Map<string, RawClient>();
  const pages = clientPages((query) => session.get<readonly RawClient[]>(`/clients${query}`));
  for await (const page of pages) for (const document of page) clients.set(document.id, document);
  const scopes = await session.get<readonly ScopeDocument[]>("/client-scopes");
  const { kubernetesIdentityProvider } = settings;
  return inventoryOf(
    { clients: [...clients.values()], scopes },
    { ownClientId: ownClientId(), kubernetesIdentityProvider },
  );
}
