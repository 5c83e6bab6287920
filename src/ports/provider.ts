import type { Apis, TokenProfile } from "./provider/apis.ts";
import type { AuthenticationMethod, Clients } from "./provider/clients.ts";
import type { Grants, Organizations } from "./provider/grants.ts";
import type { Inventory } from "./provider/inventory.ts";
import type { MarkedObject } from "./provider/marked.ts";
import type { Ref } from "./provider/ref.ts";
import type { ServerMetadata, TokenAnswer, TokenRequest } from "./provider/tokens.ts";

export type * from "./provider/apis.ts";
export type * from "./provider/clients.ts";
export type * from "./provider/grants.ts";
export type * from "./provider/inventory.ts";
export type * from "./provider/marked.ts";
export type * from "./provider/ref.ts";
export type * from "./provider/tokens.ts";

/**
 * What this operator asks of an identity provider, in the words of RFC 6749, 7591, 8414 and 9068.
 *
 * Promises of every implementation: reading never writes; every call may be repeated after a crash; removing what is
 * already gone succeeds, where gone means that a read showed it, not that the removal found nothing; only `ProviderError` is thrown; answers of writes are visible to the next read of this process.
 * Reads answer from what was last read of the tenant (see `refresh`), so most of them cost no request.
 */
export interface Provider {
  /** Vendor name as in the spec's variant, such as `auth0`. For metrics and messages only: nobody branches on it. */
  readonly vendor: string;
  /** Canonical name of the tenant, stable over time; pinned in the status of everything made there. */
  readonly tenant: string;
  /** Host of the URLs given to workloads: the custom domain where there is one, else the tenant's own. */
  readonly domain: string;
  readonly capabilities: Capabilities;
  /** One real authenticated call. Throws `unauthorized`, `unavailable` …; missing permissions are data, not an error. */
  probe(): Promise<Probe>;
  readonly apis: Apis;
  readonly clients: Clients;
  readonly grants: Grants;
  /** The tenant's customers that a token can be bound to; `undefined` where the provider knows none. */
  readonly organizations: Organizations | undefined;
  /**
   * The authorization server metadata (RFC 8414) of the API's issuer, as workloads see it, read from the document at
   * the well-known URL. Cached.
   */
  metadata(api: Ref): Promise<ServerMetadata>;
  /** The metadata of the one issuer of all APIs. `undefined` where each API has its own issuer. */
  sharedMetadata(): Promise<ServerMetadata | undefined>;
  /** One access token by the client-credentials grant (RFC 6749 section 4.4). Costs quota at the tenant. */
  requestToken(request: TokenRequest): Promise<TokenAnswer>;
  /** The public keys (RFC 7517) at a `jwks_uri` that `metadata` named. Not cached. */
  fetchKeys(jwksUri: string): Promise<{ readonly keys: readonly Record<string, unknown>[] }>;
  /**
   * Reads the tenant again unless it was read at or after `notBefore`; calls `onDrift` for what differs. What costs
   * requests for every single object is read afterwards, in the background; of the APIs and clients that `about` names
   * before this resolves.
   */
  refresh(notBefore: Date, about?: readonly Ref[]): Promise<void>;
  /** Called for every remote object that a later reading finds changed, new or gone compared with what was known. */
  onDrift(handler: (drift: Drift) => void): void;
  /** Start of the last `refresh` that ended; `undefined` before the first: nothing can be asked until then. */
  refreshedAt(): Date | undefined;
  /**
   * Start of the oldest reading that answers still rest on; `undefined` while something was never read that can be
   * (`unreadable` names what cannot). Older than `refreshedAt` where a refresh reads part of the tenant and the rest is
   * read in the background.
   */
  oldestReadAt(): Date | undefined;
  /**
   * What the last try to read was refused, so that nothing is known of it or what is known grows old. Everything else
   * is read all the same; a request for what is named here throws the error.
   */
  unreadable(): readonly Unreadable[];
  /**
   * Everything at the tenant that carries a mark of this instance, from what was last read of it, at no cost; objects
   * that cannot carry a mark are not in it.
   */
  marked(instance: string): readonly MarkedObject[];
  /**
   * Reads the whole tenant, whatever was read before, for people who want to declare what exists. Costs as many
   * requests as a restart of the operator or more.
   */
  inventory(): Promise<Inventory>;
  /** Ends background work. Pending calls reject with `unavailable`. */
  close(): void;
}

export interface Unreadable {
  /** By the provider's own name or id. */
  readonly what: string;
  readonly why: string;
}

/** Differences the kinds plan around, declared by the adapter and checked by the contract suite. */
export interface Capabilities {
  /** RFC 7591 `token_endpoint_auth_method` values, the provider's own default first. */
  readonly authenticationMethods: readonly AuthenticationMethod[];
  /**
   * Methods that a tenant offers only where the provider object sets a field, with that field. A provider without it does
   * not have the method in `authenticationMethods`. Absent: there are none.
   */
  readonly methodsBySetting?: Readonly<Partial<Record<AuthenticationMethod, string>>>;
  /** JWS algorithms of client assertions (RFC 7523), the provider's own default first. */
  readonly assertionAlgorithms: readonly string[];
  /** Public keys that one client can authenticate with at a time. */
  readonly maxPublicKeys: number;
  /** Whether a client can be given a quota of tokens. */
  readonly tokenQuotas: boolean;
  /** Whether the id of a new client can be chosen. */
  readonly choosesClientId: boolean;
  /** JWS algorithms of access tokens, the provider's own default first. */
  readonly signingAlgorithms: readonly string[];
  /** Access token profiles, the provider's own default first. */
  readonly profiles: readonly TokenProfile[];
  /** Whether `tokens.permissions` means anything. */
  readonly permissionsClaim: boolean;
  /**
   * How a client passes from one secret to the next. `full`: both work until one ends. `announced`: one at a time, and
   * the next can be chosen and made known beforehand. `none`: the provider chooses it, and the old one ends with that.
   * Keys always overlap; two methods never do. Where the server decides it, a probe may change it.
   */
  readonly secretOverlap: "full" | "announced" | "none";
  /** Where a secret that somebody replaced is noticed: with every refresh, or in the background since each costs a request. */
  readonly secretsSeenBy: "listing" | "sweep";
  /** Whether an API has a description. Where it has none, the text stays in the resource. */
  readonly apiDescriptions: boolean;
  /**
   * What a token has whose request names no scope. `granted`: every scope of the grant. `defaults`: those scopes of the API
   * that say so. `nothing`: no scope, and no audience either, so that every request must name scopes.
   */
  readonly whenNoneRequested: "granted" | "defaults" | "nothing";
  /** A token has at least one scope. Absent: it can be for an audience alone. */
  readonly tokensNeedScopes?: true;
  /** Whether an API can carry an ownership mark. */
  readonly marksApis: boolean;
  /**
   * A scope that is removed from an API leaves the grants on it too, and this is what the loss of its last scope makes of
   * a grant: `impaired`, or `empty` and otherwise as it was. Absent: grants keep it.
   */
  readonly scopesLeaveGrants?: "impaired" | "empty";
  /**
   * All tokens of a client have one signing algorithm and one profile, so that the APIs of its grants must agree: a grant or
   * a change that disagrees is `disputed`. Absent: tokens are as their API says.
   */
  readonly oneTokenFormatPerClient?: true;
  /** No two APIs of a tenant can have a scope of the same name. Absent: names are unique in their API. */
  readonly scopeNamesPerTenant?: true;
  /** Whether scopes can be granted to all clients at once. */
  readonly grantsToAllClients: boolean;
  /** Whether tokens can be bound to organizations. */
  readonly organizations: boolean;
  /** Whether several APIs may have one audience, so that it does not tell which is meant. */
  readonly sharesAudiences: boolean;
  /**
   * Who decides how long tokens live, and what can be said. Seconds. `client`: what a grant says is kept with it, and the
   * smallest of all grants of a client applies to every token of the client.
   */
  readonly tokenLifetime: {
    readonly heldBy: "api" | "grant" | "client";
    readonly min: number;
    readonly max: number;
    readonly step: number;
    /** Of what is made without saying it. */
    readonly default: number;
  };
  /** How long after a credential change either credential may be accepted or refused, in milliseconds. */
  readonly propagationMs: number;
}

export interface Probe {
  /** Permissions, by the provider's own names, that this operator needs and the credential does not have. */
  readonly missingPermissions: readonly string[];
  /** Permissions that the credential has and no feature of this operator needs. Absent: the provider does not show them. */
  readonly excessPermissions?: readonly string[];
  /** The operator's own client ID at the tenant, which it refuses to manage; `undefined` when it has none. */
  readonly ownClientId: string | undefined;
}

export interface Drift {
  readonly kind: "api" | "client" | "grant";
  readonly ref: Ref;
  /** For a grant: the client it belongs to and the audience it is for. */
  readonly client?: Ref;
  readonly audience?: string;
  /** Nothing differs from what was known: it was read for the first time. */
  readonly isFirstRead?: true;
}
