import type { LimitBucket } from "../../ports/http-transport.ts";
import type { RateLimit } from "../../ports/provider-factory.ts";

/** Keycloak has no limit of its own. This one keeps a burst of work from slowing down the server's users. */
const DEFAULT_PER_MINUTE = 1200;
const DEFAULT_BURST = 40;
export const DEFAULT_SHARE_PERCENT = 100;

export function limitsOf(rateLimit: RateLimit | undefined): readonly LimitBucket[] {
  const ratePerSecond = (rateLimit?.requestsPerMinute ?? DEFAULT_PER_MINUTE) / 60;
  const bucket = { ratePerSecond, burst: rateLimit?.burst ?? DEFAULT_BURST, windowMs: 1000 };
  return [
    { name: "admin", ...bucket },
    { name: "token", ...bucket },
  ];
}

/** Keycloak has no quotas. */
export const isPerClientQuota = (): boolean => false;

/** The bucket a request counts against. Metadata and keys are not limited. */
export function bucketsOf(_method: string, { pathname }: URL): readonly string[] {
  if (/\/admin\/(realms\/|serverinfo$)/.test(pathname)) return ["admin"];
  return pathname.endsWith("/protocol/openid-connect/token") ? ["token"] : [];
}
