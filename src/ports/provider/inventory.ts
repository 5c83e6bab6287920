import type { ObservedApi } from "./apis.ts";
import type { ObservedClient } from "./clients.ts";
import type { ObservedGrant } from "./grants.ts";

/** What machines use at a tenant, as it is there, and what the kinds' specs cannot say of it. */
export interface Inventory {
  /** Every API, the provider's own too. */
  readonly apis: readonly ListedApi[];
  /** Clients that are made for machines. */
  readonly clients: readonly ListedClient[];
  /** Grants of these clients, and those that no ScopeGrant can stand for. */
  readonly grants: readonly ListedGrant[];
  /** Number of clients that people log in through. */
  readonly loginClients: number;
  /** For people: what could not be read, by what it is. */
  readonly unreadable: readonly string[];
}

interface Listed {
  /** For people: settings that differ from the provider's default and that no field of a spec has. Without values. */
  readonly beyond: readonly string[];
}

export interface ListedApi
  extends
    Listed,
    Pick<
      ObservedApi,
      "ref" | "audience" | "displayName" | "description" | "scopes" | "tokens" | "settings" | "mark" | "isSystem"
    > {}

export interface ListedClient
  extends
    Listed,
    Pick<
      ObservedClient,
      | "ref"
      | "clientId"
      | "displayName"
      | "description"
      | "metadata"
      | "authenticationMethod"
      | "subject"
      | "keyRefs"
      | "tokenQuota"
      | "defaultOrganization"
      | "isEnabled"
      | "mark"
    > {
  /** Why no resource can adopt it; `undefined` where one can. */
  readonly refusal: string | undefined;
}

export interface ListedGrant
  extends
    Listed,
    Pick<
      ObservedGrant,
      "ref" | "client" | "api" | "audience" | "scopes" | "allScopes" | "organizations" | "lifetimeSeconds"
    > {
  /** Why no ScopeGrant can stand for it, with what it is; `undefined` where one can. */
  readonly refusal: string | undefined;
}
