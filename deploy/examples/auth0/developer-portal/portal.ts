/**
 * What the portal does when a customer signs up: makes an organization, a client for the customer, and a grant on the
 * portal's own API that binds the customer's tokens to the organization. Reads the five variables of its Secret.
 *
 * usage: node portal.ts CUSTOMER FILE_FOR_THE_CUSTOMERS_TOKEN
 */
import { writeFileSync } from "node:fs";
import { ClientGrantsClient } from "auth0/clientGrants";
import { ClientsClient } from "auth0/clients";
import { OrganizationsClient } from "auth0/organizations";
import { ClientGrantsClient as OrganizationGrantsClient } from "auth0/organizations/clientGrants";

const [customer = "customer", tokenFile = "token"] = process.argv.slice(2);
const setting = (name: string): string => process.env[`PLUGIN_AUTH0_M2M_${name}`] ?? "";
const domain = setting("DOMAIN");

async function tokenFor(parameters: Readonly<Record<string, string>>): Promise<string> {
  const body = new URLSearchParams({ grant_type: "client_credentials", ...parameters });
  const response = await fetch(`https://${domain}/oauth/token`, { method: "POST", body });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`the token endpoint answered ${String(response.status)}`);
  return token;
}

const management = {
  baseUrl: `https://${domain}/api/v2`,
  token: await tokenFor({
    client_id: setting("CLIENT_ID"),
    client_secret: setting("CLIENT_SECRET"),
    audience: `https://${domain}/api/v2/`,
  }),
  maxRetries: 0,
};
const [audience, scope] = [setting("API_AUDIENCE"), setting("API_SCOPE").split(" ")];

const { id: organization = "" } = await new OrganizationsClient(management).create({
  name: customer,
  display_name: customer,
});
const { client_id: clientId = "", client_secret: clientSecret = "" } = await new ClientsClient(management).create({
  name: `${customer} (portal)`,
  app_type: "non_interactive",
  grant_types: ["client_credentials"],
  token_endpoint_auth_method: "client_secret_post",
});
const { id: grantId = "" } = await new ClientGrantsClient(management).create({
  client_id: clientId,
  audience,
  scope,
  organization_usage: "require",
  allow_any_organization: false,
});
await new OrganizationGrantsClient(management).create(organization, { grant_id: grantId });

const token = await tokenFor({ client_id: clientId, client_secret: clientSecret, audience, organization });
writeFileSync(tokenFile, token, { mode: 0o600 });
console.log(JSON.stringify({ organization, clientId, grantId }));
