import { randomBytes } from "node:crypto";
import type { SigningKey } from "../signing-key.ts";

type Json = Record<string, unknown>;
export type Status = "ACTIVE" | "INACTIVE";

export interface Scope {
  id: string;
  name: string;
  system: boolean;
  default: boolean;
  consent: string;
  metadataPublish: string;
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

/** An application; what only concerns logins is kept as it was sent. */
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
  keys: PublicKey[];
}

export interface OrgState {
  readonly servers: Map<string, Server>;
  readonly apps: Map<string, App>;
  /** Client assertions that were used, until they expire (milliseconds). */
  readonly usedAssertions: Map<string, number>;
}

export interface OrgKnobs {
  /** Without it everything about authorization servers is refused. */
  apiAccessManagement: boolean;
  /** An ACTIVE authorization server cannot be deleted (not recorded). */
  strictAsDelete: boolean;
  /** Two writes below one server at a time: the second gets 500. */
  racesFail: boolean;
  /** A policy keeps the id of an app that was deleted (not recorded). */
  keepsStaleClients: boolean;
  latencyMs: number;
}

export const defaultOrgKnobs = (): OrgKnobs => ({
  apiAccessManagement: true,
  strictAsDelete: true,
  racesFail: true,
  keepsStaleClients: true,
  latencyMs: 0,
});

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function random(length: number, alphabet = ALPHANUMERIC): string {
  return [...randomBytes(length)].map((byte) => alphabet[byte % alphabet.length]).join("");
}

/** Twenty characters in all, the first three telling the type. */
export const newOktaId = (prefix: "aus" | "scp" | "ocl" | "00p" | "0pr" | "0oa" | "ocs" | "pks" | "00o"): string =>
  prefix + random(20 - prefix.length);

export const newSecretText = (): string => random(64, `${ALPHANUMERIC}_-`);
export const newSecretHash = (): string => random(22, `${ALPHANUMERIC}_-`);

/** Times have no milliseconds. */
export const timeOf = (nowMs: number): string => `${new Date(nowMs).toISOString().slice(0, 19)}.000Z`;
