import { usesKeys } from "./app-view.ts";
import { noMethod, noRoute, notFound } from "./errors.ts";
import type { Call } from "./exchange.ts";
import type { Org } from "./org.ts";
import { isVisible } from "./visibility.ts";

interface Settings {
  readonly application_type?: unknown;
  readonly grant_types?: unknown;
  readonly response_types?: unknown;
}

/** An app by its client ID, in the words of RFC 7591 section 2. The shape is documented, not recorded. */
export function registeredClient(org: Org, { method, rest: [id = "", ...below], nowMs }: Call): object {
  if (id === "" || below.length > 0) throw noRoute();
  if (method !== "GET") throw noMethod();
  const app = [...org.state.apps.values()].find(({ clientId }) => clientId === id);
  if (app === undefined || !isVisible(org, app, nowMs)) throw notFound(id, "PublicClientApp");
  const settings = app.settings["oauthClient"] as Settings;
  return {
    client_id: id,
    client_id_issued_at: Math.floor(Date.parse(app.created) / 1000),
    ...(usesKeys(app) ? {} : { client_secret_expires_at: 0 }),
    client_name: app.label,
    ...{ client_uri: null, logo_uri: null, redirect_uris: [] },
    response_types: settings.response_types ?? ["token"],
    grant_types: settings.grant_types ?? ["client_credentials"],
    token_endpoint_auth_method: app.authMethod,
    application_type: settings.application_type,
  };
}
