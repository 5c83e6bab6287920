import { answer } from "../auth0/routes.ts";
import type { Sandbox } from "../start.ts";
import { textAt, type WorkloadAccess, type WorkloadValues } from "./values.ts";

/** Creates API, client and grant at the Auth0 tenant, through its Management API. */
export async function createAuth0Workload(
  { tenant, auth0 }: Pick<Sandbox, "tenant" | "auth0">,
  { audience, scopes }: WorkloadAccess,
): Promise<WorkloadValues> {
  const post = async (path: string, body: object, token?: string): Promise<unknown> => {
    const authorization = token === undefined ? undefined : `Bearer ${token}`;
    const call = { method: "POST", path, query: {}, body, authorization, nowMs: Date.now(), host: auth0.domain };
    return (await answer(tenant, call)).body;
  };
  const operator = { client_id: auth0.clientId, client_secret: auth0.clientSecret };
  const asked = { grant_type: "client_credentials", ...operator, audience: `${auth0.url}/api/v2/` };
  const token = textAt(await post("/oauth/token", asked), "access_token");
  const api = { name: audience, identifier: audience, scopes: scopes.map((value) => ({ value })) };
  await post("/api/v2/resource-servers", api, token);
  const application = { name: "workload", app_type: "non_interactive", grant_types: ["client_credentials"] };
  const method = "client_secret_post";
  const client = await post("/api/v2/clients", { ...application, token_endpoint_auth_method: method }, token);
  const clientId = textAt(client, "client_id");
  await post("/api/v2/client-grants", { client_id: clientId, audience, scope: scopes }, token);
  return {
    client_id: clientId,
    client_secret: textAt(client, "client_secret"),
    token_endpoint_auth_method: method,
    domain: auth0.domain,
    issuer: `${auth0.url}/`,
    well_known_url: `${auth0.url}/.well-known/oauth-authorization-server`,
    token_endpoint: `${auth0.url}/oauth/token`,
    jwks_uri: `${auth0.url}/.well-known/jwks.json`,
    audience,
    scopes: scopes.join(" "),
  };
}
