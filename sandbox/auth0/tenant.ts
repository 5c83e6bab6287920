import { createLimiter, type Limiter, PLANS, type PlanName, type Refill } from "../limits.ts";
import { makeSigningKey, type SigningKey } from "../signing-key.ts";
import { defaultKnobs, emptyState, type Knobs, newId, type TenantState } from "./state.ts";

export interface TenantOptions {
  readonly plan?: PlanName;
  readonly refill?: Refill;
  readonly customDomain?: string;
  /** Permissions of the operator's own client on the Management API. */
  readonly managementScopes?: readonly string[];
}

/** One simulated tenant: what it holds, how it is limited, how it misbehaves. */
export interface Tenant {
  readonly domain: string;
  state: TenantState;
  knobs: Knobs;
  plan: PlanName;
  readonly limiters: { management: Limiter | undefined; listClients: Limiter | undefined; token: Limiter | undefined };
  /** In the order in which they were made. */
  keys: SigningKey[];
  /** Host of a second name of the tenant: issuer and URLs follow the name that was asked. */
  readonly customDomain: string | undefined;
  readonly operator: { readonly clientId: string; readonly clientSecret: string };
  /** Management tokens issued before this moment are refused. */
  revokedBefore: number;
  setPlan(name: PlanName, refill?: Refill): void;
  /** Back to the seed, with the same operator's client. */
  reset(): void;
}

/** Of everything that machine-to-machine access touches, as the real Management API declares them. */
export const MANAGEMENT_SCOPES: readonly string[] = [
  ...["resource_servers", "clients", "client_grants", "client_credentials", "organizations", "users"].flatMap((type) =>
    ["read", "create", "update", "delete"].map((verb) => `${verb}:${type}`),
  ),
  ...["read", "create", "delete"].map((verb) => `${verb}:organization_client_grants`),
  ...["read", "create", "delete"].map((verb) => `${verb}:organization_members`),
  ...["read", "update"].flatMap((verb) => [`${verb}:client_keys`, `${verb}:tenant_settings`]),
  ...["read", "create", "update"].map((verb) => `${verb}:signing_keys`),
];

const OPERATOR_SCOPES = MANAGEMENT_SCOPES.filter((scope) =>
  /resource_servers|:clients|client_grants|client_keys|client_credentials|read:organizations/.test(scope),
);

let sharedKeys: Promise<readonly SigningKey[]> | undefined;

/** Made once per process: making them takes longer than everything else. */
async function freshKeys(): Promise<SigningKey[]> {
  sharedKeys ??= Promise.all([makeSigningKey("current"), makeSigningKey("next")]);
  return (await sharedKeys).map((key, index) => ({ ...key, role: index === 0 ? "current" : "next" }));
}

export async function createTenant(domain: string, options: TenantOptions): Promise<Tenant> {
  const operator = { clientId: newId.client(), clientSecret: newId.secret() };
  const scopes = options.managementScopes ?? OPERATOR_SCOPES;
  const limiters: Tenant["limiters"] = { management: undefined, listClients: undefined, token: undefined };
  const tenant: Tenant = {
    domain,
    state: seeded(domain, operator, scopes),
    knobs: defaultKnobs(),
    plan: options.plan ?? "unlimited",
    limiters,
    keys: await freshKeys(),
    customDomain: options.customDomain,
    operator,
    revokedBefore: 0,
    setPlan: (name, refill = "window") => {
      const { management, listClients, token } = PLANS[name];
      tenant.plan = name;
      limiters.management = management === undefined ? undefined : createLimiter(management, refill);
      limiters.listClients = listClients === undefined ? undefined : createLimiter(listClients, refill);
      limiters.token = token === undefined ? undefined : createLimiter(token, refill);
    },
    reset: () => {
      tenant.state = seeded(domain, operator, scopes);
      tenant.knobs = defaultKnobs();
      tenant.revokedBefore = 0;
      tenant.setPlan("unlimited");
    },
  };
  tenant.setPlan(tenant.plan, options.refill);
  return tenant;
}

/** A fresh tenant: the vendor's own API and client, and the operator's client with its grant. */
function seeded(domain: string, operator: Tenant["operator"], scopes: readonly string[]): TenantState {
  const state = emptyState();
  const management = `https://${domain}/api/v2/`;
  const id = newId.resourceServer();
  state.resourceServers.set(id, {
    id,
    name: "Auth0 Management API",
    identifier: management,
    allow_offline_access: false,
    skip_consent_for_verifiable_first_party_clients: false,
    token_lifetime: 86_400,
    token_lifetime_for_web: 7200,
    signing_alg: "RS256",
    is_system: true,
    scopes: MANAGEMENT_SCOPES.map((value) => ({ value, description: value })),
  });
  const globalId = newId.client();
  state.clients.set(globalId, {
    client_id: globalId,
    client_secret: newId.secret(),
    name: "All Applications",
    global: true,
  });
  state.clients.set(operator.clientId, {
    client_id: operator.clientId,
    client_secret: operator.clientSecret,
    name: "m2m-operator",
    global: false,
    is_first_party: true,
    app_type: "non_interactive",
    grant_types: ["client_credentials"],
    token_endpoint_auth_method: "client_secret_post",
  });
  const grantId = newId.grant();
  state.grants.set(grantId, {
    id: grantId,
    client_id: operator.clientId,
    audience: management,
    scope: [...scopes],
    subject_type: "client",
  });
  return state;
}
