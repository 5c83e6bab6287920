import { z } from "zod";
import type { AppBody } from "./app-body.ts";
import { usesKeys } from "./app-view.ts";
import { invalid, notFound } from "./errors.ts";
import { linkTo } from "./links.ts";
import type { Org } from "./org.ts";
import { parsed } from "./request-body.ts";
import { type App, newOktaId, type PublicKey, type Status, timeOf } from "./state.ts";

const MAX_KEYS = 50;
const MIN_RSA_BITS = 2048;
const KEY_MEMBERS = ["e", "n", "x", "y", "crv", "alg"];

const keyBody = z.looseObject({
  kty: z.enum(["RSA", "EC"]),
  kid: z.string().min(1).optional(),
  status: z.enum(["ACTIVE", "INACTIVE"]).optional(),
  use: z.string().nullish(),
});

type KeyBody = z.output<typeof keyBody>;

/** What an app that is created or updated has for keys. */
export function replacedKeys(org: Org, app: App, given: AppBody, method: string, nowMs: number): PublicKey[] {
  const { jwks, jwks_uri: uri } = given.settings.oauthClient;
  const isGiven = jwks !== undefined && jwks !== null;
  if (isGiven && typeof uri === "string")
    throw invalid("settings.oauthClient", "jwks: 'jwks' and 'jwks_uri' exclude each other.");
  if (isGiven) return jwks.keys.map((key) => storedKey(app, key as KeyBody, nowMs)).map(checkUnique);
  if (method !== "private_key_jwt" || typeof uri === "string") return [];
  if (org.knobs.omittedJwks === "kept" && app.keys.length > 0) return app.keys;
  // The text is not recorded.
  throw invalid(
    "settings.oauthClient",
    "jwks: A JWKSet is required when 'token_endpoint_auth_method' is 'private_key_jwt'.",
  );
}

function checkUnique(key: PublicKey, index: number, keys: readonly PublicKey[]): PublicKey {
  if (keys.findIndex(({ kid }) => kid === key.kid) !== index) throw invalid("jwks", "kid: must be unique.");
  if (keys.findIndex((other) => isSame(other, key)) !== index) throw invalid("jwks", "jwks: The key is a duplicate.");
  return key;
}

const isSame = (one: PublicKey, other: PublicKey): boolean =>
  ["kty", "n", "x", "y"].every((member) => one[member] === other[member]);

function storedKey(app: App, key: KeyBody, nowMs: number): PublicKey {
  const known = app.keys.find(({ kid }) => kid === key.kid);
  const { n: modulus } = key;
  if (typeof modulus === "string" && Buffer.from(modulus, "base64url").length * 8 < MIN_RSA_BITS)
    throw invalid("jwks", "n: RSA keys must have at least 2048 bits.");
  const id = known?.id ?? newOktaId("pks");
  const at = timeOf(nowMs);
  return {
    ...{ kty: key.kty, id, status: key.status ?? "ACTIVE", kid: key.kid ?? id, use: key.use ?? null },
    ...Object.fromEntries(Object.entries(key).filter(([member]) => KEY_MEMBERS.includes(member))),
    ...{ created: known?.["created"] ?? at, lastUpdated: at },
  };
}

/** Okta: an active key can be deactivated, an inactive one activated or deleted. */
export function shownKey({ url }: Org, app: App, key: PublicKey): object {
  const link = linkTo(`${url}/api/v1/apps/${app.id}/credentials/jwks/${key.id}`);
  const _links =
    key.status === "ACTIVE"
      ? { deactivate: link("/lifecycle/deactivate", "POST") }
      : { activate: link("/lifecycle/activate", "POST"), delete: link("", "DELETE") };
  return { ...key, _links };
}

export function keyOf({ keys }: App, id: string): PublicKey {
  const key = keys.find((candidate) => candidate.id === id);
  if (key === undefined) throw notFound(id, "OAuth2ClientJsonWebKey");
  return key;
}

export function postKey(org: Org, app: App, body: unknown, nowMs: number): object {
  const key = storedKey({ ...app, keys: [] }, parsed(keyBody, body), nowMs);
  if (app.keys.length >= MAX_KEYS) throw invalid("jwks", "You've reached the maximum number of keys per client.");
  app.keys = [...app.keys, key].map(checkUnique);
  return shownKey(org, app, key);
}

export function setKeyStatus(org: Org, app: App, id: string, status: Status, nowMs: number): object {
  const key = keyOf(app, id);
  const isLast = !app.keys.some((other) => other.status === "ACTIVE" && other.id !== id);
  if (status === "INACTIVE" && isLast && usesKeys(app))
    throw invalid(
      "jwks",
      "Can't deactivate the only active JSON Web Key when the value for 'token_endpoint_auth_method' is 'private_key_jwt'.",
    );
  Object.assign(key, { status, lastUpdated: timeOf(nowMs) });
  return shownKey(org, app, key);
}

export function deleteKey(app: App, id: string): void {
  if (keyOf(app, id).status === "ACTIVE") throw invalid("jwks", "Can't delete an active JSON Web Key.");
  app.keys = app.keys.filter((key) => key.id !== id);
}
