import { z } from "zod";
import { invalid, notAllowed, notFound } from "./errors.ts";
import type { OrgKnobs } from "./knobs.ts";
import { linkTo } from "./links.ts";
import type { Org } from "./org.ts";
import { parsed } from "./request-body.ts";
import { type App, newOktaId, newSecretHash, newSecretText, type Secret, type Status, timeOf } from "./state.ts";
import { noteCreated } from "./visibility.ts";

const MAX_SECRETS = 2;
const SUMMARY = "OAuth2ClientSecretMediated";

export function newSecret(org: Org, nowMs: number, text: string = newSecretText()): Secret {
  const at = timeOf(nowMs);
  const id = newOktaId("ocs");
  noteCreated(org, id, nowMs);
  return {
    ...{ id, created: at, lastUpdated: at, status: "ACTIVE" },
    ...{ client_secret: text, secret_hash: newSecretHash() },
  };
}

/** In clear text: that is how the real API lists them, unless the caller's role may not read them. */
export function shownSecret({ url, knobs }: Org, app: App, secret: Secret, isNew = false): object {
  const link = linkTo(`${url}/api/v1/apps/${app.id}/credentials/secrets/${secret.id}`);
  const _links =
    secret.status === "ACTIVE"
      ? { deactivate: link("/lifecycle/deactivate", "POST") }
      : { activate: link("/lifecycle/activate", "POST"), delete: link("", "DELETE") };
  const { client_secret: text, ...rest } = secret;
  return { ...rest, ...(isNew ? { client_secret: text } : masked(knobs.masksSecrets, text)), _links };
}

function masked(how: OrgKnobs["masksSecrets"], text: string): object {
  if (how === "omit" || how === "refuse") return {};
  return { client_secret: how === "mask" ? "********" : text };
}

/** Who may not read secrets may still be allowed to make and end them. */
export function checkReadable({ knobs }: Org): void {
  if (knobs.masksSecrets === "refuse") throw notAllowed();
}

export function secretOf({ secrets }: App, id: string): Secret {
  const secret = secrets.find((candidate) => candidate.id === id);
  if (secret === undefined) throw notFound(id, SUMMARY);
  return secret;
}

const secretBody = z.object({
  client_secret: z.string().optional(),
  status: z.enum(["ACTIVE", "INACTIVE"]).optional(),
});

/** Okta: a secret that signs assertions must be longer. */
export function checkSecretText(text: string, authMethod: string): void {
  const min = authMethod === "client_secret_jwt" ? 32 : 14;
  if (text.length < min || text.length > 100)
    throw invalid(SUMMARY, `client_secret: must have between ${String(min)} and 100 characters.`);
  if (!/^[ -~]+$/.test(text))
    throw invalid(SUMMARY, "client_secret: ''client_secret'' must only contain printable ASCII: [x20-x7E]+");
}

export function postSecret(org: Org, app: App, body: unknown, nowMs: number): object {
  if (app.secrets.length >= MAX_SECRETS)
    throw invalid(SUMMARY, "You've reached the maximum number of client secrets per client.");
  if (app.authMethod === "private_key_jwt")
    throw invalid(SUMMARY, "'client_secret' can't be used when 'token_endpoint_auth_method' is 'private_key_jwt'.");
  const { client_secret: text, status = "ACTIVE" } = parsed(secretBody, body ?? {});
  if (text !== undefined) checkSecretText(text, app.authMethod);
  const secret: Secret = { ...newSecret(org, nowMs, text), status };
  app.secrets.push(secret);
  return shownSecret(org, app, secret, true);
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
