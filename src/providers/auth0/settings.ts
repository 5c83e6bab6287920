import { z } from "zod";

/** What is needed to reach one Auth0 tenant. */
export interface Auth0Settings {
  /** Canonical domain, without scheme. */
  readonly domain: string;
  /** Host of issuer and URLs given to workloads. */
  readonly customDomain: string | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
}

const variantSchema = z.object({ domain: z.string().min(1), customDomain: z.string().min(1).optional() });

const KEYS = ["client_id", "client_secret"] as const;

/** What is wrong with the credentials Secret; names keys, never values. */
export function problemOf(credentials: Readonly<Record<string, string>>): string | undefined {
  const missing = KEYS.filter((key) => (credentials[key] ?? "").trim() === "");
  if (missing.length === 0) return undefined;
  return `the keys ${missing.join(" and ")} are missing or empty. They are those of a machine-to-machine application that is authorized for the Auth0 Management API.`;
}

export function settingsOf(
  variant: Readonly<Record<string, unknown>>,
  credentials: Readonly<Record<string, string>>,
): Auth0Settings {
  const { domain, customDomain } = variantSchema.parse(variant);
  const { client_id: clientId = "", client_secret: clientSecret = "" } = credentials;
  return { domain, customDomain, clientId: clientId.trim(), clientSecret: clientSecret.trim() };
}
