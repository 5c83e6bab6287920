import type { AuthenticationMethod, GrantOrganizations } from "../../src/ports/provider.ts";

/** What a tenant itself says, read at one moment. */
export interface TenantReading {
  /** Canonical name of the tenant. */
  readonly tenant: string;
  readonly vendor: string;
  readonly readAt: string;
  readonly apis: readonly TenantApi[];
  readonly clients: readonly TenantClient[];
  readonly callers: readonly TenantCaller[];
  /** What could not be read. */
  readonly notes: readonly string[];
}

export interface TenantApi {
  readonly ref: string;
  readonly audience: string;
  readonly displayName: string | undefined;
  /** Why no client gets a token for it with its credential alone. */
  readonly restriction: string | undefined;
}

export interface TenantClient {
  readonly ref: string;
  readonly clientId: string;
  readonly displayName: string;
  readonly method: AuthenticationMethod | undefined;
  /** How its ownership mark names the M2MClient. */
  readonly ownerHash: string | undefined;
  /** Why it gets no token. */
  readonly restriction: string | undefined;
}

/** One client, or every client, and one API. */
export interface TenantCaller {
  /** `undefined`: every client of the tenant. */
  readonly client: string | undefined;
  readonly api: string;
  readonly scopes: readonly string[];
  readonly everyScope: boolean;
  readonly organizations: (GrantOrganizations & { readonly usage: "Allow" | "Require" }) | undefined;
}
