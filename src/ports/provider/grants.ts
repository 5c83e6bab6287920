import type { Ref } from "./ref.ts";

/** Which client may ask for which scopes of which API. One per (client, API). A grant belongs to its client's owner. */
export interface Grants {
  /** `undefined` means that no reading shows one. Organizations are read only when asked for, and kept read from then. */
  find(client: Ref, audience: string, withOrganizations: boolean): Promise<ObservedGrant | undefined>;
  /** Every grant of the client for itself (not on behalf of users), whoever made it. */
  ofClient(client: Ref): Promise<readonly ObservedGrant[]>;
  /** Every grant on the API, whoever made it. */
  ofApi(audience: string): Promise<readonly ObservedGrant[]>;
  /** When one exists already it is brought to the wanted scopes and returned. Throws `not_found` for a missing side. */
  create(spec: GrantSpec): Promise<ObservedGrant>;
  update(ref: Ref, change: GrantChange): Promise<ObservedGrant>;
  remove(ref: Ref): Promise<void>;
}

export interface GrantSpec {
  readonly client: Ref;
  readonly api: { readonly ref: Ref; readonly audience: string };
  readonly scopes: readonly string[];
  /** Absent: never sent. */
  readonly organizations?: GrantOrganizations;
}

export type GrantChange = Partial<Pick<GrantSpec, "scopes" | "organizations">>;

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
  readonly audience: string;
  readonly scopes: readonly string[];
  /** Every scope that the API has or will have; `scopes` is empty then. */
  readonly allScopes: boolean;
  readonly organizations: {
    readonly usage: GrantOrganizations["usage"];
    readonly any: boolean;
    /** `undefined` while nobody asked for them. */
    readonly ids: readonly string[] | undefined;
  };
  readonly isSystem: boolean;
  readonly readAt: Date;
}
