import { managementError, notFound } from "./errors.ts";
import { type Call, done, json, type OktaOutgoing } from "./exchange.ts";
import type { Org } from "./org.ts";

/** What other clients of the org's API ask beside apps and authorization servers, answered well enough to continue. */
export function neighbour(org: Org, { method, path, query }: Call): OktaOutgoing | undefined {
  const internal = /^\/api\/v1\/internal\/apps\/([^/]+)\/settings\/oauth\/idToken$/.exec(path)?.[1];
  if (internal !== undefined) {
    if (!org.state.apps.has(internal)) throw notFound(internal, "OAuth2AppInstance");
    return method === "GET" ? json(200, {}) : done;
  }
  if (method !== "GET") return undefined;
  switch (path) {
    case "/api/v1/users/me":
      return json(200, { id: "00u-sandbox", status: "ACTIVE", profile: { login: "admin@example.com" } });
    case "/api/v1/groups":
      return json(200, [{ id: "00g-everyone", type: "BUILT_IN", profile: { name: "Everyone" } }]);
    case "/api/v1/policies":
      // Policies of authorization servers are only to be had below their server.
      if (query["type"] === "OAUTH_AUTHORIZATION_POLICY")
        throw managementError(400, "E0000001", "Api validation failed: type", ["type: Invalid policy type specified."]);
      return json(200, []);
    default:
      return undefined;
  }
}
