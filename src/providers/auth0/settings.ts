import { z } from "zod";
import { problemOfTexts } from "../../oauth/credential-text.ts";
import type { AssertionKey } from "../../oauth/client-assertion.ts";

/** What is needed to reach one Auth0 tenant. */
export interface Auth0Settings {
  /** Canonical domain, without scheme. */
  readonly domain: string;
  /** Host of issuer and URLs given to workloads. */
  readonly customDomain: string | undefined;
  readonly clientId: string;
  /** How the operator itself authenticates. */
  readonly credential: { readonly clientSecret: string } | AssertionKey;
}

const variantSchema = z.object({ domain: z.string().min(1), customDomain: z.string().min(1).optional() });

const ALGORITHMS = ["RS256", "RS384", "PS256"];

const OF_AN_APPLICATION = "of a machine-to-machine application that is authorized for the Auth0 Management API.";

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
  if (missing.length > 0) return `it needs ${missing.join(" and ")} ${OF_AN_APPLICATION}`;
  if (has("client_secret") && has("private_key"))
    return "it has both client_secret and private_key. Keep only the one that the application authenticates with.";
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
): Auth0Settings {
  const { domain, customDomain } = variantSchema.parse(variant);
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
  return { domain, customDomain, clientId: text("client_id"), credential };
}
