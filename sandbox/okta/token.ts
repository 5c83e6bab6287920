import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import { authenticate, type Presented } from "./client-authentication.ts";
import { oauthError } from "./errors.ts";
import type { Org } from "./org.ts";
import { byPriority } from "./policies.ts";
import { issuerOf } from "./servers.ts";
import type { App, Claim, Rule, Scope, Server } from "./state.ts";

export interface TokenResponse {
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly access_token: string;
  readonly scope: string;
}

const GRANT = "client_credentials";
const invalidScope = (description: string) => oauthError(400, "invalid_scope", description);

/** The client credentials grant at one authorization server: authentication, scopes, then policies by priority. */
export async function issueToken(
  org: Org,
  server: Server,
  presented: Presented,
  nowMs: number,
): Promise<TokenResponse & { readonly clientId: string }> {
  const app = await authenticate(org, presented, nowMs);
  checkGrantType(app, presented.form["grant_type"]);
  const { wanted, isDefaulted } = requested(server, presented.form["scope"]);
  const decision = evaluate(server, app, wanted, isDefaulted);
  const consent = decision.scopes.filter(({ consent: kind }) => kind === "REQUIRED").map(({ name }) => name);
  if (consent.length > 0)
    throw oauthError(
      400,
      "consent_required",
      `The following scopes require user consent and cannot be granted for the client credentials grant type: [${consent.join(", ")}].`,
    );
  const seconds = lifetimeOf(decision.rule) * 60;
  const scopes = decision.scopes.map(({ name }) => name);
  const token = await sign(org, server, app, scopes, seconds, Math.floor(nowMs / 1000));
  return {
    token_type: "Bearer",
    expires_in: seconds,
    access_token: token,
    scope: scopes.join(" "),
    clientId: app.clientId,
  };
}

function checkGrantType({ settings }: App, grantType: unknown): void {
  if (grantType === undefined)
    throw oauthError(
      400,
      "invalid_request",
      `The token request must specify a 'grant_type'. Valid values: [${GRANT}].`,
    );
  if (grantType !== GRANT)
    throw oauthError(
      400,
      "unsupported_grant_type",
      `The authorization grant type is not supported by the authorization server. Configured grant types: [${GRANT}].`,
    );
  const { grant_types: allowed = [GRANT] } = settings["oauthClient"] as { grant_types?: readonly string[] };
  if (!allowed.includes(GRANT))
    throw oauthError(
      400,
      "unauthorized_client",
      `The client is not authorized to use the provided grant type. Configured grant types: [${allowed.join(", ")}].`,
    );
}

interface Requested {
  readonly wanted: readonly Scope[];
  readonly isDefaulted: boolean;
}

/** Without a scope in the request, those that are given by default. */
function requested({ scopes }: Server, asked: unknown): Requested {
  const names = typeof asked === "string" ? asked.split(" ").filter((name) => name !== "") : [];
  const byName = new Map([...scopes.values()].map((scope) => [scope.name, scope]));
  if (names.length === 0) {
    const wanted = [...scopes.values()].filter((scope) => scope.default);
    if (wanted.length === 0)
      throw invalidScope(
        "The authorization server resource does not have any configured default scopes, 'scope' must be provided.",
      );
    return { wanted, isDefaulted: true };
  }
  if (names.includes("openid")) throw invalidScope("Cannot request 'openid' scopes using client credentials.");
  const wanted = names.map((name) => byName.get(name)).filter((scope) => scope !== undefined);
  if (wanted.length < names.length)
    throw invalidScope("One or more scopes are not configured for the authorization server resource.");
  return { wanted, isDefaulted: false };
}

/** The first rule decides that covers everything that was asked for; rules and policies never add up. */
function evaluate(
  server: Server,
  app: App,
  wanted: readonly Scope[],
  isDefaulted: boolean,
): { readonly rule: Rule; readonly scopes: readonly Scope[] } {
  for (const policy of byPriority(server.policies)) {
    const { include } = policy.conditions.clients;
    if (policy.status !== "ACTIVE" || !(include.includes(app.clientId) || include.includes("ALL_CLIENTS"))) continue;
    for (const rule of byPriority(policy.rules)) {
      const covered = coveredBy(rule, wanted);
      const isMatch = isDefaulted ? covered.length > 0 : covered.length === wanted.length;
      if (rule.status === "ACTIVE" && isMatch) return { rule, scopes: covered };
    }
  }
  throw oauthError(
    401,
    "access_denied",
    "Policy evaluation failed for this request, please check the policy configurations.",
  );
}

function coveredBy({ conditions }: Rule, wanted: readonly Scope[]): readonly Scope[] {
  const { grantTypes, scopes } = conditions as {
    grantTypes: { include: readonly string[] };
    scopes: { include: readonly string[] };
  };
  if (!grantTypes.include.includes(GRANT)) return [];
  const isAny = scopes.include.includes("*");
  return wanted.filter(({ name }) => isAny || scopes.include.includes(name));
}

function lifetimeOf({ actions }: Rule): number {
  const { token } = actions as { token?: { accessTokenLifetimeMinutes?: number } };
  return token?.accessTokenLifetimeMinutes ?? 60;
}

async function sign(
  org: Org,
  server: Server,
  app: App,
  scopes: readonly string[],
  seconds: number,
  now: number,
): Promise<string> {
  const key = server.keys.find(({ role }) => role === "current");
  if (key === undefined) throw new Error("the authorization server has no signing key");
  const custom = [...server.claims.values()]
    .filter((claim) => isInToken(claim, scopes))
    .map((claim) => [claim.name, valueOf(claim.value ?? "", app)] as const);
  const claims = { ver: 1, jti: `AT.${randomBytes(32).toString("base64url")}`, cid: app.clientId, scp: scopes };
  return new SignJWT({ ...Object.fromEntries(custom), ...claims, sub: app.clientId })
    .setProtectedHeader({ kid: key.kid, alg: "RS256" })
    .setIssuer(issuerOf(org, server))
    .setAudience(server.audiences[0] ?? "")
    .setIssuedAt(now)
    .setExpirationTime(now + seconds)
    .sign(key.privateKey);
}

function isInToken({ claimType, valueType, status, system, conditions }: Claim, scopes: readonly string[]): boolean {
  if (claimType !== "RESOURCE" || valueType !== "EXPRESSION" || status !== "ACTIVE" || system) return false;
  return conditions.scopes.length === 0 || conditions.scopes.some((scope) => scopes.includes(scope));
}

/** What expressions for machines need: texts, and what is known of the app. */
function valueOf(expression: string, app: App): unknown {
  const literal = /^"(.*)"$/.exec(expression)?.[1];
  if (literal !== undefined) return literal;
  if (expression === "app.clientId") return app.clientId;
  if (expression === "app.id") return app.id;
  const member = /^app\.profile\.([A-Za-z_][A-Za-z0-9_]*)$/.exec(expression)?.[1];
  return member === undefined ? expression : (app.profile?.[member] ?? null);
}
