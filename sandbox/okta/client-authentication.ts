import { createHash } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, importJWK, type JWTPayload, jwtVerify } from "jose";
import { oauthError } from "./errors.ts";
import type { Org } from "./org.ts";
import type { App } from "./state.ts";

const ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const MAX_AHEAD_SECONDS = 3600;

export interface Presented {
  readonly form: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
  /** URL of the endpoint that was asked. */
  readonly endpoint: string;
}

const refused = (description: string) => oauthError(401, "invalid_client", description);
const FAILED = "Client authentication failed. Either the client or the client credentials are invalid.";

const textOf = (form: Presented["form"], name: string): string | undefined => {
  const value = form[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** A client must use exactly the method that it is set to. */
export async function authenticate(org: Org, presented: Presented, nowMs: number): Promise<App> {
  const basic = /^Basic (.+)$/i.exec(presented.authorization ?? "")?.[1];
  const assertion = textOf(presented.form, "client_assertion");
  const secret = textOf(presented.form, "client_secret");
  const given = [basic, assertion, secret].filter((part) => part !== undefined);
  if (given.length > 1)
    throw oauthError(
      401,
      "invalid_request",
      "Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization header, credentials in the post body, or a client_assertion in the post body.",
    );
  if (assertion !== undefined) return byAssertion(org, presented, assertion, nowMs);
  if (basic !== undefined) return bySecret(org, decoded(basic), "client_secret_basic");
  if (secret === undefined) throw refused("No client credentials found.");
  return bySecret(org, { id: textOf(presented.form, "client_id") ?? "", secret }, "client_secret_post");
}

function decoded(basic: string): { readonly id: string; readonly secret: string } {
  const text = Buffer.from(basic, "base64").toString();
  const at = text.indexOf(":");
  if (at < 0) throw refused("Found Authentication header but was not valid client credentials.");
  const part = (encoded: string): string => decodeURIComponent(encoded.replaceAll("+", " "));
  return { id: part(text.slice(0, at)), secret: part(text.slice(at + 1)) };
}

function clientOf({ state }: Org, id: string): App {
  const app = [...state.apps.values()].find(({ clientId }) => clientId === id);
  if (app?.status !== "ACTIVE") throw refused("Invalid value for 'client_id' parameter.");
  return app;
}

function bySecret(org: Org, { id, secret }: { id: string; secret: string }, method: string): App {
  const app = clientOf(org, id);
  if (app.authMethod !== method) throw refused(FAILED);
  if (!app.secrets.some((known) => known.status === "ACTIVE" && known.client_secret === secret))
    throw refused("The client secret supplied for a confidential client is invalid.");
  return app;
}

async function byAssertion(org: Org, { form, endpoint }: Presented, assertion: string, nowMs: number): Promise<App> {
  if (form["client_assertion_type"] !== ASSERTION)
    throw oauthError(400, "invalid_request", "The client_assertion_type is invalid.");
  const { iss, sub, exp } = claimsOf(assertion);
  if (iss === undefined || iss !== sub)
    throw refused("The issuer claim for client_assertion is not a valid client_id.");
  const app = clientOf(org, iss);
  if (app.authMethod !== "private_key_jwt") throw refused(FAILED);
  const now = Math.floor(nowMs / 1000);
  if (exp === undefined) throw refused("The client_assertion must contain the 'exp' claim as seconds since epoch.");
  if (exp <= now) throw refused("The client_assertion token is expired.");
  if (exp - now > MAX_AHEAD_SECONDS)
    throw refused("The client_assertion token has an expiration too far into the future.");
  await checkSignature(app, assertion, endpoint);
  useOnce(org, assertion, exp, nowMs);
  return app;
}

function claimsOf(assertion: string): JWTPayload {
  try {
    return decodeJwt(assertion);
  } catch {
    throw refused("The client_assertion signature is invalid.");
  }
}

async function checkSignature(app: App, assertion: string, endpoint: string): Promise<void> {
  if (app.keys.length === 0)
    throw refused("The client does not have a JWKSet configured, but the client_assertion requires one.");
  const { alg = "", kid } = decodeProtectedHeader(assertion);
  if (!/^(RS|ES)(256|384|512)$/.test(alg)) throw refused("The client_assertion JWT signature algorithm is invalid.");
  const key = app.keys.find(
    (candidate) => candidate.status === "ACTIVE" && (kid === undefined || candidate.kid === kid),
  );
  if (key === undefined) throw refused("The client_assertion JWT kid is invalid.");
  try {
    await jwtVerify(assertion, await importJWK(key, alg), { audience: endpoint });
  } catch (error) {
    const isAudience = error instanceof Error && "claim" in error && error.claim === "aud";
    throw refused(
      isAudience
        ? "The audience claim for client_assertion must be the endpoint invoked for the request."
        : "The client_assertion signature is invalid.",
    );
  }
}

function useOnce({ state }: Org, assertion: string, exp: number, nowMs: number): void {
  for (const [used, expiry] of state.usedAssertions) if (expiry < nowMs) state.usedAssertions.delete(used);
  const key = createHash("sha256").update(assertion).digest("hex");
  if (state.usedAssertions.has(key)) throw refused("The client_assertion token has already been used.");
  state.usedAssertions.set(key, exp * 1000);
}
