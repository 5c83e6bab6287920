import { Agent, fetch } from "undici";
import type { Sandbox } from "../../sandbox/start.ts";

/** What somebody made at the tenant long ago, by hand. */
export interface Legacy {
  readonly audience: string;
  readonly clientId: string;
  /** Of the Okta org. */
  readonly authorizationServerId: string | undefined;
}

const AUDIENCE = "https://legacy.example.com/invoices";
const SCOPES = ["read:invoices", "write:invoices"];

/** An API with two scopes, and a client that may read. */
export async function makeLegacy(vendor: "auth0" | "okta", sandbox: Sandbox): Promise<Legacy> {
  return vendor === "auth0" ? atAuth0(sandbox) : atOkta(sandbox);
}

function atAuth0({ tenant }: Sandbox): Legacy {
  const { clients, resourceServers, grants } = tenant.state;
  const [clientId, apiId, grantId] = [
    "LegacyInvoiceExportClientId00001",
    "65a000000000000000000001",
    "cgr_LegacyLegacyLega",
  ];
  const scopes = SCOPES.map((value) => ({ value }));
  resourceServers.set(apiId, { id: apiId, identifier: AUDIENCE, name: "Invoices", scopes });
  clients.set(clientId, {
    ...{ client_id: clientId, client_secret: "not-a-real-secret", name: "Invoice export", is_first_party: true },
    ...{ app_type: "non_interactive", grant_types: ["client_credentials"] },
    ...{ token_endpoint_auth_method: "client_secret_post", client_metadata: { owner: "finance" } },
  });
  const grant = { client_id: clientId, audience: AUDIENCE, scope: ["read:invoices"], subject_type: "client" };
  grants.set(grantId, { id: grantId, ...grant });
  return { audience: AUDIENCE, clientId, authorizationServerId: undefined };
}

async function atOkta({ okta, caPem }: Sandbox): Promise<Legacy> {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  const post = async (path: string, body: object): Promise<string> => {
    const answer = await fetch(`${okta.url}/api/v1${path}`, {
      ...{ method: "POST", dispatcher, body: JSON.stringify(body) },
      headers: { authorization: `SSWS ${okta.apiToken}`, "content-type": "application/json" },
    });
    if (!answer.ok) throw new Error(`${path} was answered ${String(answer.status)}`);
    return ((await answer.json()) as { readonly id: string }).id;
  };
  const clientId = "0oaLegacyInvoiceExpo";
  const id = await post("/authorizationServers", {
    name: "Invoices",
    description: "Since 2019",
    audiences: [AUDIENCE],
  });
  const server = `/authorizationServers/${id}`;
  for (const name of SCOPES) await post(`${server}/scopes`, { name });
  await post("/apps", {
    ...{ name: "oidc_client", label: "Invoice export", signOnMode: "OPENID_CONNECT", profile: { owner: "finance" } },
    credentials: { oauthClient: { client_id: clientId, token_endpoint_auth_method: "client_secret_post" } },
    settings: {
      oauthClient: { application_type: "service", grant_types: ["client_credentials"], response_types: ["token"] },
    },
  });
  const policy = await post(`${server}/policies`, {
    ...{ type: "OAUTH_AUTHORIZATION_POLICY", status: "ACTIVE", name: "Export", description: "Reads", priority: 1 },
    conditions: { clients: { include: [clientId] } },
  });
  await post(`${server}/policies/${policy}/rules`, {
    ...{ type: "RESOURCE_ACCESS", status: "ACTIVE", name: "Machines", priority: 1 },
    conditions: {
      people: { groups: { include: ["EVERYONE"] } },
      grantTypes: { include: ["client_credentials"] },
      scopes: { include: ["read:invoices"] },
    },
    actions: {
      token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10_080 },
    },
  });
  await dispatcher.close();
  return { audience: AUDIENCE, clientId, authorizationServerId: id };
}
