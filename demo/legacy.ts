import { Agent, fetch } from "undici";
import type { Sandbox } from "../sandbox/start.ts";

/** The names that the examples `auth0/adoption` and `okta/adoption` use. */
export const LEGACY = {
  audience: "https://legacy.example.com/invoices",
  auth0: { clientId: "LegacyInvoiceExportClientId00001" },
  okta: { clientId: "0oaLegacyInvoiceExpo", authorizationServerId: "ausLegacyInvoices000" },
} as const;

const { audience } = LEGACY;

/** Creates in the Auth0 tenant the API, the client and the grant that the example `auth0/adoption` adopts. */
export function createAuth0Legacy({ tenant }: Pick<Sandbox, "tenant">): void {
  const { clients, grants, resourceServers } = tenant.state;
  const [clientId, apiId, grantId] = [LEGACY.auth0.clientId, "65a000000000000000000001", "cgr_LegacyLegacyLega"];
  resourceServers.set(apiId, {
    ...{ id: apiId, identifier: audience, name: "Invoices" },
    scopes: [{ value: "read:invoices", description: "Read" }, { value: "write:invoices" }],
  });
  clients.set(clientId, {
    ...{ client_id: clientId, client_secret: "not-a-real-secret", name: "Invoice export", is_first_party: true },
    ...{ app_type: "non_interactive", grant_types: ["client_credentials"] },
    ...{ token_endpoint_auth_method: "client_secret_post", client_metadata: { owner: "finance" } },
  });
  const grant = { client_id: clientId, audience, scope: ["read:invoices"], subject_type: "client" };
  grants.set(grantId, { id: grantId, ...grant });
}

/** Creates in the Okta org the server, the app and the policy that the example `okta/adoption` adopts. */
export async function createOktaLegacy(sandbox: Pick<Sandbox, "okta" | "org" | "caPem">): Promise<void> {
  const dispatcher = new Agent({ connect: { ca: sandbox.caPem } });
  const post = async (path: string, body: object): Promise<string> => {
    const answer = await fetch(`${sandbox.okta.url}/api/v1${path}`, {
      ...{ method: "POST", dispatcher, body: JSON.stringify(body) },
      headers: { authorization: `SSWS ${sandbox.okta.apiToken}`, "content-type": "application/json" },
    });
    if (!answer.ok) throw new Error(`${path} was answered ${String(answer.status)}`);
    return ((await answer.json()) as { readonly id: string }).id;
  };
  await post("/apps", APP);
  const id = await post("/authorizationServers", {
    name: "Invoices",
    description: "Since 2019",
    audiences: [audience],
  });
  const server = `/authorizationServers/${id}`;
  for (const name of ["read:invoices", "write:invoices"]) await post(`${server}/scopes`, { name });
  const policy = await post(`${server}/policies`, POLICY);
  await post(`${server}/policies/${policy}/rules`, RULE);
  await dispatcher.close();
  renameServer(sandbox, id);
}

/** Okta chooses the ID of a server, but the example has to name it. */
function renameServer({ org: { state } }: Pick<Sandbox, "org">, id: string): void {
  const server = state.servers.get(id);
  if (server === undefined) throw new Error(`the org has no authorization server ${id}`);
  state.servers.delete(id);
  state.servers.set(LEGACY.okta.authorizationServerId, { ...server, id: LEGACY.okta.authorizationServerId });
}

const APP = {
  ...{ name: "oidc_client", label: "Invoice export", signOnMode: "OPENID_CONNECT", profile: { owner: "finance" } },
  credentials: {
    oauthClient: { client_id: LEGACY.okta.clientId, token_endpoint_auth_method: "client_secret_post" },
  },
  settings: {
    oauthClient: { application_type: "service", grant_types: ["client_credentials"], response_types: ["token"] },
  },
};

const POLICY = {
  ...{ type: "OAUTH_AUTHORIZATION_POLICY", status: "ACTIVE", name: "Export", description: "Reads", priority: 1 },
  conditions: { clients: { include: [LEGACY.okta.clientId] } },
};

const RULE = {
  ...{ type: "RESOURCE_ACCESS", status: "ACTIVE", name: "Machines", priority: 1 },
  conditions: {
    people: { groups: { include: ["EVERYONE"] } },
    grantTypes: { include: ["client_credentials"] },
    scopes: { include: ["read:invoices"] },
  },
  actions: {
    token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10_080 },
  },
};
