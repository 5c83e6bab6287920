import type { Refill } from "../limits.ts";
import { makeSigningKey, type SigningKey } from "../signing-key.ts";
import type { AdminRole } from "./admin-roles.ts";
import { defaultOrgKnobs, type OrgKnobs } from "./knobs.ts";
import { newOperator, type Operator, operatorApp } from "./operator.ts";
import type { OktaPlan } from "./plans.ts";
import { createRateLimits, type RateLimits } from "./rate-limits.ts";
import { newKeyId, newOktaId, newSecretText, type OrgState, type Server, timeOf } from "./state.ts";
import { systemClaims, systemScopes } from "./system.ts";

export interface OrgOptions {
  /** `https://host[:port]` of links, issuers and proofs, whatever host was asked; default where the sandbox listens. */
  readonly publicUrl?: string;
  readonly plan?: OktaPlan;
  readonly refill?: Refill;
  /** A second host of the same org. */
  readonly customDomain?: string;
}

/** One simulated org: what it holds, how it is limited, how it misbehaves. */
export interface Org {
  readonly id: string;
  readonly host: string;
  /** `https://host`, without a slash at the end. */
  readonly url: string;
  /** Host, with port, of issuers whose mode is CUSTOM_URL; every path works on it too. */
  readonly customDomain: string | undefined;
  readonly apiToken: string;
  /** Further API tokens, with the role of the person who made each. */
  readonly apiTokens: Map<string, AdminRole>;
  readonly operator: Operator;
  state: OrgState;
  knobs: OrgKnobs;
  limits: RateLimits;
  /** Signs tokens for the org's own API. */
  readonly key: SigningKey;
  /** Writes of policies and rules that are under way, by authorization server. */
  readonly busy: Map<string, number>;
  /** What there was before each of the latest writes, oldest first; for orgs that show writes late. */
  history: { readonly beforeMs: number; readonly state: OrgState }[];
  /** Requests of the Management API that are under way. */
  inFlight: number;
  freshKeys(): SigningKey[];
  /** `sharePercent` is what one API token or app may use of a limit of the Management API. */
  setPlan(plan: OktaPlan, refill?: Refill, sharePercent?: number): void;
  /** Back to the default authorization server and the operator's app, with the same credentials. */
  reset(): void;
}

export const newApiToken = (): string => `00${newSecretText().slice(0, 40)}`;

let sharedKeys: Promise<readonly SigningKey[]> | undefined;

export async function createOrg(host: string, options: OrgOptions = {}): Promise<Org> {
  sharedKeys ??= Promise.all([makeSigningKey("current"), makeSigningKey("next")]);
  const made = await sharedKeys;
  const freshKeys = (): SigningKey[] => made.map((key, index) => named(key, index === 0 ? "current" : "next"));
  const [key] = freshKeys();
  if (key === undefined) throw new Error("no key was made");
  const operator = newOperator();
  const url = (options.publicUrl ?? `https://${host}`).replace(/\/+$/, "");
  const org: Org = {
    ...{ id: newOktaId("00o"), host: new URL(url).host, url, customDomain: options.customDomain },
    ...{ apiToken: newApiToken(), apiTokens: new Map(), operator, key, inFlight: 0 },
    state: seeded(freshKeys(), operator),
    knobs: defaultOrgKnobs(),
    limits: createRateLimits(options.plan ?? "unlimited", options.refill ?? "window"),
    busy: new Map(),
    history: [],
    freshKeys,
    setPlan: (plan, refill = "window", sharePercent) => {
      org.limits = createRateLimits(plan, refill, sharePercent);
    },
    reset: () => {
      org.state = seeded(freshKeys(), operator);
      org.knobs = defaultOrgKnobs();
      org.busy.clear();
      org.history = [];
      org.apiTokens.clear();
      org.setPlan("unlimited");
    },
  };
  return org;
}

/** One pair of keys serves every server, by other names: anyone who takes another server's key set finds no key. */
function named(key: SigningKey, role: SigningKey["role"]): SigningKey {
  const kid = newKeyId();
  return { ...key, kid, publicJwk: { ...key.publicJwk, kid }, role };
}

/** Every org has a server of the name `default`, which is shared and cannot be deleted. */
function seeded(keys: SigningKey[], operator: Operator): OrgState {
  const nowMs = Date.now();
  const server: Server = {
    ...newServer({ name: "default", audiences: ["api://default"], keys, at: timeOf(nowMs) }),
    description: "Default Authorization Server for your Applications",
    rotationMode: "MANUAL",
    default: true,
  };
  return {
    servers: new Map([[server.id, server]]),
    apps: new Map([[operator.clientId, operatorApp(operator, nowMs)]]),
    ...{ appearedAt: new Map(), revoked: new Set(), usedOnce: new Map(), nonces: new Map() },
  };
}

export function newServer(given: {
  readonly name: string;
  readonly audiences: string[];
  readonly keys: SigningKey[];
  readonly at: string;
}): Server {
  const { name, audiences, keys, at } = given;
  return {
    ...{ id: newOktaId("aus"), name, description: null, audiences, issuerMode: "ORG_URL", status: "ACTIVE" },
    ...{ created: at, lastUpdated: at, rotationMode: "AUTO", lastRotated: at, default: false, keys },
    scopes: new Map(systemScopes().map((scope) => [scope.id, scope])),
    claims: new Map(systemClaims().map((claim) => [claim.id, claim])),
    policies: new Map(),
  };
}
