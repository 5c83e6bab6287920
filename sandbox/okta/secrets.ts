import { invalid, notFound } from "./errors.ts";
import { linkTo } from "./links.ts";
import type { Org } from "./org.ts";
import { type App, newOktaId, newSecretHash, newSecretText, type Secret, type Status, timeOf } from "./state.ts";

const MAX_SECRETS = 2;
const SUMMARY = "OAuth2ClientSecretMediated";

export function newSecret(nowMs: number, text: string = newSecretText()): Secret {
  const at = timeOf(nowMs);
  const hash = newSecretHash();
  return {
    id: newOktaId("ocs"),
    created: at,
    lastUpdated: at,
    status: "ACTIVE",
    client_secret: text,
    secret_hash: hash,
  };
}

/** In clear text: that is how the real API lists them. */
export function shownSecret({ url }: Org, app: App, secret: Secret): object {
  const link = linkTo(`${url}/api/v1/apps/${app.id}/credentials/secrets/${secret.id}`);
  const _links =
    secret.status === "ACTIVE"
      ? { deactivate: link("/lifecycle/deactivate", "POST") }
      : { activate: link("/lifecycle/activate", "POST"), delete: link("", "DELETE") };
  return { ...secret, _links };
}

export function secretOf({ secrets }: App, id: string): Secret {
  const secret = secrets.find((candidate) => candidate.id === id);
  if (secret === undefined) throw notFound(id, "OAuth2ClientSecretMediated");
  return secret;
}

export function postSecret(org: Org, app: App, body: unknown, nowMs: number): object {
  if (app.secrets.length >= MAX_SECRETS)
    throw invalid(SUMMARY, "You've reached the maximum number of client secrets per client.");
  if (app.authMethod === "private_key_jwt")
    throw invalid(SUMMARY, "'client_secret' can't be used when 'token_endpoint_auth_method' is 'private_key_jwt'.");
  const { client_secret: text } = (body ?? {}) as { client_secret?: string };
  if (text !== undefined && (text.length < 14 || text.length > 100))
    throw invalid(SUMMARY, "client_secret: must have between 14 and 100 characters.");
  const secret = newSecret(nowMs, text);
  app.secrets.push(secret);
  return shownSecret(org, app, secret);
}

export function setSecretStatus(org: Org, app: App, id: string, status: Status, nowMs: number): object {
  const secret = secretOf(app, id);
  const isLast = app.secrets.filter((other) => other.status === "ACTIVE" && other.id !== id).length === 0;
  if (status === "INACTIVE" && isLast) throw invalid(SUMMARY, "You can't deactivate the only active client secret.");
  Object.assign(secret, { status, lastUpdated: timeOf(nowMs) });
  return shownSecret(org, app, secret);
}

export function deleteSecret(app: App, id: string): void {
  if (secretOf(app, id).status === "ACTIVE")
    throw invalid(SUMMARY, "You can't delete an active client secret. Deactivate the secret before deleting it.");
  app.secrets = app.secrets.filter((secret) => secret.id !== id);
}
