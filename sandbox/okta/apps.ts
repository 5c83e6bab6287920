import { z } from "zod";
import { invalid, managementError, notFound } from "./errors.ts";
import { linkTo } from "./links.ts";
import type { Org } from "./org.ts";
import { parsed } from "./servers.ts";
import { type App, newOktaId, type PublicKey, timeOf } from "./state.ts";
import { newSecret } from "./secrets.ts";

type Json = Record<string, unknown>;

const appBody = z.looseObject({
  label: z.string().min(1).max(100),
  name: z.literal("oidc_client").optional(),
  signOnMode: z.literal("OPENID_CONNECT"),
  profile: z.record(z.string(), z.unknown()).optional(),
  credentials: z.looseObject({
    oauthClient: z.looseObject({
      client_id: z
        .string()
        .regex(/^[A-Za-z0-9$\-_.+!*'(),]{6,100}$/)
        .optional(),
      token_endpoint_auth_method: z
        .enum(["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"])
        .optional(),
    }),
  }),
  settings: z.looseObject({
    oauthClient: z.looseObject({
      application_type: z.string(),
      jwks: z.object({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })).max(50) }).optional(),
    }),
  }),
});

type AppBody = z.output<typeof appBody>;

export function appOf({ state }: Org, id: string): App {
  const app = state.apps.get(id);
  if (app === undefined) throw notFound(id, "AppInstance");
  return app;
}

/** `secret`: only answers to a creation and to a change show it. */
export function shownApp(org: Org, app: App, showsSecret: boolean): object {
  const base = `${org.url}/api/v1/apps/${app.id}`;
  const link = linkTo(base);
  const secret = app.secrets.at(-1)?.client_secret;
  const usesKeys = app.authMethod === "private_key_jwt";
  const name = usesKeys ? "jwks" : "secrets";
  const verb = app.status === "ACTIVE" ? "deactivate" : "activate";
  const { autoKeyRotation = true, pkce_required: pkce = false } = app.credentials["oauthClient"] as Json;
  return {
    ...{ id: app.id, orn: `orn:okta:idp:${org.id}:apps:oidc_client:${app.id}`, name: app.name, label: app.label },
    ...{ status: app.status, lastUpdated: app.lastUpdated, created: app.created },
    accessibility: { selfService: false, errorRedirectUrl: null, loginRedirectUrl: null },
    visibility: {
      ...{ autoLaunch: false, autoSubmitToolbar: false, hide: { iOS: true, web: true } },
      appLinks: { oidc_client_link: true },
    },
    features: [],
    signOnMode: app.signOnMode,
    credentials: {
      userNameTemplate: { template: "${source.login}", type: "BUILT_IN" },
      signing: { kid: "org-wide-signing-key" },
      oauthClient: {
        ...{ autoKeyRotation, client_id: app.clientId, pkce_required: pkce },
        ...(showsSecret && secret !== undefined && !usesKeys ? { client_secret: secret } : {}),
        token_endpoint_auth_method: app.authMethod,
      },
    },
    ...(app.profile === undefined ? {} : { profile: app.profile }),
    universalLogout: UNIVERSAL_LOGOUT,
    settings: { ...SETTINGS, oauthClient: oauthSettings(app, usesKeys) },
    _links: {
      uploadLogo: link("/logo", "POST"),
      appLinks: [{ name: "oidc_client_link", href: `${org.url}/home/oidc_client/${app.id}`, type: "text/html" }],
      profileEnrollment: link("/policies/enrollment"),
      policies: link("/policies", "PUT"),
      groups: link("/groups"),
      logo: [{ name: "medium", href: `${org.url}/logo.png`, hints: { allow: ["GET"] }, type: "image/png" }],
      clientCredentials: [{ name, ...link(`/credentials/${name}`) }],
      accessPolicy: link("/policies/access"),
      users: link("/users"),
      [verb]: link(`/lifecycle/${verb}`),
    },
  };
}

const UNIVERSAL_LOGOUT = {
  ...{ status: "DISABLED", supportType: "FULL", identityStack: "NOT_SHARED", protocol: "GLOBAL_TOKEN_REVOCATION" },
};
const SETTINGS = {
  app: {},
  notifications: { vpn: { network: { connection: "DISABLED" }, message: null, helpUrl: null } },
  ...{ manualProvisioning: false, implicitAssignment: false, emOptInStatus: "NONE" },
  notes: { admin: null, enduser: null },
};

function oauthSettings(app: App, usesKeys: boolean): object {
  const given = (app.settings["oauthClient"] ?? {}) as Json;
  return {
    ...{ client_uri: null, logo_uri: null, redirect_uris: [] },
    response_types: given["response_types"] ?? ["token"],
    grant_types: given["grant_types"] ?? ["client_credentials"],
    ...(usesKeys ? { jwks: { keys: app.keys } } : {}),
    application_type: given["application_type"],
    consent_method: given["consent_method"] ?? "TRUSTED",
    issuer_mode: given["issuer_mode"] ?? "ORG_URL",
    idp_initiated_login: { mode: "DISABLED", default_scope: [] },
    wildcard_redirect: "DISABLED",
    dpop_bound_access_tokens: given["dpop_bound_access_tokens"] ?? false,
    participate_slo: false,
  };
}

export function listApps(org: Org, query: Readonly<Record<string, unknown>>): readonly App[] {
  const prefix = typeof query["q"] === "string" ? query["q"].toLowerCase() : "";
  const status = /^status eq "(ACTIVE|INACTIVE)"$/.exec(
    typeof query["filter"] === "string" ? query["filter"] : "",
  )?.[1];
  return [...org.state.apps.values()].filter(
    (app) => app.label.toLowerCase().startsWith(prefix) && (status === undefined || app.status === status),
  );
}

export function postApp(org: Org, body: unknown, nowMs: number): object {
  const given = parsed(appBody, body);
  const { client_id: wanted, token_endpoint_auth_method: method = "client_secret_basic" } =
    given.credentials.oauthClient;
  const id = newOktaId("0oa");
  const clientId = wanted ?? id;
  if (clientId === "ALL_CLIENTS" || [...org.state.apps.values()].some((app) => app.clientId === clientId))
    throw invalid("credentials.oauthClient.client_id", "client_id: An app with this client_id exists already.");
  const at = timeOf(nowMs);
  const app: App = {
    ...{ id, name: "oidc_client", status: "ACTIVE", created: at, lastUpdated: at, clientId, authMethod: method },
    ...{ label: "", signOnMode: "", profile: undefined, credentials: {}, settings: {}, visibility: {} },
    ...{ accessibility: {}, secrets: [], keys: [] },
  };
  assign(app, given, nowMs);
  org.state.apps.set(id, app);
  return shownApp(org, app, true);
}

/** A full replacement. An absent secret keeps the one that is there; immutables are refused. */
export function putApp(org: Org, id: string, body: unknown, nowMs: number): object {
  const app = appOf(org, id);
  if (app.status === "INACTIVE")
    throw managementError(400, "E0000024", "Bad request.  This operation on app metadata is not yet supported.");
  const given = parsed(appBody, body);
  const { client_id: clientId = app.clientId, client_secret: secret } = given.credentials.oauthClient as Json;
  if (clientId !== app.clientId) throw invalid("credentials.oauthClient.client_id", "client_id: cannot be changed");
  const before = (app.settings["oauthClient"] as Json | undefined)?.["application_type"];
  if (given.settings.oauthClient.application_type !== before)
    throw invalid("settings.oauthClient.application_type", "application_type: cannot be changed");
  assign(app, given, nowMs);
  if (typeof secret === "string" && secret !== "" && app.secrets[0] !== undefined)
    app.secrets[0].client_secret = secret;
  return shownApp(org, app, true);
}

function assign(app: App, given: AppBody, nowMs: number): void {
  const { jwks, jwks_uri: jwksUri } = given.settings.oauthClient;
  const method = given.credentials.oauthClient.token_endpoint_auth_method ?? app.authMethod;
  if (method === "private_key_jwt" && jwks === undefined && jwksUri === undefined)
    throw invalid(
      "settings.oauthClient",
      "jwks: A JWKSet is required when 'token_endpoint_auth_method' is 'private_key_jwt'.",
    );
  Object.assign(app, {
    ...{ label: given.label, signOnMode: given.signOnMode, profile: given.profile, authMethod: method },
    ...{ credentials: given.credentials, settings: given.settings, lastUpdated: timeOf(nowMs) },
    keys: (jwks?.keys ?? []).map((key) => storedKey(app, key)),
  });
  if (method !== "private_key_jwt" && app.secrets.length === 0) app.secrets = [newSecret(nowMs)];
}

function storedKey(app: App, key: Readonly<Record<string, unknown>>): PublicKey {
  const known = app.keys.find(({ kid }) => kid === key["kid"]);
  return {
    ...{ kty: key["kty"], id: known?.id ?? newOktaId("pks"), status: "ACTIVE", kid: String(key["kid"]), use: null },
    ...Object.fromEntries(
      Object.entries(key).filter(([member]) => ["e", "n", "x", "y", "crv", "alg"].includes(member)),
    ),
  };
}

export function deleteApp(org: Org, id: string): void {
  const app = appOf(org, id);
  if (app.status === "ACTIVE")
    throw managementError(403, "E0000056", "Delete application forbidden.", [
      "The application must be deactivated before deletion.",
    ]);
  org.state.apps.delete(id);
  if (org.knobs.keepsStaleClients) return;
  for (const server of org.state.servers.values())
    for (const { conditions } of server.policies.values())
      conditions.clients.include = conditions.clients.include.filter((client) => client !== app.clientId);
}
