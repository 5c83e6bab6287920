import { randomBytes } from "node:crypto";

export interface ResourceServer {
  id: string;
  identifier: string;
  [property: string]: unknown;
}

export interface Client {
  client_id: string;
  client_secret: string;
  [property: string]: unknown;
}

export interface Grant {
  id: string;
  client_id: string;
  audience: string;
  scope?: string[];
  subject_type: string;
  [property: string]: unknown;
}

/** Everything one tenant holds. Maps keep the order of creation, as the vendor's lists do. */
export interface TenantState {
  readonly resourceServers: Map<string, ResourceServer>;
  readonly clients: Map<string, Client>;
  readonly grants: Map<string, Grant>;
  /** Earlier secrets that are still accepted, by client id. */
  readonly formerSecrets: Map<string, { readonly secret: string; readonly until: number }>;
}

export interface Knobs {
  /** After a secret change either one is accepted for so long. */
  secretPropagationMs: number;
  /** Added to every call of the Management API. */
  latencyMs: number;
  managementTokenSeconds: number;
  cascadeGrantsOnApiDelete: boolean;
  /** Tokens carry only scopes that the API declares. */
  intersectsDeclaredScopes: boolean;
}

export const defaultKnobs = (): Knobs => ({
  secretPropagationMs: 0,
  latencyMs: 0,
  managementTokenSeconds: 86_400,
  cascadeGrantsOnApiDelete: true,
  intersectsDeclaredScopes: true,
});

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function random(length: number, alphabet: string): string {
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/** Identifiers in the vendor's formats. */
export const newId = {
  resourceServer: (): string => randomBytes(12).toString("hex"),
  client: (): string => random(32, ALPHANUMERIC),
  grant: (): string => `cgr_${random(16, ALPHANUMERIC)}`,
  secret: (): string => random(64, `${ALPHANUMERIC}_-`),
};

export function emptyState(): TenantState {
  return { resourceServers: new Map(), clients: new Map(), grants: new Map(), formerSecrets: new Map() };
}

/** A property that should be text; anything else counts as not set. */
export function textProperty(object: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" ? value : undefined;
}
