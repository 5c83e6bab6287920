import { type Json, merged } from "./json.ts";
import { lifecycle, linkTo } from "./links.ts";
import type { Org } from "./org.ts";
import type { App, Secret } from "./state.ts";

/** What an app has that nobody set, as new service apps were recorded. */
const DEFAULTS: Json = {
  accessibility: { selfService: false, errorRedirectUrl: null, loginRedirectUrl: null },
  visibility: { autoLaunch: false, autoSubmitToolbar: false, hide: { iOS: true, web: true } },
  features: [],
  credentials: {
    userNameTemplate: { template: "${source.login}", type: "BUILT_IN" },
    signing: { kid: "org-wide-signing-key" },
    oauthClient: { autoKeyRotation: true, pkce_required: false },
  },
  universalLogout: {
    ...{ status: "DISABLED", supportType: "FULL", identityStack: "NOT_SHARED", protocol: "GLOBAL_TOKEN_REVOCATION" },
  },
  settings: {
    app: {},
    notifications: { vpn: { network: { connection: "DISABLED" }, message: null, helpUrl: null } },
    ...{ manualProvisioning: false, implicitAssignment: false, emOptInStatus: "NONE" },
    notes: { admin: null, enduser: null },
    oauthClient: {
      ...{ client_uri: null, logo_uri: null, redirect_uris: [] },
      ...{ response_types: ["token"], grant_types: ["client_credentials"], consent_method: "TRUSTED" },
      ...{ issuer_mode: "ORG_URL", idp_initiated_login: { mode: "DISABLED", default_scope: [] } },
      ...{ wildcard_redirect: "DISABLED", dpop_bound_access_tokens: false, participate_slo: false },
    },
  },
};

/** `secret`: only answers to a creation and to an update show it. */
export function shownApp(org: Org, app: App, showsSecret = false): Json {
  const { id, name, label, status, lastUpdated, created, signOnMode, profile, accessibility, visibility } = app;
  const { oauthClient = {}, ...settings } = app.settings;
  const { oauthClient: _credentials, ...credentials } = app.credentials;
  const given: Json = {
    ...{ id, orn: `orn:okta:idp:${org.id}:apps:oidc_client:${id}`, name, label, status, lastUpdated, created },
    accessibility,
    visibility: { ...visibility, appLinks: { oidc_client_link: true } },
    signOnMode,
    credentials: { ...credentials, oauthClient: shownCredentials(org, app, showsSecret) },
    ...(profile === undefined ? {} : { profile }),
    settings: { ...settings, oauthClient: { ...(oauthClient as Json), ...shownKeys(app) } },
    _links: linksOf(org, app),
  };
  return merged(DEFAULTS, merged(app.extra ?? {}, given));
}

export const usesKeys = ({ authMethod }: App): boolean => authMethod === "private_key_jwt";

/** Of two secrets the one that answers about the app itself have. */
export const shownSecretOf = ({ knobs }: Org, { secrets }: App): Secret | undefined =>
  knobs.shownSecret === "newest" ? secrets.at(-1) : secrets[0];

function shownCredentials(org: Org, app: App, showsSecret: boolean): object {
  const secret = shownSecretOf(org, app);
  return {
    ...(app.credentials["oauthClient"] as object),
    client_id: app.clientId,
    ...(showsSecret && secret !== undefined && !usesKeys(app) ? { client_secret: secret.client_secret } : {}),
    token_endpoint_auth_method: app.authMethod,
  };
}

/** Here keys have no times. */
function shownKeys(app: App): object {
  if (!usesKeys(app) || app.keys.length === 0) return {};
  return { jwks: { keys: app.keys.map(({ created: _created, lastUpdated: _lastUpdated, ...key }) => key) } };
}

function linksOf({ url }: Org, app: App): object {
  const base = `${url}/api/v1/apps/${app.id}`;
  const link = linkTo(base);
  const name = usesKeys(app) ? "jwks" : "secrets";
  return {
    uploadLogo: link("/logo", "POST"),
    appLinks: [{ name: "oidc_client_link", href: `${url}/home/oidc_client/${app.id}`, type: "text/html" }],
    profileEnrollment: { href: `${url}/api/v1/policies/rst-enrollment` },
    policies: link("/policies", "PUT"),
    groups: link("/groups"),
    logo: [{ name: "medium", href: `${url}/logo.png`, type: "image/png" }],
    clientCredentials: [{ name, ...link(`/credentials/${name}`) }],
    accessPolicy: { href: `${url}/api/v1/policies/rst-access` },
    users: link("/users"),
    ...lifecycle(base, app.status),
  };
}
