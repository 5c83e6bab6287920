import { z } from "zod";
import { problemOfTexts } from "../../oauth/credential-text.ts";

/** What is needed to reach one Okta org. */
export interface OktaSettings {
  /** `https://host`, without a slash at the end: one more would change every path. */
  readonly orgUrl: string;
  /** Host of the org. */
  readonly host: string;
  /** Host of URLs given to workloads, where the org has another one. */
  readonly customDomain: string | undefined;
  /** How the operator itself authenticates. */
  readonly credential: ApiToken | SigningKey;
}

export interface ApiToken {
  readonly kind: "token";
  readonly apiToken: string;
}

/** Of an API service app that is granted the scopes of Okta's own API. */
export interface SigningKey {
  readonly kind: "key";
  readonly clientId: string;
  /** PKCS#8 PEM, RSA or EC. */
  readonly privateKey: string;
  readonly keyId: string;
}

const variantSchema = z.object({ orgUrl: z.string().min(1), customDomain: z.string().min(1).optional() });

const KINDS = "Use api_token, or client_id, private_key and key_id of an API service app.";

/** Keys of the credentials Secret whose values are no secrets. */
export const PUBLIC_KEYS: readonly string[] = ["client_id", "key_id"];

/** What is wrong with the credentials Secret; names keys, never values. */
export function problemOf(credentials: Readonly<Record<string, string>>): string | undefined {
  const unsendable = problemOfTexts(credentials, ["api_token", "client_id", "key_id"]);
  if (unsendable !== undefined) return unsendable;
  const has = (key: string): boolean => (credentials[key] ?? "").trim() !== "";
  if (has("api_token"))
    return has("private_key")
      ? "it has both api_token and private_key. Keep only the one that the operator authenticates with."
      : undefined;
  const keys = ["client_id", "private_key", "key_id"];
  const missing = keys.filter((key) => !has(key));
  if (missing.length === keys.length) return `the key api_token is missing or empty. ${KINDS}`;
  if (missing.length > 0) return `the key ${missing.join(" and the key ")} is missing or empty. ${KINDS}`;
  return (credentials["private_key"] ?? "").includes("-----BEGIN PRIVATE KEY-----")
    ? undefined
    : "private_key is not a PKCS#8 key in PEM (-----BEGIN PRIVATE KEY-----).";
}

export function connectionSettingsOf(
  variant: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, string>>,
): OktaSettings {
  const { orgUrl, customDomain } = variantSchema.parse(variant);
  const text = (key: string): string => (credentials[key] ?? "").trim();
  const credential: OktaSettings["credential"] =
    text("api_token") === ""
      ? { kind: "key", clientId: text("client_id"), privateKey: text("private_key"), keyId: text("key_id") }
      : { kind: "token", apiToken: text("api_token") };
  const url = orgUrl.replace(/\/+$/, "");
  return { orgUrl: url, host: new URL(url).host, customDomain, credential };
}
