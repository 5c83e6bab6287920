import type { Limiter } from "../limits.ts";
import { deleteGrant, getGrant, listGrants, patchGrant, postGrant } from "./client-grants.ts";
import { deleteClient, getClient, listClients, patchClient, postClient, rotateSecret } from "./clients.ts";
import { insufficientScope, managementError } from "./errors.ts";
import { deleteCredential, getCredential, listCredentials, patchCredential, postCredential } from "./credentials.ts";
import * as organizations from "./organizations.ts";
import { checkQuery, PAGING, type Query } from "./paging.ts";
import {
  deleteResourceServer,
  getResourceServer,
  listResourceServers,
  patchResourceServer,
  postResourceServer,
} from "./resource-servers.ts";
import { getSettings, patchSettings } from "./settings.ts";
import { getSigningKey, listSigningKeys, revokeSigningKey, rotateSigningKeys } from "./signing-keys.ts";
import type { Tenant } from "./tenant.ts";
import { delayedView, noteCreated } from "./visibility.ts";
import { type Bearer, bearerOf } from "./bearer.ts";
import { issuerOf, issueToken } from "./token.ts";

export interface Incoming {
  readonly method: string;
  /** Raw path, not decoded: identifiers of APIs hold encoded slashes. */
  readonly path: string;
  readonly query: Query;
  readonly body: unknown;
  readonly authorization: string | undefined;
  readonly nowMs: number;
  /** Host that was asked, with its port. */
  readonly host: string;
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
  /** Of what is below an item: `/clients/{id}/credentials/{below}`. */
  readonly below: string;
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

const clientRoutes = crud("clients", {
  list: ({ tenant, incoming, bearer }) => listClients(tenant, incoming.query, bearer.scopes),
  create: ({ tenant, incoming, bearer }) => postClient(tenant, incoming.body, bearer.scopes, incoming.nowMs),
  get: ({ tenant, id, incoming, bearer }) => getClient(tenant, id, incoming.query, bearer.scopes),
  update: ({ tenant, id, incoming, bearer }) => patchClient(tenant, id, incoming.body, bearer.scopes, incoming.nowMs),
  remove: ({ tenant, id }) => {
    deleteClient(tenant, id);
  },
});

const credentialRoutes = crud("client_credentials", {
  list: ({ tenant, id, incoming }) => {
    checkQuery(incoming.query, PAGING);
    return listCredentials(tenant, id);
  },
  create: ({ tenant, id, incoming }) => postCredential(tenant, id, incoming.body, incoming.nowMs),
  get: ({ tenant, id, below }) => getCredential(tenant, id, below),
  update: ({ tenant, id, below, incoming }) => patchCredential(tenant, id, below, incoming.body, incoming.nowMs),
  remove: ({ tenant, id, below }) => {
    deleteCredential(tenant, id, below);
  },
});

const organizationRoutes: Readonly<Record<string, Route>> = {
  ...crud("organizations", {
    list: ({ tenant, incoming }) => organizations.listOrganizations(tenant, incoming.query),
    create: ({ tenant, incoming }) => organizations.postOrganization(tenant, incoming.body),
    get: ({ tenant, id }) => organizations.getOrganization(tenant, id),
    update: ({ tenant, id, incoming }) => organizations.patchOrganization(tenant, id, incoming.body),
    remove: ({ tenant, id }) => {
      organizations.deleteOrganization(tenant, id);
    },
  }),
  "GET client-grants": {
    scopes: ["read:organization_client_grants"],
    status: 200,
    run: ({ tenant, id, incoming }) => organizations.listOrganizationGrants(tenant, id, incoming.query),
  },
  "POST client-grants": {
    scopes: ["create:organization_client_grants"],
    status: 201,
    run: ({ tenant, id, incoming }) => organizations.postOrganizationGrant(tenant, id, incoming.body),
  },
  "DELETE client-grants item": {
    scopes: ["delete:organization_client_grants"],
    status: 204,
    run: ({ tenant, id, below }) => {
      organizations.deleteOrganizationGrant(tenant, id, below);
    },
  },
};

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
    ...clientRoutes,
    ...below("credentials", credentialRoutes),
    "POST rotate-secret": {
      scopes: ["update:client_keys"],
      status: 200,
      run: ({ tenant, id, bearer, incoming }) => rotateSecret(tenant, id, bearer.scopes, incoming.nowMs),
    },
  },
  "client-grants": {
    ...crud("client_grants", {
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
    "GET organizations": {
      scopes: ["read:organization_client_grants"],
      status: 200,
      run: ({ tenant, id, incoming }) => organizations.listGrantOrganizations(tenant, id, incoming.query),
    },
  },
  organizations: organizationRoutes,
  tenants: {
    "GET item": {
      scopes: ["read:tenant_settings"],
      status: 200,
      run: ({ tenant, incoming }) => getSettings(tenant, incoming.query),
    },
    "PATCH item": {
      scopes: ["update:tenant_settings"],
      status: 200,
      run: ({ tenant, incoming }) => patchSettings(tenant, incoming.body),
    },
  },
  // `signing` stands where other types have their id.
  keys: {
    "GET item": { scopes: ["read:signing_keys"], status: 200, run: ({ tenant }) => listSigningKeys(tenant) },
    "POST rotate": { scopes: ["update:signing_keys"], status: 201, run: ({ tenant }) => rotateSigningKeys(tenant) },
    "GET key": {
      scopes: ["read:signing_keys"],
      status: 200,
      run: ({ tenant, below: kid }) => getSigningKey(tenant, kid),
    },
    "PUT key": {
      scopes: ["update:signing_keys"],
      status: 200,
      run: ({ tenant, below: kid, incoming }) => revokeSigningKey(tenant, kid, incoming.nowMs),
    },
  },
};

/** The routes of a collection below an item. */
function below(name: string, routes: Readonly<Record<string, Route>>): Readonly<Record<string, Route>> {
  return Object.fromEntries(
    Object.entries(routes).map(([key, route]) => {
      const [method = "", place = ""] = key.split(" ");
      return [`${method} ${name}${place === "item" ? " item" : ""}`, route];
    }),
  );
}

/** Answers one request to the tenant. Throws Auth0Error for every answer that is not success. */
export async function answer(tenant: Tenant, incoming: Incoming): Promise<Outgoing> {
  if (incoming.path.startsWith("/api/v2/")) return manage(tenant, incoming);
  switch (`${incoming.method} ${incoming.path}`) {
    case "POST /oauth/token":
      return tokenAnswer(tenant, incoming);
    case "GET /.well-known/openid-configuration":
    case "GET /.well-known/oauth-authorization-server":
      return { status: 200, body: metadata(issuerOf(tenant, incoming.host)), headers: {} };
    case "GET /.well-known/jwks.json":
      return { status: 200, body: { keys: publishedKeys(tenant) }, headers: {} };
    default:
      throw managementError(404, "Not Found");
  }
}

async function tokenAnswer(tenant: Tenant, incoming: Incoming): Promise<Outgoing> {
  const headers = limited(tenant.limiters.token, incoming.nowMs);
  const parameters = (incoming.body ?? {}) as Readonly<Record<string, unknown>>;
  const { authorization, host } = incoming;
  const body = await issueToken(tenant, { parameters, authorization, host }, incoming.nowMs);
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
  const address = addressOf(incoming.path);
  const headers = { ...limited(tenant.limiters.management, incoming.nowMs) };
  if (address.type === "clients" && address.place === "collection" && incoming.method === "GET")
    Object.assign(headers, limited(tenant.limiters.listClients, incoming.nowMs));
  const bearer = await bearerOf(tenant, incoming.authorization, incoming.nowMs);
  const { route, id, below: last } = routeOf(incoming.method, address);
  if (route === undefined) throw managementError(404, "Not Found");
  if (!route.scopes.some((scope) => bearer.scopes.has(scope))) throw insufficientScope(route.scopes);
  const seen = incoming.method === "GET" ? delayedView(tenant, incoming.nowMs) : tenant;
  const body = await route.run({ tenant: seen, id, below: last, incoming, bearer });
  if (incoming.method === "POST") noteCreated(tenant, body, incoming.nowMs);
  return { status: route.status, body, headers, tokenClient: bearer.clientId };
}

interface Address {
  readonly type: string;
  readonly id: string;
  readonly below: string;
  /** `collection`, `item`, or what stands below an item, with ` item` for one of those. */
  readonly place: string;
}

/** Split before it is decoded: identifiers of APIs hold encoded slashes. */
function addressOf(path: string): Address {
  const [type = "", id, name, last] = path.slice("/api/v2/".length).split("/").map(decodeURIComponent);
  const place =
    id === undefined ? "collection" : name === undefined ? "item" : last === undefined ? name : `${name} item`;
  return { type, id: id ?? "", below: last ?? "", place };
}

function routeOf(method: string, address: Address): { route: Route | undefined; id: string; below: string } {
  const { type, id, below: last, place } = address;
  if (type === "organizations" && id === "name") {
    const name = place.split(" ")[0] ?? "";
    const run: Route["run"] = ({ tenant }) => organizations.getOrganizationByName(tenant, name);
    const route: Route = { scopes: reads("organizations"), status: 200, run };
    return { route: method === "GET" ? route : undefined, id, below: last };
  }
  if (type === "keys" && place !== "item" && place !== "rotate")
    return { route: ROUTES["keys"]?.[`${method} key`], id, below: place.split(" ")[0] ?? "" };
  return { route: ROUTES[type]?.[`${method} ${place}`], id, below: last };
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

const publishedKeys = ({ keys }: Tenant): readonly object[] =>
  keys.filter((key) => key.revokedAt === undefined).map((key) => key.publicJwk);

function metadata(issuer: string): object {
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
    token_endpoint_auth_signing_alg_values_supported: ["RS256", "RS384", "PS256"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post", "private_key_jwt"],
    code_challenge_methods_supported: ["S256", "plain"],
  };
}
