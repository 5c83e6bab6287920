import { z } from "zod";
import type { AssertionKey } from "../../oauth/client-assertion.ts";
import { problemOfTexts } from "../../oauth/credential-text.ts";

/** What is needed to reach one realm. */
export interface KeycloakSettings {
  /** URL of the server, without a slash at the end. */
  readonly url: string;
  readonly realm: string;
  /** Issuer of tokens, and URL of everything public below the realm. */
  readonly issuer: string;
  /** Of the operator's own client. Without a Secret it is empty: then only the realm knows it. */
  readonly clientId: string;
  /** Alias of the realm's identity provider for this cluster; `undefined` where the provider object names none. */
  readonly kubernetesIdentityProvider: string | undefined;
  /** How the operator itself authenticates, where it does not use its service account. */
  readonly credential: { readonly clientSecret: string } | AssertionKey;
}

const variantSchema = z.object({
  url: z.string().min(1),
  realm: z.string().min(1),
  kubernetesIdentityProvider: z.string().min(1).optional(),
});

const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];

/** Keys of the credentials Secret whose values are no secrets. */
export const PUBLIC_KEYS: readonly string[] = ["client_id", "key_id", "algorithm"];

/** What is wrong with the credentials Secret; names keys, never values. */
export function problemOf(credentials: Readonly<Record<string, string>>): string | undefined {
  const unsendable = problemOfTexts(credentials, ["client_id", "client_secret", "key_id", "algorithm"]);
  if (unsendable !== undefined) return unsendable;
  const has = (key: string): boolean => (credentials[key] ?? "").trim() !== "";
  const missing = [
    ...(has("client_id") ? [] : ["client_id"]),
    ...(has("client_secret") || has("private_key") ? [] : ["client_secret (or private_key)"]),
  ];
  if (missing.length > 0)
    return `it needs ${missing.join(" and ")} of a client of the realm whose service account has the role manage-clients.`;
  if (has("client_secret") && has("private_key"))
    return "it has both client_secret and private_key. Keep only the one that the client authenticates with.";
  return problemOfKey((credentials["private_key"] ?? "").trim(), (credentials["algorithm"] ?? "").trim());
}

function problemOfKey(privateKey: string, algorithm: string): string | undefined {
  if (privateKey !== "" && !privateKey.includes("-----BEGIN PRIVATE KEY-----"))
    return "private_key is not a PKCS#8 key in PEM (-----BEGIN PRIVATE KEY-----).";
  if (algorithm !== "" && !ALGORITHMS.includes(algorithm)) return `algorithm must be one of ${ALGORITHMS.join(", ")}.`;
  return undefined;
}

export function connectionSettingsOf(
  variant: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, string>>,
): KeycloakSettings {
  const { url: given, realm, kubernetesIdentityProvider } = variantSchema.parse(variant);
  const url = given.replace(/\/+$/, "");
  const text = (key: string): string => (credentials[key] ?? "").trim();
  const keyId = text("key_id");
  const credential =
    text("private_key") === ""
      ? { clientSecret: text("client_secret") }
      : {
          privateKey: text("private_key"),
          keyId: keyId === "" ? undefined : keyId,
          algorithm: text("algorithm") === "" ? "RS256" : text("algorithm"),
        };
  const issuer = `${url}/realms/${realm}`;
  return { url, realm, issuer, kubernetesIdentityProvider, clientId: text("client_id"), credential };
}
