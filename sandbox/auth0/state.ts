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

/** A public key, certificate or certificate subject that a client may authenticate with. */
export interface Credential {
  id: string;
  credential_type: "public_key" | "x509_cert" | "cert_subject_dn";
  /** SPKI PEM of a public key; never shown. */
  spki?: string;
  kid?: string;
  alg?: string;
  name?: string;
  thumbprint_sha256?: string;
  subject_dn?: string;
  created_at: string;
  updated_at: string;
  expires_at?: string;
}

export interface Organization {
  id: string;
  name: string;
  display_name: string;
  [property: string]: unknown;
}

/** Everything one tenant holds. Maps keep the order of creation, as the vendor's lists do. */
export interface TenantState {
  readonly resourceServers: Map<string, ResourceServer>;
  readonly clients: Map<string, Client>;
  readonly grants: Map<string, Grant>;
  /** Credentials for client assertions and mutual TLS, by client ID. */
  readonly credentials: Map<string, Credential[]>;
  readonly organizations: Map<string, Organization>;
  /** Organizations that a grant is linked to, by the grant's id. */
  readonly grantOrganizations: Map<string, Set<string>>;
  readonly settings: Record<string, unknown>;
  /** Tokens that counted against a quota, by holder, `hour` or `day`, and the start of that window. */
  readonly quotaUse: Map<string, number>;
  /** Client assertions that were used, until they expire (milliseconds). */
  readonly usedAssertions: Map<string, number>;
  /** Earlier secrets that are still accepted, by client ID. */
  readonly formerSecrets: Map<string, FormerSecret>;
}

/** What a client had before its last change. */
export interface FormerSecret {
  readonly secret: string;
  /** token_endpoint_auth_method at that time. */
  readonly method: string;
  readonly until: number;
}

export interface Knobs {
  /** After a secret change either one is accepted for so long. */
  secretPropagationMs: number;
  /** Within that time: both, or at each moment one of them alone, which of the two is left to chance. */
  secretPropagation: "both" | "either";
  /** Added to every call of the Management API. */
  latencyMs: number;
  managementTokenSeconds: number;
  cascadeGrantsOnApiDelete: boolean;
  /** Tokens carry only scopes that the API declares. */
  intersectsDeclaredScopes: boolean;
  /** Anyone who creates a client is shown its secret, with or without the permission to read keys; not documented. */
  showsSecretOnCreate: boolean;
  /** For so long after a write, reads of a single object and listings show what was there before. */
  readYourWritesDelayMs: number;
}

export const defaultKnobs = (): Knobs => ({
  secretPropagationMs: 0,
  secretPropagation: "both",
  latencyMs: 0,
  managementTokenSeconds: 86_400,
  cascadeGrantsOnApiDelete: true,
  intersectsDeclaredScopes: true,
  showsSecretOnCreate: true,
  readYourWritesDelayMs: 0,
});

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

function random(length: number, alphabet: string): string {
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/** Identifiers in the vendor's formats. */
export const newId = {
  resourceServer: (): string => randomBytes(12).toString("hex"),
  client: (): string => random(32, ALPHANUMERIC),
  grant: (): string => `cgr_${random(16, ALPHANUMERIC)}`,
  organization: (): string => `org_${random(16, ALPHANUMERIC)}`,
  credential: (): string => `cred_${random(22, BASE58)}`,
  secret: (): string => random(64, `${ALPHANUMERIC}_-`),
};

const defaultSettings = (): Record<string, unknown> => ({
  enabled_locales: ["en"],
  flags: { enable_sso: true, universal_login: true, revoke_refresh_token_grant: false },
  friendly_name: "Sandbox",
  idle_session_lifetime: 72,
  session_lifetime: 168,
  sandbox_version: "22",
  oidc_logout: { rp_logout_end_session_endpoint_discovery: true },
  resource_parameter_profile: "audience",
});

export function emptyState(): TenantState {
  return {
    resourceServers: new Map(),
    clients: new Map(),
    grants: new Map(),
    credentials: new Map(),
    organizations: new Map(),
    grantOrganizations: new Map(),
    settings: defaultSettings(),
    quotaUse: new Map(),
    usedAssertions: new Map(),
    formerSecrets: new Map(),
  };
}

/** A property that should be text; anything else counts as not set. */
export function textProperty(object: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" ? value : undefined;
}
