/** What requests are counted by: each of these has a limit of its own. */
export type Bucket = "apps" | "app" | "management" | "clients" | "token" | "orgToken";

interface PlanSpec {
  readonly perMinute: Readonly<Record<Bucket, number>>;
  /** Requests of the Management API at a time. */
  readonly concurrent: number;
}

const plan = (
  concurrent: number,
  [apps, app, management, clients, token]: readonly [number, number, number, number, number],
): PlanSpec => ({ concurrent, perMinute: { apps, app, management, clients, token, orgToken: token } });

/** Requests a minute as published until the end of 2025. */
export const OKTA_PLANS = {
  unlimited: undefined,
  integrator: plan(35, [20, 100, 100, 25, 300]),
  "one-app": plan(75, [100, 600, 600, 100, 1200]),
  enterprise: plan(75, [100, 600, 600, 100, 1200]),
  workforce: plan(75, [100, 500, 1200, 100, 2000]),
} as const satisfies Record<string, PlanSpec | undefined>;

export type OktaPlan = keyof typeof OKTA_PLANS;

/** Okta: one app by its id, the list of apps with everything below an app, and whatever has no limit of its own. */
export function bucketOf(method: string, path: string): Bucket {
  if (path.startsWith("/oauth2/v1/clients")) return "clients";
  if (!/^\/api\/v1\/apps(\/|$)/.test(path)) return "management";
  const isOne = /^\/api\/v1\/apps\/[^/]+$/.test(path) && ["GET", "PUT", "DELETE"].includes(method);
  return isOne ? "app" : "apps";
}
