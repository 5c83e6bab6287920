import { signAccessToken } from "./access-token.ts";
import { authenticate } from "./client-authentication.ts";
import { bindingOf } from "./dpop.ts";
import type { OktaIncoming } from "./exchange.ts";
import { refusal } from "./oauth-errors.ts";
import type { Org } from "./org.ts";
import { type Presented, textOf } from "./presented.ts";
import type { App } from "./state.ts";
import { checkGrantType, scopeNames, type TokenResponse } from "./token.ts";

/** A token for the org's own API: only for apps that sign, and only with scopes that an administrator granted. */
export async function issueOrgToken(
  org: Org,
  presented: Presented,
  incoming: OktaIncoming,
): Promise<TokenResponse & { readonly clientId: string }> {
  const app = await signingApp(org, presented, incoming.nowMs);
  const isOperator = app.clientId === org.operator.clientId;
  const thumbprint = await bindingOf(org, incoming, isOperator && org.knobs.operatorDpop);
  checkGrantType(app, presented.form["grant_type"]);
  const scopes = grantedOf(org, isOperator, scopeNames(presented.form["scope"]));
  const lifetime = org.knobs.operatorTokenSeconds;
  const token = await signAccessToken(org.key, {
    ...{ issuer: org.url, audience: org.url, clientId: app.clientId, scopes, thumbprint, lifetime },
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

async function signingApp(org: Org, presented: Presented, nowMs: number): Promise<App> {
  const isSecret = presented.authorization !== undefined || textOf(presented.form, "client_secret") !== undefined;
  if (isSecret && textOf(presented.form, "client_assertion") === undefined)
    throw refusal("unsupported_auth_method_client_creds");
  const app = await authenticate(org, presented, nowMs);
  if (app.authMethod !== "private_key_jwt") throw refusal("unsupported_auth_method_client_creds");
  const { application_type: type } = app.settings["oauthClient"] as { readonly application_type?: unknown };
  if (type !== "service") throw refusal("invalid_application_type_client_credentials");
  return app;
}

function grantedOf({ knobs }: Org, isOperator: boolean, names: readonly string[]): readonly string[] {
  if (names.length === 0) throw refusal("missing_scopes");
  if (names.some((name) => !name.startsWith("okta."))) throw refusal("illegal_custom_scope");
  const granted = names.filter((name) => isOperator && knobs.operatorScopes.includes(name));
  const isEnough = knobs.grantsPartOfScopes ? granted.length > 0 : granted.length === names.length;
  if (!isEnough) throw refusal("no_org_scopes_granted");
  return granted;
}
