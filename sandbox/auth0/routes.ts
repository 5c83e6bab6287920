import type { Limiter } from "../limits.ts";
import { deleteGrant, getGrant, listGrants, patchGrant, postGrant } from "./client-grants.ts";
import { deleteClient, getClient, listClients, patchClient, postClient, rotateSecret } from "./clients.ts";
import { insufficientScope, managementError } from "./errors.ts";
import { checkQuery, type Query } from "./paging.ts";
import {
  deleteResourceServer,
  getResourceServer,
  listResourceServers,
  patchResourceServer,
  postResourceServer,
} from "./resource-servers.ts";
import type { Tenant } from "./tenant.ts";
import { type Bearer, bearerOf, issueToken } from "./token.ts";

export interface Incoming {
  readonly method: string;
  /** Raw path, not decoded: identifiers of APIs hold encoded slashes. */
  readonly path: string;
  readonly query: Query;
  readonly body: unknown;
  readonly authorization: string | undefined;
  readonly nowMs: number;
}

export interface Outgoing {
  readonly status: number;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly tokenClient?: string;
}

interface Call {
  readonly tenant: Tenant;
  readonly id: string;
  readonly incoming: Incoming;
  readonly bearer: Bearer;
}

interface Route {
  /** Any of these permissions is enough. */
  readonly scopes: readonly string[];
  readonly status: number;
  readonly run: (call: Call) => unknown;
}

const reads = (type: string): readonly string[] =>
  type === "clients"
    ? ["read:clients", "read:client_keys", "read:client_credentials", "read:client_summary"]
    : [`read:${type}`];

function crud(
  type: string,
  handlers: { list: Route["run"]; create: Route["run"]; get: Route["run"]; update: Route["run"]; remove: Route["run"] },
): Readonly<Record<string, Route>> {
  return {
    "GET collection": { scopes: reads(type), status: 200, run: handlers.list },
    "POST collection": { scopes: [`create:${type}`], status: 201, run: handlers.create },
    "GET item": { scopes: reads(type), status: 200, run: handlers.get },
    "PATCH item": { scopes: [`update:${type}`], status: 200, run: handlers.update },
    "DELETE item": { scopes: [`delete:${type}`], status: 204, run: handlers.remove },
  };
}

const ROUTES: Readonly<Record<string, Readonly<Record<string, Route>>>> = {
  "resource-servers": crud("resource_servers", {
    list: ({ tenant, incoming }) => listResourceServers(tenant, incoming.query),
    create: ({ tenant, incoming }) => postResourceServer(tenant, incoming.body),
    get: ({ tenant, id }) => getResourceServer(tenant, id),
    update: ({ tenant, id, incoming }) => patchResourceServer(tenant, id, incoming.body),
    remove: ({ tenant, id }) => {
      deleteResourceServer(tenant, id);
    },
  }),
  clients: {
    ...crud("clients", {
      list: ({ tenant, incoming, bearer }) => listClients(tenant, incoming.query, bearer.scopes),
      create: ({ tenant, incoming, bearer }) => postClient(tenant, incoming.body, bearer.scopes),
      get: ({ tenant, id, incoming, bearer }) => getClient(tenant, id, incoming.query, bearer.scopes),
      update: ({ tenant, id, incoming, bearer }) =>
        patchClient(tenant, id, incoming.body, bearer.scopes, incoming.nowMs),
      remove: ({ tenant, id }) => {
        deleteClient(tenant, id);
      },
    }),
    "POST rotate-secret": {
      scopes: ["update:client_keys"],
      status: 200,
      run: ({ tenant, id, bearer, incoming }) => rotateSecret(tenant, id, bearer.scopes, incoming.nowMs),
    },
  },
  "client-grants": crud("client_grants", {
    list: ({ tenant, incoming }) => listGrants(tenant, incoming.query),
    create: ({ tenant, incoming }) => postGrant(tenant, incoming.body),
    get: ({ tenant, id, incoming }) => {
      checkQuery(incoming.query, []);
      return getGrant(tenant, id);
    },
    update: ({ tenant, id, incoming }) => patchGrant(tenant, id, incoming.body),
    remove: ({ tenant, id }) => {
      deleteGrant(tenant, id);
    },
  }),
};

/** Answers one request to the tenant. Throws Auth0Error for every answer that is not success. */
export async function answer(tenant: Tenant, incoming: Incoming): Promise<Outgoing> {
  if (incoming.path.startsWith("/api/v2/")) return manage(tenant, incoming);
  switch (`${incoming.method} ${incoming.path}`) {
    case "POST /oauth/token":
      return tokenAnswer(tenant, incoming);
    case "GET /.well-known/openid-configuration":
    case "GET /.well-known/oauth-authorization-server":
      return { status: 200, body: metadata(tenant), headers: {} };
    case "GET /.well-known/jwks.json":
      return { status: 200, body: { keys: tenant.keys.map((key) => key.publicJwk) }, headers: {} };
    default:
      throw managementError(404, "Not Found");
  }
}

async function tokenAnswer(tenant: Tenant, incoming: Incoming): Promise<Outgoing> {
  const headers = limited(tenant.limiters.token, incoming.nowMs);
  const parameters = (incoming.body ?? {}) as Readonly<Record<string, unknown>>;
  const body = await issueToken(tenant, { parameters, authorization: incoming.authorization }, incoming.nowMs);
  const client = parameters["client_id"];
  return {
    status: 200,
    body,
    headers: { ...headers, "cache-control": "no-store" },
    ...(typeof client === "string" ? { tokenClient: client } : {}),
  };
}

/** The limit of the whole API is judged first, then that of the endpoint. */
async function manage(tenant: Tenant, incoming: Incoming): Promise<Outgoing> {
  const [type = "", rawId, rest] = incoming.path.slice("/api/v2/".length).split("/");
  const headers = { ...limited(tenant.limiters.management, incoming.nowMs) };
  if (type === "clients" && rawId === undefined && incoming.method === "GET")
    Object.assign(headers, limited(tenant.limiters.listClients, incoming.nowMs));
  const bearer = await bearerOf(tenant, incoming.authorization, incoming.nowMs);
  const place = rest ?? (rawId === undefined ? "collection" : "item");
  const route = ROUTES[type]?.[`${incoming.method} ${place}`];
  if (route === undefined) throw managementError(404, "Not Found");
  if (!route.scopes.some((scope) => bearer.scopes.has(scope))) throw insufficientScope(route.scopes);
  const body = route.run({ tenant, id: decodeURIComponent(rawId ?? ""), incoming, bearer });
  return { status: route.status, body, headers, tokenClient: bearer.clientId };
}

function limited(limiter: Limiter | undefined, nowMs: number): Readonly<Record<string, string>> {
  const verdict = limiter?.take(nowMs);
  if (verdict === undefined) return {};
  const headers = {
    "x-ratelimit-limit": String(verdict.limit),
    "x-ratelimit-remaining": String(verdict.remaining),
    "x-ratelimit-reset": String(verdict.resetAt),
  };
  if (!verdict.isAllowed) throw managementError(429, "Global limit has been reached", "too_many_requests", headers);
  return headers;
}

function metadata({ domain }: Tenant): object {
  const issuer = `https://${domain}/`;
  return {
    issuer,
    authorization_endpoint: `${issuer}authorize`,
    token_endpoint: `${issuer}oauth/token`,
    jwks_uri: `${issuer}.well-known/jwks.json`,
    registration_endpoint: `${issuer}oidc/register`,
    revocation_endpoint: `${issuer}oauth/revoke`,
    scopes_supported: ["openid", "profile", "email"],
    response_types_supported: ["code", "token"],
    grant_types_supported: ["client_credentials"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["HS256", "RS256", "PS256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
    code_challenge_methods_supported: ["S256", "plain"],
  };
}
