import type { Inventory, Ref } from "../../ports/provider.ts";
import type { ListedServer } from "./apis.ts";
import type { OktaContext } from "./context.ts";
import type { AppDocument } from "./documents.ts";
import { inventoryOf } from "./inventory.ts";
import type { ServerDocuments } from "./inventory-grants.ts";
import { allOf } from "./pages.ts";
import type { PartsView } from "./server-parts.ts";

/** Lists the apps with every member, and reads what is below each server, its claims too. */
export async function readInventory(
  { session, sdk, settings }: OktaContext,
  servers: readonly ListedServer[],
  parts: PartsView,
): Promise<Inventory> {
  const request = { filter: 'name eq "oidc_client"', limit: 200 };
  const apps = await allOf<AppDocument>(
    await session.read(() => sdk.applicationApi.listApplications(request)),
    (call) => session.read(call),
  );
  const documents: ServerDocuments[] = [];
  for (const server of servers) {
    const ref = server.id as Ref;
    await parts.ensure(ref);
    await parts.wantClaims(ref);
    documents.push({ server, parts: await parts.ensure(ref) });
  }
  const { credential } = settings;
  return inventoryOf(
    { servers: documents, apps },
    { ownClientId: credential.kind === "key" ? credential.clientId : undefined },
  );
}
