import type { Mark } from "../mark.ts";
import type { GrantedApi } from "./apis.ts";
import type { Ref } from "./ref.ts";

/** Which client may request which scopes of which API. One per (client, API). A grant belongs to its client's owner. */
export interface Grants {
  /**
   * `undefined` means that no reading shows one. Organizations are read only when requested, and kept read from then.
   * `client` may be `ALL_CLIENTS` where the provider has such grants. `since`: one that was there then is found, although
   * nothing was read since it was created, and as it was then or later wherever a write replaces what others have there.
   */
  find(client: Ref, api: GrantedApi, withOrganizations: boolean, since?: Date): Promise<ObservedGrant | undefined>;
  /**
   * Every grant of the client for itself (not on behalf of users), no matter who made it; `undefined` while this process has
   * not read all that could hold one. What cannot be read (`Provider.unreadable`) is left out.
   */
  ofClient(client: Ref): Promise<readonly ObservedGrant[] | undefined>;
  /** Every grant on the API, no matter who made it. */
  ofApi(api: GrantedApi): Promise<readonly ObservedGrant[]>;
  /**
   * Who gets a token for the API without a user, and with which scopes, at the cost of further requests. Absent where the
   * grants of `ofApi` that are not foreign say the same.
   */
  callers?(api: GrantedApi): Promise<readonly Caller[]>;
  /**
   * When one exists already it is brought to the wanted scopes and returned. Throws `not_found` for a missing side,
   * `unsupported` for `ALL_CLIENTS` unless `capabilities.grantsToAllClients`.
   */
  create(spec: GrantSpec): Promise<ObservedGrant>;
  update(ref: Ref, change: GrantChange): Promise<ObservedGrant>;
  remove(ref: Ref): Promise<void>;
}

/** One client of an API, or `ALL_CLIENTS`, with everything that the tenant's policies together give it. */
export interface Caller {
  readonly client: Ref;
  readonly scopes: readonly string[];
  /** Every scope that the API has now or will have. */
  readonly allScopes: boolean;
}

export interface GrantSpec {
  /** Or `ALL_CLIENTS`. */
  readonly client: Ref;
  readonly api: { readonly ref: Ref; readonly audience: string };
  readonly scopes: readonly string[];
  /** Absent: never sent. */
  readonly organizations?: GrantOrganizations;
  /** Lifetime of tokens, where a grant decides on that. */
  readonly lifetimeSeconds?: number;
}

export interface GrantChange extends Partial<Pick<GrantSpec, "scopes" | "organizations" | "lifetimeSeconds">> {
  /** Undoes manual changes that no other field covers. */
  readonly restore?: true;
}

/** Whether and to which organizations tokens of this grant are bound. */
export interface GrantOrganizations {
  readonly usage: "Deny" | "Allow" | "Require";
  /** Every organization, linked or not. Absent: not touched. */
  readonly any?: boolean;
  /** Ids of exactly those that are linked. Absent: not touched. */
  readonly ids?: readonly string[];
}

export interface Organizations {
  /** By id or by name. */
  find(nameOrId: string): Promise<{ readonly id: string; readonly name: string } | undefined>;
}

export interface ObservedGrant {
  readonly ref: Ref;
  readonly client: Ref;
  /** `undefined` where grants name their API by audience alone. */
  readonly api: Ref | undefined;
  readonly audience: string;
  readonly scopes: readonly string[];
  /** Every scope that the API has or will have; `scopes` is empty then. */
  readonly allScopes: boolean;
  readonly organizations: {
    readonly usage: GrantOrganizations["usage"];
    readonly any: boolean;
    /** `undefined` while nobody requested them. */
    readonly ids: readonly string[] | undefined;
  };
  /** Where a grant decides on the lifetime of tokens. */
  readonly lifetimeSeconds: number | undefined;
  /** Further grants of the same pair, left behind by a lost answer. Only where a provider can hold several. */
  readonly duplicates: readonly Ref[];
  /** A manual change that no other field covers keeps it from working as described. */
  readonly isImpaired: boolean;
  /** Names of policies of others for all clients that take precedence, and may decide in place of this grant. */
  readonly overriddenBy: readonly string[];
  readonly isSystem: boolean;
  /**
   * On behalf of users, for clients that it does not name, or for several: nothing that a ScopeGrant stands for. `ofApi`
   * alone shows it, since it needs the API too.
   */
  readonly isForeign?: true;
  /**
   * The mark of the client that it was made for, where it names no client any more and so serves nobody: the client was
   * deleted while this was being made. `ofApi` alone shows it.
   */
  readonly leftBy?: Mark;
  readonly readAt: Date;
}
