import { randomBytes } from "node:crypto";
import type { SigningKey } from "../signing-key.ts";
import type { Json } from "./json.ts";

export type Status = "ACTIVE" | "INACTIVE";

export interface Scope {
  id: string;
  name: string;
  system: boolean;
  default: boolean;
  consent: string;
  metadataPublish: string;
  /** Members beyond those that the sandbox knows, as an update set them; shown until one omits them. */
  extra?: Json;
  [property: string]: unknown;
}

export interface Claim {
  id: string;
  name: string;
  status: Status;
  system: boolean;
  claimType: string;
  valueType: string;
  value?: string;
  conditions: { scopes: string[] };
  alwaysIncludeInToken: boolean;
  /** Members beyond those that the sandbox knows, as an update set them; shown until one omits them. */
  extra?: Json;
  [property: string]: unknown;
}

export interface Rule {
  id: string;
  name: string;
  status: Status;
  priority: number;
  created: string;
  lastUpdated: string;
  system: boolean;
  conditions: Json;
  actions: Json;
  type: string;
  /** Members beyond those that the sandbox knows, as an update set them; shown until one omits them. */
  extra?: Json;
}

export interface Policy {
  id: string;
  name: string;
  description: string | null;
  status: Status;
  priority: number;
  created: string;
  lastUpdated: string;
  system: boolean;
  conditions: { clients: { include: string[] } };
  type: string;
  /** Members beyond those that the sandbox knows, as an update set them; shown until one omits them. */
  extra?: Json;
  /** By id, in the order in which they were made. */
  readonly rules: Map<string, Rule>;
}

export interface Server {
  id: string;
  name: string;
  description: string | null;
  audiences: string[];
  issuerMode: string;
  status: Status;
  created: string;
  lastUpdated: string;
  rotationMode: "AUTO" | "MANUAL";
  lastRotated: string;
  default: boolean;
  /** Members beyond those that the sandbox knows, as an update set them; shown until one omits them. */
  extra?: Json;
  readonly keys: SigningKey[];
  readonly scopes: Map<string, Scope>;
  readonly claims: Map<string, Claim>;
  readonly policies: Map<string, Policy>;
}

export interface Secret {
  id: string;
  created: string;
  lastUpdated: string;
  status: Status;
  client_secret: string;
  secret_hash: string;
}

export interface PublicKey {
  id: string;
  status: Status;
  kid: string;
  [member: string]: unknown;
}

/** An application; what has no meaning here is kept as it was sent. */
export interface App {
  id: string;
  name: string;
  label: string;
  status: Status;
  created: string;
  lastUpdated: string;
  clientId: string;
  authMethod: string;
  signOnMode: string;
  profile: Json | undefined;
  credentials: Json;
  settings: Json;
  visibility: Json;
  accessibility: Json;
  secrets: Secret[];
  /** Members beyond those that the sandbox knows, as an update set them; shown until one omits them. */
  extra?: Json;
  keys: PublicKey[];
}

export interface OrgState {
  readonly servers: Map<string, Server>;
  readonly apps: Map<string, App>;
  /** When apps and secrets were made, by id, in milliseconds. */
  readonly appearedAt: Map<string, number>;
  /** Access tokens that were revoked, by `jti`. */
  readonly revoked: Set<string>;
  /** Client assertions and DPoP proofs that were used, until they expire (milliseconds). */
  readonly usedOnce: Map<string, number>;
  /** Nonces for DPoP proofs, with the time (milliseconds) at which each was made; the newest last. */
  readonly nonces: Map<string, number>;
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function random(length: number, alphabet = ALPHANUMERIC): string {
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/** Twenty characters in all, the first three telling the type. */
export const newOktaId = (prefix: "aus" | "scp" | "ocl" | "00p" | "0pr" | "0oa" | "ocs" | "pks" | "00o"): string =>
  prefix + random(20 - prefix.length);

export const newSecretText = (): string => random(64, `${ALPHANUMERIC}_-`);
export const newKeyId = (): string => random(43, `${ALPHANUMERIC}_-`);
export const newSecretHash = (): string => random(22, `${ALPHANUMERIC}_-`);

/** Times have no milliseconds. */
export const timeOf = (nowMs: number): string => `${new Date(nowMs).toISOString().slice(0, 19)}.000Z`;
