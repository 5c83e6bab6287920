import type { App, Claim, Server } from "./state.ts";

/** What the server's own claims add to an access token with these scopes, `sub` among them. */
export function customClaims({ claims }: Server, app: App, scopes: readonly string[]): Record<string, unknown> {
  const own = [...claims.values()].filter((claim) => isInToken(claim, scopes));
  const values = own.map((claim): [string, unknown] => [claim.name, valueOf(claim.value ?? "", app)]);
  // That a claim without a value is left out is not documented.
  return Object.fromEntries(values.filter(([, value]) => value !== null));
}

function isInToken({ claimType, valueType, status, conditions }: Claim, scopes: readonly string[]): boolean {
  if (claimType !== "RESOURCE" || valueType !== "EXPRESSION" || status !== "ACTIVE") return false;
  return conditions.scopes.length === 0 || conditions.scopes.some((scope) => scopes.includes(scope));
}

/** Okta's expression language as far as machines need it: texts, what is known of the app, and a choice about users. */
function valueOf(expression: string, app: App): unknown {
  const text = expression.trim();
  const choice = /^\(?\s*(?:app)?user != null\s*\)?\s*\?.+:(.+)$/.exec(text)?.[1];
  // There is no user.
  if (choice !== undefined) return valueOf(choice, app);
  const literal = /^"([^"]*)"$/.exec(text)?.[1];
  if (literal !== undefined) return literal;
  if (text === "app.clientId") return app.clientId;
  if (text === "app.id") return app.id;
  const member = /^app\.profile\.([A-Za-z_][A-Za-z0-9_]*)$/.exec(text)?.[1];
  return member === undefined ? null : (app.profile?.[member] ?? null);
}
