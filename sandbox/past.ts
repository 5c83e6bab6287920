import type { Tenant } from "./auth0/tenant.ts";
import type { Org } from "./okta/org.ts";

interface Tenants {
  readonly auth0: Tenant;
  readonly okta: Org;
}

/** The tenants as they were before the last write. */
export interface Past {
  /** Called before each write while a stale read is to come. */
  keep(tenants: Tenants): void;
  /** What a stale read sees; the present when nothing was kept. */
  shown(tenants: Tenants): Tenants;
}

export function createPast(): Past {
  let kept: { readonly auth0: Tenant["state"]; readonly okta: Org["state"] } | undefined;
  return {
    keep: ({ auth0, okta }) => {
      kept = { auth0: structuredClone(auth0.state), okta: structuredClone(okta.state) };
    },
    shown: ({ auth0, okta }) =>
      kept === undefined
        ? { auth0, okta }
        : { auth0: { ...auth0, state: kept.auth0 }, okta: { ...okta, state: kept.okta } },
  };
}
