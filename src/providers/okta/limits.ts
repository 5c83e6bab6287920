import type { LimitBucket } from "../../ports/http-transport.ts";
import type { RateLimit } from "../../ports/provider-factory.ts";

/** Requests a minute to `/api/v1` in a free org; the first answer tells what it really is. */
const DEFAULT_PER_MINUTE = 100;
/** Of each limit of the Management API, one API token or app may use half unless an administrator changed that. */
export const DEFAULT_SHARE_PERCENT = 50;
const WINDOW_MS = 60_000;

/**
 * Okta's documented limits in proportion to that of `/api/v1`, which covers authorization servers: creating and listing
 * apps with everything below one has a sixth of it, one app by its id as much. Every answer names the limit, which the
 * governor heeds: without configuration it is the rate, else the rate is never above it. The token endpoint of workloads has its own and far higher one.
 */
export function limitsOf(rateLimit: RateLimit | undefined): readonly LimitBucket[] {
  const perMinute = rateLimit?.requestsPerMinute ?? DEFAULT_PER_MINUTE;
  // A free org allows a fifth.
  const appsPerMinute = Math.max(1, Math.floor(perMinute / (perMinute <= 100 ? 5 : 6)));
  const bucket = (name: string, rate: number): LimitBucket => ({
    name,
    ratePerSecond: rate / 60,
    burst: Math.min(rateLimit?.burst ?? Math.max(2, Math.ceil(rate / 10)), rate),
    windowMs: WINDOW_MS,
    limitHeaderMeans: rateLimit?.requestsPerMinute === undefined ? "sustainedRate" : "upperBound",
  });
  return [
    bucket("management", perMinute),
    bucket("apps", appsPerMinute),
    bucket("app", perMinute),
    bucket("org-token", Math.min(300, perMinute)),
    bucket("token", 300),
  ];
}

/** Every client shares the org's limits. */
export const isPerClientQuota = (): boolean => false;

/** The bucket a request counts against. Metadata and keys are not limited. */
export function bucketsOf(_method: string, { pathname }: URL): readonly string[] {
  if (/^\/api\/v1\/apps\/[^/]+$/.test(pathname)) return ["app"];
  if (pathname === "/api/v1/apps" || pathname.startsWith("/api/v1/apps/")) return ["apps"];
  if (pathname.startsWith("/api/")) return ["management"];
  if (pathname === "/oauth2/v1/token") return ["org-token"];
  return pathname.endsWith("/v1/token") ? ["token"] : [];
}
