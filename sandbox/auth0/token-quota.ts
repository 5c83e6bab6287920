import { Auth0Error } from "./errors.ts";
import type { Client, Organization } from "./state.ts";
import type { Tenant } from "./tenant.ts";

interface Quota {
  readonly enforce?: boolean;
  readonly per_hour?: number;
  readonly per_day?: number;
}

type Holder = Readonly<Record<string, unknown>>;

const WINDOWS = [
  { name: "per_hour", seconds: 3600 },
  { name: "per_day", seconds: 86_400 },
] as const;

/** Counts one token against the client's and the organization's quota; both reset with the UTC hour and day. */
export function takeQuota(tenant: Tenant, client: Client, organization: Organization | undefined, nowMs: number): void {
  const defaults = (tenant.state.settings["default_token_quota"] ?? {}) as {
    clients?: Holder;
    organizations?: Holder;
  };
  const ofClient = quotaOf(client["token_quota"]) ?? quotaOf(defaults.clients);
  take(tenant, "Client", client.client_id, ofClient, nowMs);
  if (organization === undefined) return;
  const ofOrganization = quotaOf(organization["token_quota"]) ?? quotaOf(defaults.organizations);
  take(tenant, "Organization", organization.id, ofOrganization, nowMs);
}

function quotaOf(setting: unknown): Quota | undefined {
  return (setting as { client_credentials?: Quota } | undefined)?.client_credentials;
}

function take(
  { state }: Tenant,
  what: "Client" | "Organization",
  id: string,
  quota: Quota | undefined,
  nowMs: number,
): void {
  if (quota === undefined) return;
  const windows = WINDOWS.flatMap(({ name, seconds }) => {
    const limit = quota[name];
    if (limit === undefined) return [];
    const start = Math.floor(nowMs / 1000 / seconds);
    const key = `${id} ${name} ${String(start)}`;
    return [
      { name, key, limit, used: state.quotaUse.get(key) ?? 0, left: (start + 1) * seconds - Math.floor(nowMs / 1000) },
    ];
  });
  const full = windows.find(({ used, limit }) => used >= limit);
  if (full !== undefined && quota.enforce !== false) {
    const header = windows.map(
      ({ name, limit, used, left }) =>
        `b=${name};q=${String(limit)};r=${String(Math.max(0, limit - used))};t=${String(left)}`,
    );
    throw new Auth0Error(
      429,
      { error: "too_many_requests", error_description: `${what} quota exceeded` },
      { [`Auth0-${what}-Quota-Limit`]: header.join(","), "Retry-After": String(full.left) },
    );
  }
  for (const { key, used } of windows) state.quotaUse.set(key, used + 1);
}
