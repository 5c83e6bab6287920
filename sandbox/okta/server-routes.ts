import * as claims from "./claims.ts";
import { noMethod, noRoute } from "./errors.ts";
import { type Call, created, done, json, type OktaOutgoing, statusOf } from "./exchange.ts";
import type { Org } from "./org.ts";
import { paged } from "./paging.ts";
import { policyRoutes } from "./policy-routes.ts";
import * as scopes from "./scopes.ts";
import { keyOf, rotateKeys, shownKey } from "./server-keys.ts";
import * as servers from "./servers.ts";
import { type Server, timeOf } from "./state.ts";

/** Everything below `/api/v1/authorizationServers`. */
export async function serverRoutes(org: Org, call: Call): Promise<OktaOutgoing> {
  const [id, type, ...rest] = call.rest;
  if (id === undefined) return allServers(org, call);
  const server = servers.serverOf(org, id);
  const below = { ...call, rest };
  switch (type) {
    case undefined:
      return oneServer(org, server, call);
    case "lifecycle":
      return lifecycle(server, below);
    case "credentials":
      return keyRoutes(org, server, below);
    case "resourceservercredentials":
      return json(200, []);
    case "scopes":
      return scopeRoutes(org, server, below);
    case "claims":
      return claimRoutes(org, server, below);
    case "policies":
      return policyRoutes(org, server, below);
    default:
      throw noRoute();
  }
}

function allServers(org: Org, { method, body, nowMs, query, path }: Call): OktaOutgoing {
  if (method === "POST") return created(servers.postServer(org, body, nowMs));
  if (method !== "GET") throw noMethod();
  const prefix = typeof query["q"] === "string" ? query["q"] : "";
  const all = [...org.state.servers.values()].filter(
    ({ name, audiences }) => name.startsWith(prefix) || audiences.some((audience) => audience.startsWith(prefix)),
  );
  const { items, links } = paged(org, path, query, all, (server) => server.id);
  const shown = items.map((server) => servers.shownServer(org, server));
  return json(200, shown, links);
}

function oneServer(org: Org, server: Server, { method, body, nowMs }: Call): OktaOutgoing {
  if (method === "GET") return json(200, servers.shownServer(org, server));
  if (method === "PUT") return json(200, servers.putServer(org, server, body, nowMs));
  if (method !== "DELETE") throw noMethod();
  servers.deleteServer(org, server);
  return done;
}

function lifecycle(server: Server, { method, rest, nowMs }: Call): OktaOutgoing {
  if (method !== "POST") throw noMethod();
  const status = statusOf(rest[0]);
  Object.assign(server, status === server.status ? {} : { status, lastUpdated: timeOf(nowMs) });
  return done;
}

async function keyRoutes(org: Org, server: Server, { method, rest, body, nowMs }: Call): Promise<OktaOutgoing> {
  const [kind, kid] = rest;
  if (method === "POST" && kind === "lifecycle" && kid === "keyRotate")
    return json(200, await rotateKeys(org, server, body, nowMs));
  if (method !== "GET" || kind !== "keys") throw noRoute();
  if (kid !== undefined) return json(200, shownKey(org, server, keyOf(server, kid)));
  const all = server.keys.map((key) => shownKey(org, server, key));
  return json(200, all);
}

function scopeRoutes(org: Org, server: Server, { method, body, query, path, rest: [id] }: Call): OktaOutgoing {
  if (id === undefined) {
    if (method === "POST") return created(scopes.postScope(org, server, body));
    if (method !== "GET") throw noMethod();
    const prefix = typeof query["q"] === "string" ? query["q"] : "";
    const all = [...server.scopes.values()].filter(({ name }) => name.startsWith(prefix));
    const { items, links } = paged(org, path, query, all, (scope) => scope.id);
    const shown = items.map((scope) => scopes.shownScope(org, server, scope));
    // Paging came late to scopes: who does not ask for a page gets no link (recorded), unless there is another page.
    return json(200, shown, query["limit"] === undefined && links.length === 1 ? [] : links);
  }
  if (method === "GET") return json(200, scopes.shownScope(org, server, scopes.scopeOf(server, id)));
  if (method === "PUT") return json(200, scopes.putScope(org, server, id, body));
  if (method !== "DELETE") throw noMethod();
  scopes.deleteScope(org, server, id);
  return done;
}

function claimRoutes(org: Org, server: Server, { method, body, rest: [id] }: Call): OktaOutgoing {
  if (id === undefined) {
    if (method === "POST") return created(claims.postClaim(org, server, body));
    if (method !== "GET") throw noMethod();
    const all = [...server.claims.values()].map((claim) => claims.shownClaim(org, server, claim));
    return json(200, all);
  }
  if (method === "GET") return json(200, claims.shownClaim(org, server, claims.claimOf(server, id)));
  if (method === "PUT") return json(200, claims.putClaim(org, server, id, body));
  if (method !== "DELETE") throw noMethod();
  claims.deleteClaim(server, id);
  return done;
}
