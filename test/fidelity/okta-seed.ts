import { newServer, type Org } from "../../sandbox/okta/org.ts";
import type { App, Claim, Policy, Rule, Scope, Server } from "../../sandbox/okta/state.ts";
import type { OktaExchange } from "./okta-recordings.ts";

type Body = Readonly<Record<string, unknown>>;

const AT = "2026-01-01T00:00:00.000Z";

/** Puts into the org what the request speaks of, as the recorded answer shows it. */
export function seedOkta(org: Org, exchange: OktaExchange): void {
  org.reset();
  const { request, response } = exchange;
  org.knobs.apiAccessManagement = response.status !== 401;
  const [, , , type, id, ...rest] = new URL(request.url).pathname.split("/");
  const isCreation = request.method === "POST" && id === undefined;
  if (type === "apps" && !isCreation) seedApp(org, id, request.method === "POST" ? {} : shownOf(response.body));
  if (type === "authorizationServers" && !isCreation) seedBelow(org, id, rest, response.body);
}

const shownOf = (body: unknown): Body => {
  const first: unknown = Array.isArray(body) ? body[0] : body;
  return isBody(first) ? first : {};
};

function seedBelow(org: Org, id: string | undefined, rest: readonly string[], body: unknown): void {
  const [kind] = rest;
  const listed: unknown = Array.isArray(body) ? body[0] : undefined;
  const shown = shownOf(isBody(listed) ? listed : body);
  const server = seedServer(org, id ?? idOf(listed), kind === undefined ? shown : {});
  seedChild(server, rest, shown, idOf(listed));
}

function seedChild(server: Server, rest: readonly string[], shown: Body, listedId: string): void {
  const [kind, below, third, last] = rest;
  if (kind === "credentials") Object.assign(server.keys[0] ?? {}, { kid: third ?? "" });
  if ((kind === "scopes" || kind === "claims") && below !== undefined) seedScopeOrClaim(server, kind, below, shown);
  if (kind === "policies") seedPolicy(server, below ?? listedId, shown, last);
}

const isBody = (body: unknown): body is Body => typeof body === "object" && body !== null && !Array.isArray(body);
const idOf = (body: unknown): string => (isBody(body) && typeof body["id"] === "string" ? body["id"] : "seeded");

function seedServer(org: Org, id: string, shown: Body): Server {
  const name = typeof shown["name"] === "string" ? shown["name"] : "seeded";
  const known = [...org.state.servers.values()].find((server) => server.default);
  if (known !== undefined && (id === "default" || shown["default"] === true)) {
    // The recorded org's own id of the server that every org has.
    if (id !== "default") org.state.servers.set(id, known);
    return known;
  }
  const { rotationMode = "AUTO" } = ((shown["credentials"] as { signing?: object } | undefined)?.signing ?? {}) as {
    rotationMode?: "AUTO" | "MANUAL";
  };
  const server = { ...newServer({ name, audiences: ["x"], keys: org.freshKeys(), at: AT }), id, rotationMode };
  server.description = "seeded";
  // What is to be deleted or activated was deactivated before.
  server.status = shown["status"] === "ACTIVE" ? "ACTIVE" : "INACTIVE";
  org.state.servers.set(id, server);
  return server;
}

function seedScopeOrClaim(server: Server, kind: "scopes" | "claims", id: string, shown: Body): void {
  const { _links: _ignored, ...kept } = shown;
  if (kind === "scopes") server.scopes.set(id, { name: "seeded", ...kept, id } as Scope);
  else server.claims.set(id, { name: "seeded", conditions: { scopes: [] }, ...kept, id } as unknown as Claim);
}

function seedPolicy(server: Server, id: string, shown: Body, ruleId: string | undefined): void {
  const isRule = ruleId !== undefined;
  const { _links: _ignored, ...kept } = isRule ? {} : shown;
  const policy = {
    ...{ name: "seeded", description: "", status: "ACTIVE", priority: 1, created: AT, lastUpdated: AT, system: false },
    ...{ conditions: { clients: { include: [] } }, type: "OAUTH_AUTHORIZATION_POLICY", ...kept, id },
    rules: new Map<string, Rule>(),
  } as Policy;
  if (isRule) {
    const { _links: _others, ...rule } = shown;
    policy.rules.set(ruleId, { priority: 1, status: "ACTIVE", created: AT, ...rule, id: ruleId } as unknown as Rule);
  }
  server.policies.set(id, policy);
}

function seedApp(org: Org, id: string | undefined, shown: Body): void {
  const listed = id ?? "0oalisted";
  const oauth = (shown["settings"] as { oauthClient?: Body } | undefined)?.oauthClient ?? {
    application_type: "service",
  };
  const app: App = {
    ...{ id: listed, name: "oidc_client", label: "testAcc_2849725357", created: AT, lastUpdated: AT, clientId: listed },
    ...{
      status: shown["status"] === "ACTIVE" || id === undefined ? "ACTIVE" : "INACTIVE",
      signOnMode: "OPENID_CONNECT",
    },
    ...{ authMethod: "client_secret_basic", profile: undefined, credentials: { oauthClient: {} } },
    ...{ settings: { oauthClient: oauth }, visibility: {}, accessibility: {}, keys: [] },
    secrets: [
      {
        id: "ocs",
        created: AT,
        lastUpdated: AT,
        status: "ACTIVE",
        client_secret: "not-a-real-secret",
        secret_hash: "x",
      },
    ],
  };
  org.state.apps.set(listed, app);
}
