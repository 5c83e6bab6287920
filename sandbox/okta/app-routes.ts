import * as keys from "./app-keys.ts";
import { shownApp } from "./app-view.ts";
import { appOf, deleteApp, listApps, postApp, putApp } from "./apps.ts";
import { noMethod, noRoute } from "./errors.ts";
import { type Call, created, done, json, type OktaOutgoing, statusOf } from "./exchange.ts";
import type { Org } from "./org.ts";
import { paged } from "./paging.ts";
import * as secrets from "./secrets.ts";
import { type App, timeOf } from "./state.ts";

/** Everything below `/api/v1/apps`. */
export function appRoutes(org: Org, call: Call): OktaOutgoing {
  const { method, nowMs } = call;
  const [id, kind, ...rest] = call.rest;
  if (id === undefined) return allApps(org, call);
  const app = appOf(org, id, nowMs);
  const below = { ...call, rest };
  switch (kind) {
    case undefined:
      return oneApp(org, app, call);
    case "lifecycle":
      if (method !== "POST") throw noMethod();
      Object.assign(app, { status: statusOf(rest[0]), lastUpdated: timeOf(nowMs) });
      return json(200, {});
    case "credentials":
      return credentialRoutes(org, app, below);
    case "policies":
      if (method !== "PUT") throw noMethod();
      return done;
    default:
      throw noRoute();
  }
}

function allApps(org: Org, { method, body, nowMs, query, path }: Call): OktaOutgoing {
  if (method === "POST")
    return json(200, postApp(org, body, query["activate"] === "false" ? "INACTIVE" : "ACTIVE", nowMs));
  if (method !== "GET") throw noMethod();
  const { items, links } = paged(org, path, query, listApps(org, query, nowMs), (app) => app.id);
  const shown = items.map((app) => shownApp(org, app));
  return json(200, shown, links);
}

function oneApp(org: Org, app: App, { method, body, nowMs }: Call): OktaOutgoing {
  if (method === "GET") return json(200, shownApp(org, app));
  if (method === "PUT") return json(200, putApp(org, app, body, nowMs));
  if (method !== "DELETE") throw noMethod();
  deleteApp(org, app);
  return done;
}

function credentialRoutes(org: Org, app: App, call: Call): OktaOutgoing {
  const [kind, ...rest] = call.rest;
  if (kind === "secrets") return secretRoutes(org, app, { ...call, rest });
  if (kind === "jwks") return keyRoutes(org, app, { ...call, rest });
  // Keys by which an app signs for people; service apps have none.
  if (kind === "keys" && call.method === "GET") return json(200, []);
  throw noRoute();
}

function secretRoutes(org: Org, app: App, { method, rest, body, nowMs }: Call): OktaOutgoing {
  const [id, , verb] = rest;
  if (method === "GET") secrets.checkReadable(org);
  if (id === undefined) {
    if (method === "POST") return created(secrets.postSecret(org, app, body, nowMs));
    if (method !== "GET") throw noMethod();
    const all = app.secrets.map((secret) => secrets.shownSecret(org, app, secret));
    return json(200, all);
  }
  if (verb !== undefined) return json(200, secrets.setSecretStatus(org, app, id, statusOf(verb), nowMs));
  if (method === "GET") return json(200, secrets.shownSecret(org, app, secrets.secretOf(app, id)));
  if (method !== "DELETE") throw noMethod();
  secrets.deleteSecret(app, id);
  return done;
}

/** In an object: that is what the vendor's own libraries read, whatever its specification says. */
function keyRoutes(org: Org, app: App, { method, rest, body, nowMs }: Call): OktaOutgoing {
  const [id, , verb] = rest;
  if (id === undefined) {
    if (method === "POST") return created(keys.postKey(org, app, body, nowMs));
    if (method !== "GET") throw noMethod();
    return json(200, { keys: app.keys.map((key) => keys.shownKey(org, app, key)) });
  }
  if (verb !== undefined) return json(200, keys.setKeyStatus(org, app, id, statusOf(verb), nowMs));
  if (method === "GET") return json(200, keys.shownKey(org, app, keys.keyOf(app, id)));
  if (method !== "DELETE") throw noMethod();
  keys.deleteKey(app, id);
  return done;
}
