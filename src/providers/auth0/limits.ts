import type { LimitBucket } from "../../ports/http-transport.ts";
import type { RateLimit } from "../../ports/provider-factory.ts";

const DEFAULT_PER_MINUTE = 120;
const DEFAULT_BURST = 2;
export const DEFAULT_SHARE_PERCENT = 80;

/** The highest rate of a self-service plan. Plans above it have no limit of their own for listing clients. */
const SELF_SERVICE_PER_MINUTE = 150;

/**
 * Auth0's documented limits: one for the Management API as a whole, and on self-service plans a lower one for listing
 * clients. The token endpoint has its own, far higher one. Without configuration the rate of the smallest plan is
 * assumed, which every plan allows.
 */
export function limitsOf(rateLimit: RateLimit | undefined): readonly LimitBucket[] {
  const perMinute = rateLimit?.requestsPerMinute ?? DEFAULT_PER_MINUTE;
  const burst = rateLimit?.burst ?? DEFAULT_BURST;
  // Plans below 16 requests a second that are not multiples of 60 a minute are counted by the minute.
  const windowMs = perMinute % 60 === 0 ? 1000 : 60_000;
  const rate = { ratePerSecond: perMinute / 60, burst, windowMs };
  const listClients = {
    ratePerSecond: Math.min(rate.ratePerSecond, 100 / 60),
    burst: Math.min(burst, 5),
    windowMs: 60_000,
  };
  return [
    { name: "management", ...rate },
    { name: "list-clients", ...(perMinute > SELF_SERVICE_PER_MINUTE ? rate : listClients) },
    { name: "authentication", ratePerSecond: 20, burst: 20, windowMs: 1000 },
  ];
}

const QUOTA_HEADERS = ["auth0-client-quota-limit", "auth0-organization-quota-limit"];

/** A client's or an organization's quota of tokens says nothing about the limits of the tenant. */
export function isPerClientQuota(headers: { get(name: string): string | null }): boolean {
  return QUOTA_HEADERS.some((name) => headers.get(name) !== null);
}

/** The buckets a request counts against, the most specific last. */
export function bucketsOf(method: string, url: URL): readonly string[] {
  if (!url.pathname.startsWith("/api/v2/")) return ["authentication"];
  return method === "GET" && url.pathname === "/api/v2/clients" ? ["management", "list-clients"] : ["management"];
}
