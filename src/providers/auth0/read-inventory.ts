import { ClientGrantsClient } from "auth0/clientGrants";
import { ClientsClient } from "auth0/clients";
import { ResourceServersClient } from "auth0/resourceServers";
import type { Inventory, ListedGrant, Ref } from "../../ports/provider.ts";
import type { RawDocument } from "../unexpressed.ts";
import { mayReadKeys } from "./clients.ts";
import type { Auth0Context } from "./context.ts";
import { inventoryOf } from "./inventory.ts";
import { cursorPages, numberedPages } from "./pages.ts";

/** Never read, since nothing is done with them. */
const HIDDEN = { fields: "client_secret,encryption_key,signing_keys", include_fields: false } as const;
const HIDDEN_OF_API = { fields: "signing_secret", include_fields: false } as const;

/** Lists everything with every member, and reads the organizations of the grants that have some. */
export async function readInventory(
  context: Auth0Context,
  organizationsOf: (grant: Ref) => Promise<readonly string[]>,
): Promise<Inventory> {
  const { options, session, settings } = context;
  const apis = new ResourceServersClient(options);
  const clients = new ClientsClient(options);
  const grants = new ClientGrantsClient(options);
  const documents = {
    resourceServers: await all(
      numberedPages((request) => session.read(() => Promise.resolve(apis.list({ ...request, ...HIDDEN_OF_API })))),
    ),
    clients: await all(
      numberedPages((request) =>
        session.read(() => Promise.resolve(clients.list({ ...request, ...HIDDEN, is_global: false }))),
      ),
    ),
    clientGrants: await all(cursorPages((request) => session.read(() => Promise.resolve(grants.list(request))))),
  };
  const facts = { ownClientId: settings.clientId, areKeysShown: await mayReadKeys(context) };
  const inventory = inventoryOf(documents, facts);
  const linked: ListedGrant[] = [];
  for (const grant of inventory.grants)
    linked.push(grant.organizations.usage === "Deny" ? grant : await withOrganizations(grant, organizationsOf));
  return { ...inventory, grants: linked };
}

async function withOrganizations(
  grant: ListedGrant,
  organizationsOf: (grant: Ref) => Promise<readonly string[]>,
): Promise<ListedGrant> {
  return { ...grant, organizations: { ...grant.organizations, ids: await organizationsOf(grant.ref) } };
}

async function all(pages: AsyncIterable<readonly unknown[]>): Promise<readonly RawDocument[]> {
  const documents: RawDocument[] = [];
  for await (const page of pages) documents.push(...(page as readonly RawDocument[]));
  return documents;
}
