import { appOf, deleteApp, listApps, postApp, putApp, shownApp } from "./apps.ts";
import { managementError, noRoute, notFound, notLicensed, oauthError, type OktaError } from "./errors.ts";
import { keySet, metadata } from "./metadata.ts";
import type { Bucket, Org } from "./org.ts";
import { paged } from "./paging.ts";
import * as policies from "./policies.ts";
import * as scopes from "./scopes-and-claims.ts";
import { deleteSecret, postSecret, secretOf, setSecretStatus, shownSecret } from "./secrets.ts";
import * as servers from "./servers.ts";
import { type App, type Policy, type Server, type Status, timeOf } from "./state.ts";
import { issueToken } from "./token.ts";

export interface OktaIncoming {
  readonly method: string;
  /** Not decoded. */
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly authorization: string | undefined;
  readonly nowMs: number;
}

export interface OktaOutgoing {
  readonly status: number;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly tokenClient?: string;
}

const json = (status: number, body?: unknown, links: readonly string[] = []): OktaOutgoing => ({
  status,
  body,
  headers: links.length === 0 ? {} : { link: links },
});
const created = (body: object): OktaOutgoing => json(201, body);
const done: OktaOutgoing = { status: 204, headers: {} };

/** Answers one request to the org. Throws OktaError for every answer that is not success. */
export async function answerOkta(org: Org, incoming: OktaIncoming): Promise<OktaOutgoing> {
  const { path } = incoming;
  if (path.startsWith("/api/v1/")) return manage(org, incoming);
  if (path === "/.well-known/okta-organization")
    return json(200, {
      id: org.id,
      cell: "sandbox",
      _links: { organization: { href: org.url } },
      pipeline: "idx",
      settings: {},
    });
  const [, oauth2, id = "", ...rest] = path.split("/");
  if (oauth2 !== "oauth2") throw noRoute();
  return oauth(org, servers.serverOf(org, decodeURIComponent(id)), rest.join("/"), incoming);
}

async function oauth(org: Org, server: Server, rest: string, incoming: OktaIncoming): Promise<OktaOutgoing> {
  switch (`${incoming.method} ${rest}`) {
    case "GET .well-known/oauth-authorization-server":
    case "GET .well-known/openid-configuration":
      return json(200, metadata(org, server));
    case "GET v1/keys":
      return json(200, keySet(server));
    case "POST v1/token":
      return tokenAnswer(org, server, incoming);
    default:
      throw noRoute();
  }
}

async function tokenAnswer(org: Org, server: Server, incoming: OktaIncoming): Promise<OktaOutgoing> {
  const headers = limited(org, "token", incoming.nowMs);
  if (server.status !== "ACTIVE") throw oauthError(400, "invalid_request", "The authorization server id is invalid.");
  const { query, body } = incoming;
  if (["client_id", "client_secret", "client_assertion"].some((name) => query[name] !== undefined))
    throw oauthError(400, "invalid_request", "Client credentials cannot be supplied via query parameters.");
  const presented = {
    // Grant type and scope in the query, with an empty body, are how older guides ask.
    form: { ...query, ...(body ?? {}) },
    authorization: incoming.authorization,
    endpoint: `${servers.issuerOf(org, server)}/v1/token`,
  };
  const { clientId, ...token } = await issueToken(org, server, presented, incoming.nowMs);
  return { status: 200, body: token, headers: { ...headers, "cache-control": "no-store" }, tokenClient: clientId };
}

/** Who may call is judged before what is called. */
async function manage(org: Org, incoming: OktaIncoming): Promise<OktaOutgoing> {
  const headers = limited(org, bucketOf(incoming), incoming.nowMs);
  const token = /^SSWS (.+)$/.exec(incoming.authorization ?? "")?.[1];
  if (token === undefined) throw managementError(403, "E0000005", "Invalid session");
  if (token !== org.apiToken) throw managementError(401, "E0000011", "Invalid token provided");
  const [type, ...rest] = incoming.path.slice("/api/v1/".length).split("/").map(decodeURIComponent);
  const call = { ...incoming, rest };
  if (type === "apps") return withHeaders(await appRoutes(org, call), headers);
  if (type !== "authorizationServers") throw noRoute();
  if (!org.knobs.apiAccessManagement) throw notLicensed();
  return withHeaders(await serverRoutes(org, call), headers);
}

const withHeaders = (answer: OktaOutgoing, headers: Readonly<Record<string, string>>): OktaOutgoing => ({
  ...answer,
  headers: { ...headers, ...answer.headers },
  tokenClient: "SSWS",
});

function bucketOf({ method, path }: OktaIncoming): Bucket {
  if (!path.startsWith("/api/v1/apps")) return "management";
  const isOne = /^\/api\/v1\/apps\/[^/]+$/.test(path) && ["GET", "PUT", "DELETE"].includes(method);
  return isOne ? "app" : "apps";
}

function limited({ limiters }: Org, bucket: Bucket, nowMs: number): Readonly<Record<string, string>> {
  const verdict = limiters.get(bucket)?.take(nowMs);
  if (verdict === undefined) return {};
  const headers = {
    "x-rate-limit-limit": String(verdict.limit),
    "x-rate-limit-remaining": String(Math.max(0, verdict.remaining)),
    "x-rate-limit-reset": String(verdict.resetAt),
  };
  if (verdict.isAllowed) return headers;
  throw managementError(429, "E0000047", "API call exceeded rate limit due to too many requests.", [], headers);
}

type Call = OktaIncoming & { readonly rest: readonly string[] };

async function serverRoutes(org: Org, call: Call): Promise<OktaOutgoing> {
  const { method, rest, body, nowMs, query, path } = call;
  const [id, type] = rest;
  if (id === undefined) {
    if (method === "POST") return created(servers.postServer(org, body, nowMs));
    if (method !== "GET") throw noMethod();
    const prefix = typeof query["q"] === "string" ? query["q"] : "";
    const all = [...org.state.servers.values()].filter(
      ({ name, audiences }) => name.startsWith(prefix) || audiences.some((audience) => audience.startsWith(prefix)),
    );
    const { items, links } = paged(org, path, query, all, (server) => server.id);
    return json(
      200,
      items.map((server) => servers.shownServer(org, server)),
      links,
    );
  }
  if (type === undefined) return oneServer(org, id, call);
  const server = servers.serverOf(org, id);
  const isWrite = method !== "GET" && (type === "policies" || type === "scopes" || type === "claims");
  return isWrite ? alone(org, server, () => below(org, server, call)) : below(org, server, call);
}

function oneServer(org: Org, id: string, { method, body, nowMs }: Call): OktaOutgoing {
  if (method === "GET") return json(200, servers.shownServer(org, servers.serverOf(org, id)));
  if (method === "PUT") return json(200, servers.putServer(org, id, body, nowMs));
  if (method !== "DELETE") throw noMethod();
  servers.deleteServer(org, id);
  return done;
}

/** Two writes below one server at a time are what the real one answers with 500. */
async function alone(org: Org, server: Server, work: () => Promise<OktaOutgoing>): Promise<OktaOutgoing> {
  const others = org.busy.get(server.id) ?? 0;
  if (others > 0 && org.knobs.racesFail) throw managementError(500, "E0000009", "Internal Server Error");
  org.busy.set(server.id, others + 1);
  try {
    // Long enough for another request to arrive.
    await new Promise((resolve) => setTimeout(resolve, 5));
    return await work();
  } finally {
    org.busy.set(server.id, (org.busy.get(server.id) ?? 1) - 1);
  }
}

async function below(org: Org, server: Server, call: Call): Promise<OktaOutgoing> {
  const [, type = "", id] = call.rest;
  switch (type) {
    case "lifecycle":
      server.status = statusOf(id);
      server.lastUpdated = timeOf(call.nowMs);
      return done;
    case "credentials":
      return keyRoutes(org, server, call);
    case "scopes":
      return scopeRoutes(org, server, call, id);
    case "claims":
      return claimRoutes(org, server, call, id);
    case "policies":
      return policyRoutes(org, server, call, id);
    default:
      throw noRoute();
  }
}

const noMethod = (): OktaError =>
  managementError(405, "E0000022", "The endpoint does not support the provided HTTP method");

function statusOf(verb: string | undefined): Status {
  if (verb === "activate") return "ACTIVE";
  if (verb === "deactivate") return "INACTIVE";
  throw noRoute();
}

async function keyRoutes(org: Org, server: Server, { method, rest, body, nowMs }: Call): Promise<OktaOutgoing> {
  const [id = "", , kind, kid] = rest;
  if (method === "POST" && kind === "lifecycle") return json(200, await servers.rotateKeys(org, id, body, nowMs));
  if (method !== "GET" || kind !== "keys") throw noRoute();
  if (kid === undefined)
    return json(
      200,
      server.keys.map((key) => servers.shownKey(org, server, key)),
    );
  const key = server.keys.find((candidate) => candidate.kid === kid);
  if (key === undefined) throw notFound(kid, "Key");
  return json(200, servers.shownKey(org, server, key));
}

function scopeRoutes(org: Org, server: Server, call: Call, id: string | undefined): OktaOutgoing {
  const { method, body, query, path } = call;
  if (id === undefined) {
    if (method === "POST") return created(scopes.postScope(org, server, body));
    const { items, links } = paged(org, path, query, [...server.scopes.values()], (scope) => scope.id);
    return json(
      200,
      items.map((scope) => scopes.shownScope(org, server, scope)),
      // Paging came late to scopes: who does not ask for a page gets no link.
      query["limit"] === undefined ? [] : links,
    );
  }
  if (method === "GET") return json(200, scopes.shownScope(org, server, scopes.scopeOf(server, id)));
  if (method === "PUT") return json(200, scopes.putScope(org, server, id, body));
  scopes.scopeOf(server, id);
  server.scopes.delete(id);
  return done;
}

function claimRoutes(org: Org, server: Server, { method, body }: Call, id: string | undefined): OktaOutgoing {
  if (id === undefined) {
    if (method === "POST") return created(scopes.postClaim(org, server, body));
    return json(
      200,
      [...server.claims.values()].map((claim) => scopes.shownClaim(org, server, claim)),
    );
  }
  if (method === "GET") return json(200, scopes.shownClaim(org, server, scopes.claimOf(server, id)));
  if (method === "PUT") return json(200, scopes.putClaim(org, server, id, body));
  scopes.claimOf(server, id);
  server.claims.delete(id);
  return done;
}

function policyRoutes(org: Org, server: Server, call: Call, id: string | undefined): OktaOutgoing {
  const { method, body, nowMs, rest } = call;
  if (id === undefined) {
    if (method === "POST") return created(policies.postPolicy(org, server, body, nowMs));
    return json(
      200,
      policies.byPriority(server.policies).map((policy) => policies.shownPolicy(org, server, policy)),
    );
  }
  const policy = policies.policyOf(server, id);
  if (rest[3] === "lifecycle") {
    policy.status = statusOf(rest[4]);
    return done;
  }
  if (rest[3] === "rules") return ruleRoutes(org, server, policy, call);
  if (method === "GET") return json(200, policies.shownPolicy(org, server, policy));
  if (method === "PUT") return json(200, policies.putPolicy(org, server, id, body, nowMs));
  policies.deletePolicy(server, id);
  return done;
}

function ruleRoutes(org: Org, server: Server, policy: Policy, { method, body, nowMs, rest }: Call): OktaOutgoing {
  const [, , , , id, , verb] = rest;
  if (id === undefined) {
    if (method === "POST") return created(policies.postRule(org, server, policy, body, nowMs));
    return json(
      200,
      policies.byPriority(policy.rules).map((rule) => policies.shownRule(org, server, policy, rule)),
    );
  }
  const rule = policies.ruleOf(policy, id);
  if (verb !== undefined) {
    rule.status = statusOf(verb);
    return done;
  }
  if (method === "GET") return json(200, policies.shownRule(org, server, policy, rule));
  if (method === "PUT") return json(200, policies.putRule(org, server, policy, id, body, nowMs));
  policies.deleteRule(policy, id);
  return done;
}

async function appRoutes(org: Org, call: Call): Promise<OktaOutgoing> {
  const { method, rest, body, nowMs, query, path } = call;
  const [id, kind, verb] = rest;
  if (id === undefined) {
    if (method === "POST") return json(200, postApp(org, body, nowMs));
    const { items, links } = paged(org, path, query, listApps(org, query), (app) => app.id);
    return json(
      200,
      items.map((app) => shownApp(org, app, false)),
      links,
    );
  }
  const app = appOf(org, id);
  if (kind === "lifecycle") {
    app.status = statusOf(verb);
    return json(200, {});
  }
  if (kind === "credentials") return Promise.resolve(credentialRoutes(org, app, call));
  if (method === "GET") return json(200, shownApp(org, app, false));
  if (method === "PUT") return json(200, putApp(org, id, body, nowMs));
  deleteApp(org, id);
  return done;
}

function credentialRoutes(org: Org, app: App, { method, rest, body, nowMs }: Call): OktaOutgoing {
  const [, , kind, id, , verb] = rest;
  if (kind === "jwks" && method === "GET" && id === undefined) return json(200, { keys: app.keys });
  if (kind !== "secrets") throw noRoute();
  if (id === undefined) {
    if (method === "POST") return created(postSecret(org, app, body, nowMs));
    return json(
      200,
      app.secrets.map((secret) => shownSecret(org, app, secret)),
    );
  }
  if (verb !== undefined) return json(200, setSecretStatus(org, app, id, statusOf(verb), nowMs));
  if (method === "GET") return json(200, shownSecret(org, app, secretOf(app, id)));
  deleteSecret(app, id);
  return done;
}
