import { signAccessToken } from "./access-token.ts";
import { authenticate } from "./client-authentication.ts";
import { customClaims } from "./custom-claims.ts";
import { bindingOf } from "./dpop.ts";
import { evaluate } from "./evaluation.ts";
import type { OktaIncoming } from "./exchange.ts";
import { refusal } from "./oauth-errors.ts";
import type { Org } from "./org.ts";
import type { Presented } from "./presented.ts";
import { issuerOf } from "./servers.ts";
import type { App, Rule, Scope, Server } from "./state.ts";
import { SYSTEM_SCOPES } from "./system.ts";

/** RFC 6749 section 5.1. */
export interface TokenResponse {
  readonly token_type: "Bearer" | "DPoP";
  /** Seconds. */
  readonly expires_in: number;
  readonly access_token: string;
  readonly scope: string;
}

const CLIENT_CREDENTIALS = "client_credentials";
/** Of custom authorization servers, as their metadata lists them. */
export const SERVER_GRANT_TYPES: readonly string[] = [
  ...["authorization_code", "implicit", "refresh_token", "password", CLIENT_CREDENTIALS],
  "urn:ietf:params:oauth:grant-type:device_code",
];

/** The client credentials grant at one authorization server: authentication, scopes, then policies by priority. */
export async function issueToken(
  org: Org,
  server: Server,
  presented: Presented,
  incoming: OktaIncoming,
): Promise<TokenResponse & { readonly clientId: string }> {
  const app = await authenticate(org, presented, incoming.nowMs);
  const { dpop_bound_access_tokens: isBound, network } = app.settings["oauthClient"] as OAuthSettings;
  // Nobody calls from a network zone.
  if (network?.connection === "ZONE") throw refusal("disallowed_network_zone");
  const thumbprint = await bindingOf(org, incoming, isBound === true);
  checkGrantType(app, presented.form["grant_type"]);
  const { wanted, isDefaulted } = requested(server, presented.form["scope"]);
  const { consentBeforePolicies, noDefaultCovered } = org.knobs;
  if (consentBeforePolicies) checkConsent(wanted);
  const { rule, scopes: granted } = evaluate(server, app, wanted, isDefaulted ? noDefaultCovered : undefined);
  checkConsent(granted);
  const lifetime = lifetimeOf(rule) * 60;
  const scopes = granted.map(({ name }) => name);
  const key = server.keys.find(({ role }) => role === "current");
  if (key === undefined) throw new Error("the authorization server has no signing key");
  const token = await signAccessToken(key, {
    ...{ issuer: issuerOf(org, server, incoming.host), audience: server.audiences[0] ?? "", clientId: app.clientId },
    ...{ scopes, custom: customClaims(server, app, scopes), thumbprint, lifetime },
    now: Math.floor(incoming.nowMs / 1000),
  });
  return {
    token_type: thumbprint === undefined ? "Bearer" : "DPoP",
    expires_in: lifetime,
    access_token: token,
    scope: scopes.join(" "),
    clientId: app.clientId,
  };
}

interface OAuthSettings {
  readonly dpop_bound_access_tokens?: unknown;
  readonly network?: { readonly connection?: unknown };
}

export function checkGrantType({ settings }: App, grantType: unknown): void {
  if (grantType === undefined) throw refusal("token_request_missing_grant_type", SERVER_GRANT_TYPES);
  if (grantType !== CLIENT_CREDENTIALS) throw refusal("unsupported_grant_type", SERVER_GRANT_TYPES);
  const { grant_types: allowed = [CLIENT_CREDENTIALS] } = settings["oauthClient"] as {
    grant_types?: readonly string[];
  };
  if (!allowed.includes(CLIENT_CREDENTIALS)) throw refusal("unauthorized_client", allowed);
}

interface Requested {
  readonly wanted: readonly Scope[];
  readonly isDefaulted: boolean;
}

export const scopeNames = (asked: unknown): readonly string[] =>
  typeof asked === "string" ? [...new Set(asked.split(" ").filter((name) => name !== ""))] : [];

/** Without a scope in the request, those that are given by default. */
function requested({ scopes }: Server, asked: unknown): Requested {
  const names = scopeNames(asked);
  const byName = new Map([...scopes.values()].map((scope) => [scope.name, scope]));
  if (names.length === 0) {
    const wanted = [...scopes.values()].filter((scope) => scope.default);
    if (wanted.length === 0) throw refusal("no_default_scopes");
    return { wanted, isDefaulted: true };
  }
  // The text names one of them for all.
  if (names.some((name) => SYSTEM_SCOPES.includes(name))) throw refusal("openid_not_allowed_client_creds");
  const wanted = names.map((name) => byName.get(name)).filter((scope) => scope !== undefined);
  if (wanted.length < names.length) throw refusal("no_matching_scope");
  return { wanted, isDefaulted: false };
}

/** Nobody is there who could consent. */
function checkConsent(granted: readonly Scope[]): void {
  const required = granted.filter(({ consent }) => consent === "REQUIRED").map(({ name }) => name);
  if (required.length > 0) throw refusal("consent_required_client_credentials", required);
}

function lifetimeOf({ actions }: Rule): number {
  const { token } = actions as { token?: { accessTokenLifetimeMinutes?: number } };
  return token?.accessTokenLifetimeMinutes ?? 60;
}
