import { createLimiter, type Limiter, type LimitSpec, type Refill } from "../limits.ts";
import { makeSigningKey, type SigningKey } from "../signing-key.ts";
import {
  defaultOrgKnobs,
  newOktaId,
  newSecretText,
  type OrgKnobs,
  type OrgState,
  type Server,
  timeOf,
} from "./state.ts";
import { systemClaims, systemScopes } from "./system.ts";

export interface OrgOptions {
  readonly plan?: OktaPlan;
  readonly refill?: Refill;
}

/** One simulated org: what it holds, how it is limited, how it misbehaves. */
export interface Org {
  readonly id: string;
  /** `https://host`, without a slash at the end. */
  readonly url: string;
  readonly apiToken: string;
  state: OrgState;
  knobs: OrgKnobs;
  readonly limiters: Map<Bucket, Limiter>;
  /** Writes that are under way, by authorization server. */
  readonly busy: Map<string, number>;
  freshKeys(): SigningKey[];
  setPlan(plan: OktaPlan, refill?: Refill): void;
  /** Back to the default authorization server alone, with the same token. */
  reset(): void;
}

export type Bucket = "apps" | "app" | "management" | "token";

const minute = (rate: number): LimitSpec => ({ rate, per: "minute", burst: rate });
/** One token gets half of each by default. */
const half = (apps: number, app: number, management: number, token: number): Readonly<Record<Bucket, LimitSpec>> => ({
  apps: minute(apps / 2),
  app: minute(app / 2),
  management: minute(management / 2),
  token: minute(token),
});

/** Requests a minute as published until the end of 2025. */
export const OKTA_PLANS = {
  unlimited: undefined,
  integrator: half(20, 100, 100, 300),
  enterprise: half(100, 600, 600, 1200),
} as const satisfies Record<string, Readonly<Record<Bucket, LimitSpec>> | undefined>;

export type OktaPlan = keyof typeof OKTA_PLANS;

let sharedKeys: Promise<readonly SigningKey[]> | undefined;

export async function createOrg(host: string, options: OrgOptions = {}): Promise<Org> {
  sharedKeys ??= Promise.all([makeSigningKey("current"), makeSigningKey("next")]);
  const made = await sharedKeys;
  const freshKeys = (): SigningKey[] => made.map((key, index) => ({ ...key, role: index === 0 ? "current" : "next" }));
  const org: Org = {
    id: newOktaId("00o"),
    url: `https://${host}`,
    apiToken: `00${newSecretText().slice(0, 40)}`,
    state: seeded(freshKeys()),
    knobs: defaultOrgKnobs(),
    limiters: new Map(),
    busy: new Map(),
    freshKeys,
    setPlan: (plan, refill = "window") => {
      org.limiters.clear();
      for (const [bucket, limit] of Object.entries(OKTA_PLANS[plan] ?? {}))
        org.limiters.set(bucket as Bucket, createLimiter(limit, refill));
    },
    reset: () => {
      org.state = seeded(freshKeys());
      org.knobs = defaultOrgKnobs();
      org.busy.clear();
      org.setPlan("unlimited");
    },
  };
  org.setPlan(options.plan ?? "unlimited", options.refill);
  return org;
}

/** Every org has a server of the name `default`, which is shared and cannot be deleted. */
function seeded(keys: SigningKey[]): OrgState {
  const at = timeOf(Date.now());
  const server: Server = {
    ...newServer({ name: "default", audiences: ["api://default"], keys, at }),
    description: "Default Authorization Server for your Applications",
    rotationMode: "MANUAL",
    default: true,
  };
  return { servers: new Map([[server.id, server]]), apps: new Map(), usedAssertions: new Map() };
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
