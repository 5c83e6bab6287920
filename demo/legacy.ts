import type { Tenant } from "../sandbox/auth0/tenant.ts";

/** What the example `auth0/adoption` adopts, as somebody made it by hand years ago. */
export function makeLegacy({ state }: Pick<Tenant, "state">): void {
  const [apiId, clientId, grantId] = [
    "65a000000000000000000001",
    "LegacyInvoiceExportClientId00001",
    "cgr_LegacyLegacyLega",
  ];
  const audience = "https://legacy.example.com/invoices";
  state.resourceServers.set(apiId, {
    ...{ id: apiId, identifier: audience, name: "Invoices" },
    scopes: [{ value: "read:invoices", description: "Read" }, { value: "write:invoices" }],
  });
  state.clients.set(clientId, {
    ...{ client_id: clientId, client_secret: "not-a-real-secret", name: "Invoice export", is_first_party: true },
    ...{ app_type: "non_interactive", grant_types: ["client_credentials"] },
    ...{ token_endpoint_auth_method: "client_secret_post", client_metadata: { owner: "finance" } },
  });
  state.grants.set(grantId, {
    ...{ id: grantId, client_id: clientId, audience },
    ...{ scope: ["read:invoices"], subject_type: "client" },
  });
}
