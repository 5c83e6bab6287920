import { Agent, fetch } from "undici";
import { tenantYaml, type TenantSize } from "../../../bench/deploy-cli.ts";
import type { Sandbox } from "../../../sandbox/start.ts";
import { deployTenant } from "../auth0/deployed-tenant.ts";

/** A client that somebody created at the tenant, with the credential that its workload has. */
export interface MadeClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where it gets a token, and for what. */
  readonly tokenUrl: string;
  readonly audience: string;
}

type Vendor = "auth0" | "okta";

/** Creates APIs, clients and grants at a tenant without the operator. */
export function makeByHand(vendor: Vendor, sandbox: Sandbox, size: TenantSize): Promise<readonly MadeClient[]> {
  return vendor === "auth0" ? makeAtAuth0(sandbox, size) : makeAtOkta(sandbox, size);
}

async function makeAtAuth0(sandbox: Sandbox, size: TenantSize): Promise<readonly MadeClient[]> {
  const document = tenantYaml(size);
  await deployTenant(sandbox, document);
  const { clients, grants } = sandbox.tenant.state;
  const audienceOf = new Map([...grants.values()].map((grant) => [grant.client_id, grant.audience]));
  const names = new Set(document.clients.map(({ name }) => name));
  return [...clients.values()]
    .filter((client) => names.has(String(client["name"])))
    .map((client) => ({
      clientId: client.client_id,
      clientSecret: String(client["client_secret"]),
      tokenUrl: `${sandbox.auth0.url}/oauth/token`,
      audience: audienceOf.get(client.client_id) ?? "",
    }));
}

type Document = Readonly<Record<string, unknown>> & { readonly id: string };

/** As the console sends it. */
function consoleOf({ admin, caPem }: Sandbox) {
  const dispatcher = new Agent({ connect: { ca: caPem } });
  return {
    post: async (path: string, body: object): Promise<Document> => {
      const answer = await fetch(`${admin.url}/edit/okta`, {
        ...{ method: "POST", dispatcher, headers: { "content-type": "application/json" } },
        body: JSON.stringify({ method: "POST", path, body }),
      });
      if (answer.status >= 300) throw new Error(`POST ${path}: ${String(answer.status)} ${await answer.text()}`);
      return (await answer.json()) as Document;
    },
    close: () => dispatcher.close(),
  };
}

const SERVERS = "/api/v1/authorizationServers";

async function makeAtOkta(sandbox: Sandbox, size: TenantSize): Promise<readonly MadeClient[]> {
  const { post, close } = consoleOf(sandbox);
  const servers: string[] = [];
  for (let i = 0; i < size.apis; i++) {
    const audiences = [`https://api-${String(i)}.example.com/`];
    const { id } = await post(SERVERS, { name: `api-${String(i)}`, description: `API ${String(i)}`, audiences });
    for (const name of ["read:all", "write:all"]) await post(`${SERVERS}/${id}/scopes`, { name, consent: "IMPLICIT" });
    servers.push(id);
  }
  const made: MadeClient[] = [];
  for (let i = 0; i < size.clients; i++) {
    const { clientId, clientSecret } = await oktaClient(post, `client-${String(i)}`);
    for (let j = 0; j < size.grantsPerClient; j++)
      await oktaGrant(post, servers[(i + j) % size.apis] ?? "", clientId, i);
    const tokenUrl = `${sandbox.okta.url}/oauth2/${servers[i % size.apis] ?? ""}/v1/token`;
    made.push({ clientId, clientSecret, tokenUrl, audience: `https://api-${String(i % size.apis)}.example.com/` });
  }
  await close();
  return made;
}

type Post = ReturnType<typeof consoleOf>["post"];

async function oktaClient(post: Post, label: string) {
  const app = await post("/api/v1/apps", {
    ...{ name: "oidc_client", label, signOnMode: "OPENID_CONNECT" },
    credentials: { oauthClient: { token_endpoint_auth_method: "client_secret_basic", autoKeyRotation: true } },
    settings: {
      oauthClient: {
        ...{ application_type: "service", grant_types: ["client_credentials"], response_types: ["token"] },
        dpop_bound_access_tokens: false,
      },
    },
  });
  const { oauthClient } = app["credentials"] as { oauthClient: { client_id: string; client_secret: string } };
  return { clientId: oauthClient.client_id, clientSecret: oauthClient.client_secret };
}

async function oktaGrant(post: Post, server: string, clientId: string, index: number): Promise<void> {
  const policies = `${SERVERS}/${server}/policies`;
  const { id } = await post(policies, {
    ...{ type: "OAUTH_AUTHORIZATION_POLICY", status: "ACTIVE", priority: 1 },
    ...{ name: `Client ${String(index)}`, description: "By hand.", conditions: { clients: { include: [clientId] } } },
  });
  await post(`${policies}/${id}/rules`, {
    ...{ type: "RESOURCE_ACCESS", name: "Machines", status: "ACTIVE", priority: 1 },
    conditions: {
      people: { groups: { include: ["EVERYONE"] } },
      grantTypes: { include: ["client_credentials"] },
      scopes: { include: ["read:all"] },
    },
    actions: {
      token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10_080 },
    },
  });
}

/** A token as the workload gets it, with the credential that it had before anybody exported anything. */
export async function tokenStatus(sandbox: Sandbox, client: MadeClient): Promise<number> {
  const dispatcher = new Agent({ connect: { ca: sandbox.caPem } });
  const { clientId, clientSecret, tokenUrl, audience } = client;
  const isOkta = tokenUrl.includes("/oauth2/");
  try {
    const answer = await fetch(tokenUrl, {
      ...{ method: "POST", dispatcher },
      headers: isOkta
        ? { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` }
        : {},
      body: new URLSearchParams({
        grant_type: "client_credentials",
        ...(isOkta ? { scope: "read:all" } : { audience, client_id: clientId, client_secret: clientSecret }),
      }),
    });
    await answer.text();
    return answer.status;
  } finally {
    await dispatcher.close();
  }
}
