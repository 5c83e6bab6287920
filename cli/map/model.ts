/** Who may call what. Everything is plain data: `-o json` prints it unchanged. */
export interface AccessMap {
  /** When it was put together (RFC 3339). */
  readonly madeAt: string;
  readonly tenants: readonly MapTenant[];
  readonly clients: readonly MapClient[];
  readonly apis: readonly MapApi[];
  readonly access: readonly Access[];
  /** What is not shown, and why. */
  readonly notes: readonly string[];
}

export interface MapTenant {
  /** Canonical name of the tenant. Of a provider object without one: how people call the object. */
  readonly id: string;
  readonly vendor?: string;
  /** Provider objects that use it, for example `ClusterIdentityProvider/default`. */
  readonly providers: readonly string[];
  /** Whether its access was read from the tenant itself, or from the status of the resources. */
  readonly source: "tenant" | "status";
  /** Age of the oldest knowledge about it. */
  readonly readAt?: string;
}

export interface MapClient {
  readonly id: string;
  readonly tenant: string;
  /** Namespace and name of the M2MClient. Absent: the tenant alone knows it. */
  readonly namespace?: string;
  readonly name: string;
  readonly clientId?: string;
  readonly method?: string;
  readonly credential?: Credential;
  /** Stands for every client of the tenant, also for those that have no resource. */
  readonly isEveryone?: true;
  /** Why it gets no token. */
  readonly restriction?: string;
}

/** The credential in force. */
export interface Credential {
  readonly createdAt: string;
  readonly nextRotationAt?: string;
  /** Older credentials that are still valid. */
  readonly retiring: number;
}

export interface MapApi {
  readonly id: string;
  readonly tenant: string;
  /** Namespace and name of the OAuthApi. Absent: the tenant alone knows it. */
  readonly namespace?: string;
  readonly name: string;
  readonly audience: string;
  /** Why no client gets a token for it with its credential alone. */
  readonly restriction?: string;
}

/** One client and one API. */
export interface Access {
  readonly client: string;
  readonly api: string;
  /** Scopes that tokens may have, sorted. Empty: the audience alone. */
  readonly scopes: readonly string[];
  /** Every scope that the API has, or will have. */
  readonly everyScope?: true;
  readonly organizations?: MapOrganizations;
  readonly origins: readonly Origin[];
}

/** Organizations that tokens may or must be bound to. */
export interface MapOrganizations {
  readonly usage: "Allow" | "Require";
  readonly any: boolean;
  /** IDs, where they are known. */
  readonly ids: readonly string[];
}

/** Where access comes from. */
export interface Origin {
  /** `Tenant`: no ScopeGrant requests it, somebody made it there. `Unknown`: the ScopeGrants that could be behind it were not read. */
  readonly by: "ScopeGrant" | "Tenant" | "Unknown";
  /** Of the ScopeGrant. */
  readonly namespace?: string;
  readonly name?: string;
  readonly scopes: readonly string[];
  /** So many more scopes, of which the status has no names. */
  readonly more?: number;
}

/** How people call a client or an API: `billing/importer`, else its name at the tenant. */
export const titleOf = ({ namespace, name }: { readonly namespace?: string; readonly name: string }): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

/** How people call where access comes from. */
export function originText({ by, namespace, name = "", more }: Origin): string {
  const others = more === undefined ? "" : ` (${String(more)} more scopes)`;
  if (by === "ScopeGrant") return `ScopeGrant ${namespace === undefined ? name : `${namespace}/${name}`}${others}`;
  return by === "Tenant" ? "made at the tenant" : "unknown";
}
