import type { Metrics } from "../telemetry/metrics.ts";

/** Counts the requests to tenants, and forgets tenants that nobody uses any more. */
export interface TenantMetrics {
  readonly observe: (exchange: { tenant: string; method: string; status: number; seconds: number }) => void;
  readonly forget: (tenant: string) => void;
}

export function createTenantMetrics({ providerRequests, providerSeconds }: Metrics): TenantMetrics {
  // Methods and the codes that each was answered with, by tenant: labels can only be taken back one by one.
  const seen = new Map<string, Map<string, Set<string>>>();
  return {
    observe: ({ tenant, method, status, seconds }) => {
      const code = String(status);
      const methods = seen.get(tenant) ?? new Map<string, Set<string>>();
      seen.set(tenant, methods.set(method, (methods.get(method) ?? new Set()).add(code)));
      providerRequests.inc({ tenant, method, code });
      providerSeconds.observe({ tenant, method }, seconds);
    },
    forget: (tenant) => {
      for (const [method, codes] of seen.get(tenant) ?? []) {
        providerSeconds.remove({ tenant, method });
        for (const code of codes) providerRequests.remove({ tenant, method, code });
      }
      seen.delete(tenant);
    },
  };
}
