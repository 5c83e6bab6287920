import type { CallLog } from "./call-log.ts";
import type { Faults } from "./faults.ts";
import { PLANS, type PlanName, type Refill } from "./limits.ts";
import { shownCredential } from "./auth0/credentials.ts";
import { digestOf } from "./digest.ts";
import { administerOkta } from "./okta/admin.ts";
import type { Org } from "./okta/org.ts";
import type { Tenant } from "./auth0/tenant.ts";

export interface AdminCall {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export interface AdminAnswer {
  readonly status: number;
  readonly body?: unknown;
}

export interface AdminParts {
  readonly auth0: Tenant;
  readonly okta: Org;
  readonly calls: CallLog;
  readonly faults: Faults;
}

/**
 * The side door: outside the vendor's paths, for tests, demos and people who try things. `undefined`: no such route.
 *
 * - `GET|DELETE /_sandbox/calls[?since=N]`, `POST /_sandbox/faults` (faults.ts), `POST /_sandbox/reset`
 * - `GET /_sandbox/state/VENDOR`, `PUT /_sandbox/plan/VENDOR` `{name, refill?}`, `PUT /_sandbox/knobs/VENDOR`
 * - more for the org: okta/admin.ts
 */
export async function administer(parts: AdminParts, call: AdminCall): Promise<AdminAnswer | undefined> {
  switch (`${call.method} ${call.path}`) {
    case "GET /_sandbox/calls":
      return { status: 200, body: parts.calls.since(Number(call.query["since"] ?? 0)) };
    case "DELETE /_sandbox/calls":
      parts.calls.clear();
      return { status: 204 };
    case "GET /_sandbox/state/auth0":
      return { status: 200, body: visibleState(parts.auth0) };
    case "PUT /_sandbox/plan/auth0":
      return setPlan(parts.auth0, call.body as { name?: string; refill?: Refill } | undefined);
    case "PUT /_sandbox/knobs/auth0":
      Object.assign(parts.auth0.knobs, call.body);
      return { status: 200, body: parts.auth0.knobs };
    case "POST /_sandbox/faults":
      parts.faults.add(call.body as Parameters<Faults["add"]>[0]);
      return { status: 201 };
    case "POST /_sandbox/reset":
      parts.auth0.reset();
      parts.okta.reset();
      parts.faults.clear();
      parts.calls.clear();
      return { status: 204 };
    default:
      return administerOkta(parts.okta, call);
  }
}

function setPlan(tenant: Tenant, body: { name?: string; refill?: Refill } | undefined) {
  const name = body?.name ?? "";
  if (!Object.hasOwn(PLANS, name)) return { status: 400, body: { message: `plans: ${Object.keys(PLANS).join(", ")}` } };
  tenant.setPlan(name as PlanName, body?.refill);
  return { status: 200, body: { name } };
}

/** Secrets stay inside; equal secrets have equal digests. */
export function visibleState({ state }: Tenant): object {
  const hide = (item: object): object =>
    Object.fromEntries(
      Object.entries(item).map(([name, value]) =>
        /secret/.test(name) ? [`${name}_digest`, digestOf(value)] : [name, value],
      ),
    );
  return {
    resourceServers: [...state.resourceServers.values()].map(hide),
    clients: [...state.clients.values()].map(hide),
    grants: [...state.grants.values()].map((grant) => ({
      ...grant,
      organizations: [...(state.grantOrganizations.get(grant.id) ?? [])],
    })),
    credentials: [...state.credentials].flatMap(([client, list]) =>
      list.map((credential) => ({ client, ...shownCredential(credential) })),
    ),
    organizations: [...state.organizations.values()],
  };
}
