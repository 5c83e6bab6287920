import type { Tenant } from "./tenant.ts";

const createdAt = new WeakMap<Tenant["state"], Map<string, number>>();

/** Remembers when something was created, for tenants that take a moment to show it. */
export function noteCreated({ state }: Tenant, body: unknown, nowMs: number): void {
  const { client_id: client, id } = (body ?? {}) as { client_id?: unknown; id?: unknown };
  const key = typeof id === "string" ? id : client;
  if (typeof key !== "string") return;
  const times = createdAt.get(state) ?? new Map<string, number>();
  createdAt.set(state, times.set(key, nowMs));
}

/** The tenant as reads see it: what was created within the knob's delay is not there yet. */
export function delayedView(tenant: Tenant, nowMs: number): Tenant {
  const { readYourWritesDelayMs: delay } = tenant.knobs;
  const times = createdAt.get(tenant.state);
  if (delay <= 0 || times === undefined) return tenant;
  const isShown = ([key]: readonly [string, unknown]): boolean => (times.get(key) ?? 0) <= nowMs - delay;
  const shown = <T>(map: ReadonlyMap<string, T>): Map<string, T> => new Map([...map].filter(isShown));
  const { clients, resourceServers, grants } = tenant.state;
  const state = {
    ...tenant.state,
    clients: shown(clients),
    resourceServers: shown(resourceServers),
    grants: shown(grants),
  };
  return { ...tenant, state };
}
