import { type AppBody, appBody } from "./app-body.ts";
import { replacedKeys } from "./app-keys.ts";
import { shownApp, shownSecretOf } from "./app-view.ts";
import { invalid, managementError, notFound } from "./errors.ts";
import { merged } from "./json.ts";
import type { Org } from "./org.ts";
import { parsed, unknownOf } from "./request-body.ts";
import { checkSecretText, newSecret } from "./secrets.ts";
import { type App, newOktaId, type Status, timeOf } from "./state.ts";
import { isVisible, noteCreated } from "./visibility.ts";

export function appOf(org: Org, id: string, nowMs: number): App {
  const app = org.state.apps.get(id);
  if (app === undefined || !isVisible(org, app, nowMs)) throw notFound(id, "AppInstance");
  return app;
}

/** Okta: `q` is the start of a name or label, `filter` compares one of a few members. */
export function listApps(org: Org, query: Readonly<Record<string, unknown>>, nowMs: number): readonly App[] {
  const fold = (text: string): string => (org.knobs.searchIgnoresCase ? text.toLowerCase() : text);
  const prefix = typeof query["q"] === "string" ? fold(query["q"]) : "";
  const matches = filterOf(query["filter"]);
  return [...org.state.apps.values()].filter(
    (app) =>
      isVisible(org, app, nowMs) && [app.label, app.name].some((text) => fold(text).startsWith(prefix)) && matches(app),
  );
}

function filterOf(filter: unknown): (app: App) => boolean {
  if (typeof filter !== "string" || filter === "") return () => true;
  const [, member = "", value] = /^(id|status|name|[a-z.]+) eq "([^"]*)"$/.exec(filter) ?? [];
  if (member !== "id" && member !== "status" && member !== "name")
    throw invalid("filter", "filter: Invalid search criteria.");
  return (app) => app[member] === value;
}

export function postApp(org: Org, body: unknown, status: Status, nowMs: number): object {
  const given = parsed(appBody, body);
  const id = newOktaId("0oa");
  const { client_id: clientId = id } = given.credentials.oauthClient;
  // The text is not recorded.
  if (clientId === "ALL_CLIENTS" || [...org.state.apps.values()].some((app) => app.clientId === clientId))
    throw invalid("credentials.oauthClient.client_id", "client_id: An app with this client_id exists already.");
  const at = timeOf(nowMs);
  const app: App = {
    ...{ id, name: "oidc_client", status, created: at, lastUpdated: at, clientId, authMethod: "client_secret_basic" },
    ...{ label: "", signOnMode: "", profile: undefined, credentials: {}, settings: {}, visibility: {} },
    ...{ accessibility: {}, secrets: [], keys: [] },
  };
  assign(org, app, given, nowMs);
  org.state.apps.set(id, app);
  noteCreated(org, id, nowMs);
  return shownApp(org, app, true);
}

/** A full replacement. An absent secret keeps the one that is there; immutables are refused. */
export function putApp(org: Org, app: App, body: unknown, nowMs: number): object {
  if (org.knobs.strictAppUpdate && app.status === "INACTIVE")
    throw managementError(400, "E0000024", "Bad request.  This operation on app metadata is not yet supported.");
  const given = parsed(appBody, body);
  const { client_id: clientId = app.clientId } = given.credentials.oauthClient;
  if (clientId !== app.clientId) throw invalid("credentials.oauthClient.client_id", "client_id: cannot be changed");
  const { application_type: before } = app.settings["oauthClient"] as { readonly application_type?: unknown };
  if (given.settings.oauthClient.application_type !== before)
    throw invalid("settings.oauthClient.application_type", "application_type: cannot be changed");
  const extra = unknownOf(org, body, merged(shownApp(org, { ...app, extra: {} }), given));
  assign(org, app, given, nowMs);
  app.extra = extra;
  return shownApp(org, app, true);
}

function assign(org: Org, app: App, given: AppBody, nowMs: number): void {
  const {
    client_id: _id,
    client_secret: text,
    token_endpoint_auth_method: method,
    ...rest
  } = given.credentials.oauthClient;
  const { jwks: _jwks, ...oauthClient } = given.settings.oauthClient;
  const authMethod = method ?? app.authMethod;
  const keys = replacedKeys(org, app, given, authMethod, nowMs);
  if (typeof text === "string" && text !== "") checkSecretText(text, authMethod);
  Object.assign(app, {
    ...{ label: given.label, signOnMode: given.signOnMode, profile: given.profile ?? undefined, authMethod, keys },
    credentials: { ...given.credentials, oauthClient: rest },
    settings: { ...given.settings, oauthClient },
    ...{ visibility: given.visibility ?? {}, accessibility: given.accessibility ?? {}, lastUpdated: timeOf(nowMs) },
  });
  if (authMethod !== "private_key_jwt") assignSecret(org, app, text ?? "", nowMs);
}

/** A text replaces the secret that is shown; without one the first secret is made up. */
function assignSecret(org: Org, app: App, text: string, nowMs: number): void {
  const shown = shownSecretOf(org, app);
  if (shown === undefined) app.secrets = [newSecret(org, nowMs, text === "" ? undefined : text)];
  else if (text !== "") shown.client_secret = text;
}

export function deleteApp(org: Org, app: App): void {
  if (app.status === "ACTIVE")
    throw managementError(403, "E0000056", "Delete application forbidden.", [
      "The application must be deactivated before deletion.",
    ]);
  org.state.apps.delete(app.id);
  if (org.knobs.keepsStaleClients) return;
  for (const server of org.state.servers.values())
    for (const { conditions } of server.policies.values())
      conditions.clients.include = conditions.clients.include.filter((client) => client !== app.clientId);
}
