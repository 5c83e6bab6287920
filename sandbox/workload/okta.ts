import { answerOkta } from "../okta/routes.ts";
import type { Sandbox } from "../start.ts";
import { textAt, type WorkloadAccess, type WorkloadValues } from "./values.ts";

const GRANT_TYPE = "client_credentials";
const METHOD = "client_secret_basic";

/** Creates authorization server, app, policy and rule at the Okta org, through its API. */
export async function createOktaWorkload(
  { org, okta }: Pick<Sandbox, "org" | "okta">,
  { audience, scopes }: WorkloadAccess,
): Promise<WorkloadValues> {
  const post = async (path: string, body: object): Promise<unknown> => {
    const authorization = `SSWS ${okta.apiToken}`;
    const call = { method: "POST", path: `/api/v1${path}`, query: {}, body, authorization, nowMs: Date.now() };
    return (await answerOkta(org, { ...call, mediaType: "application/json", host: org.host })).body;
  };
  const server = await post("/authorizationServers", { name: audience, description: audience, audiences: [audience] });
  const below = `/authorizationServers/${textAt(server, "id")}`;
  for (const name of scopes) await post(`${below}/scopes`, { name, consent: "IMPLICIT" });
  const app = await post("/apps", APP);
  const clientId = textAt(app, "credentials", "oauthClient", "client_id");
  const policy = await post(`${below}/policies`, policyFor(clientId));
  await post(`${below}/policies/${textAt(policy, "id")}/rules`, ruleFor(scopes));
  const issuer = `${org.url}${below.replace("/authorizationServers", "/oauth2")}`;
  return {
    client_id: clientId,
    client_secret: textAt(app, "credentials", "oauthClient", "client_secret"),
    token_endpoint_auth_method: METHOD,
    domain: org.host,
    issuer,
    well_known_url: `${issuer}/.well-known/oauth-authorization-server`,
    token_endpoint: `${issuer}/v1/token`,
    jwks_uri: `${issuer}/v1/keys`,
    audience,
    scopes: scopes.join(" "),
  };
}

const APP = {
  ...{ label: "workload", name: "oidc_client", signOnMode: "OPENID_CONNECT" },
  credentials: { oauthClient: { token_endpoint_auth_method: METHOD } },
  settings: {
    oauthClient: {
      ...{ application_type: "service", grant_types: [GRANT_TYPE], response_types: ["token"] },
      // The default asks for a proof of possession with every token request.
      dpop_bound_access_tokens: false,
    },
  },
};

const policyFor = (clientId: string): object => ({
  ...{ type: "OAUTH_AUTHORIZATION_POLICY", name: "workload", description: "workload", priority: 1, status: "ACTIVE" },
  conditions: { clients: { include: [clientId] } },
});

const ruleFor = (scopes: readonly string[]): object => ({
  ...{ type: "RESOURCE_ACCESS", name: "workload", priority: 1, status: "ACTIVE" },
  conditions: {
    people: { groups: { include: ["EVERYONE"] }, users: { include: [] } },
    grantTypes: { include: [GRANT_TYPE] },
    scopes: { include: [...scopes] },
  },
  actions: {
    token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10_080 },
  },
});
