import type { Mark } from "./mark.ts";

/**
 * What this operator asks of an identity provider, in the words of RFC 6749, 7591, 8414 and 9068.
 *
 * Promises of every implementation: reading never writes; every call may be repeated after a crash; removing what is
 * already gone succeeds; only `ProviderError` is thrown; answers of writes are visible to the next read of this process.
 * Reads answer from what was last read of the tenant (see `refresh`), so most of them cost no request.
 */
export interface Provider {
  /** Vendor name as in the spec's variant: `auth0`, `okta`. For metrics and messages only: nobody branches on it. */
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
   * the well-known URL. Cached; `api` matters only where every API has an issuer of its own.
   */
  metadata(api: Ref | undefined): Promise<ServerMetadata>;
  /** One access token by the client-credentials grant (RFC 6749 section 4.4). Costs quota at the tenant. */
  requestToken(request: TokenRequest): Promise<TokenAnswer>;
  /** The public keys (RFC 7517) at a `jwks_uri` that `metadata` named. Not cached. */
  fetchKeys(jwksUri: string): Promise<{ readonly keys: readonly Record<string, unknown>[] }>;
  /** Reads the whole tenant again unless it was read at or after `notBefore`; calls `onDrift` for what differs. */
  refresh(notBefore: Date): Promise<void>;
  /** Called for every remote object that a later reading finds changed, new or gone compared with what was known. */
  onDrift(handler: (drift: Drift) => void): void;
  /** Start of the oldest reading that answers still rest on; `undefined` before the first. */
  oldestLookAt(): Date | undefined;
  /** Ends background work. Pending calls reject with `unavailable`. */
  close(): void;
}

/** Differences the kinds plan around, declared by the adapter and checked by the contract suite. */
export interface Capabilities {
  /** RFC 7591 `token_endpoint_auth_method` values, the provider's own default first. */
  readonly authenticationMethods: readonly AuthenticationMethod[];
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
  /** Whether the current client secret can be read again, which makes a lost Secret repairable without rotation. */
  readonly readableSecrets: boolean;
  /** How long after a credential change either credential may be accepted or refused, in milliseconds. */
  readonly propagationMs: number;
}

export interface Probe {
  /** Permissions, by the provider's own names, that this operator needs and the credential does not have. */
  readonly missingPermissions: readonly string[];
  /** The operator's own client id at the tenant, which it refuses to manage; `undefined` when it has none. */
  readonly ownClientId: string | undefined;
}

/** Opaque id minted by a provider; only that provider may look inside. Stored in `status.externalId`. */
export type Ref = string & { readonly __brand: "Ref" };

export type SecretMethod = "client_secret_basic" | "client_secret_post";
export type AuthenticationMethod = SecretMethod | "private_key_jwt";
export type TokenProfile = "Auth0" | "RFC9068";

export interface Drift {
  readonly kind: "api" | "client" | "grant";
  readonly ref: Ref;
  /** For a grant: the client it belongs to and the audience it is for. */
  readonly client?: Ref;
  readonly audience?: string;
}

/** A protected resource (RFC 6750 "resource server") with its audience and scopes. */
export interface Apis {
  /** By recorded ref. `undefined` means gone and was confirmed with a read of that one object. */
  get(ref: Ref): Promise<ObservedApi | undefined>;
  /** By natural key, whoever made it. `undefined` means that no reading shows one. */
  findByAudience(audience: string): Promise<ObservedApi | undefined>;
  /** Throws `conflict` when the audience is taken; `ambiguous` when the outcome is not known. */
  create(spec: ApiSpec): Promise<ObservedApi>;
  /** Changes what is named and nothing else. Throws `not_found` when it is gone. */
  update(ref: Ref, change: Partial<Omit<ApiSpec, "audience">>): Promise<ObservedApi>;
  /** The key that verifies tokens signed with a shared secret; `undefined` where the API has none or hides it. */
  readSigningSecret(ref: Ref): Promise<string | undefined>;
  remove(ref: Ref): Promise<void>;
}

export interface ApiScope {
  readonly name: string;
  readonly description?: string;
}

/** What to write. A field that is absent is never sent: the provider's own value stays. */
export interface ApiSpec {
  readonly audience: string;
  readonly displayName: string;
  readonly scopes: readonly ApiScope[];
  readonly tokens: ApiTokens;
  /** The spec's section named after the vendor, as it stands there: only that adapter looks inside. */
  readonly settings?: ApiSettings;
}

/** Vendor-only settings, by field of the spec's section. Values are plain JSON and compared as such. */
export type ApiSettings = Readonly<Record<string, unknown>>;

export interface ApiTokens {
  /** Seconds from `iat` to `exp`. */
  readonly lifetimeSeconds?: number;
  readonly signingAlgorithm?: string;
  readonly profile?: TokenProfile;
  readonly permissions?: "Include" | "Omit";
}

/** What is there, with the provider's defaults resolved. */
export interface ObservedApi {
  readonly ref: Ref;
  readonly audience: string;
  readonly displayName: string | undefined;
  readonly scopes: readonly ApiScope[];
  readonly tokens: Required<ApiTokens>;
  /** Every setting that the vendor's section can name. */
  readonly settings: ApiSettings;
  /** Why no client can get a token for it by design, such as required proof of possession; `undefined` when it can. */
  readonly noTokensBecause: string | undefined;
  /** Keyed fingerprint of the shared secret that signs tokens; `undefined` where there is none. */
  readonly signingSecretFingerprint: string | undefined;
  /** The provider's own; never touched. */
  readonly isSystem: boolean;
  readonly readAt: Date;
}

/** A client (RFC 6749 section 2) that authenticates as itself and uses only the client-credentials grant. */
export interface Clients {
  /** By recorded ref. `undefined` means gone and was confirmed with a read of that one object. */
  get(ref: Ref): Promise<ObservedClient | undefined>;
  /** Every client that carries a mark of this instance with this uid, from what was last read of the tenant. */
  findByOwner(instance: string, uid: string): Promise<readonly ObservedClient[]>;
  /** Every client that carries a mark of this instance for a resource of this kind, namespace and name. */
  findByObject(instance: string, object: string): Promise<readonly ObservedClient[]>;
  /** The same as `findByOwner`, from a reading that began at or after `notBefore`: settles an ambiguous create. */
  findByOwnerSince(instance: string, uid: string, notBefore: Date): Promise<readonly ObservedClient[]>;
  /** Client names are not unique: create is safe only under the create protocol. `ambiguous` when not known. */
  create(spec: ClientSpec, mark: Mark): Promise<CreatedClient>;
  /** Changes what is named and nothing else; a metadata key set to `null` is removed. Throws `not_found`. */
  update(ref: Ref, change: ClientChange): Promise<ObservedClient>;
  /** The client's current secret, read from the provider; `undefined` where it cannot be shown. */
  readSecret(ref: Ref): Promise<string | undefined>;
  /** Replaces the client's secret with a value of ours, or lets the provider choose one. Returns the one in force. */
  replaceSecret(ref: Ref, secret: string | undefined): Promise<string>;
  /**
   * Makes these, and no others, the keys that the client authenticates with (`private_key_jwt`). Keys that are
   * registered already are kept; what the client used before is removed. At least one.
   */
  setPublicKeys(ref: Ref, keys: readonly PublicKey[]): Promise<readonly RegisteredKey[]>;
  /** Registers a key beside those that the client has. Throws `limit_reached` when it can have no more. */
  addPublicKey(ref: Ref, key: PublicKey): Promise<RegisteredKey>;
  /** Removes the client; its grants go with it. */
  remove(ref: Ref): Promise<void>;
}

export interface ClientSpec {
  readonly displayName: string;
  readonly description?: string;
  /** The user's own metadata, without the mark. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly authenticationMethod: AuthenticationMethod;
  /** With `private_key_jwt`: what it authenticates with. */
  readonly publicKeys?: readonly PublicKey[];
  readonly tokenQuota?: TokenQuota;
  /** Id of the organization that tokens are bound to when none is asked for. */
  readonly defaultOrganization?: string;
  /** Absent: enabled. A client that is not keeps its id and credentials and gets no tokens. */
  readonly isEnabled?: boolean;
}

/** RFC 7517, as PEM (SubjectPublicKeyInfo). */
export interface PublicKey {
  /** `kid`; the RFC 7638 thumbprint unless somebody chose another. */
  readonly keyId: string;
  readonly pem: string;
  /** JWS algorithm of the assertions. */
  readonly algorithm: string;
}

export interface RegisteredKey {
  /** The provider's own id of the registration. */
  readonly ref: string;
  readonly keyId: string;
}

export interface TokenQuota {
  /** Tokens per hour; absent: no limit. */
  readonly perHour?: number;
  readonly perDay?: number;
  /** `false`: exceeding is only logged at the provider. */
  readonly enforce?: boolean;
}

export interface ClientChange {
  readonly displayName?: string;
  /** Empty text removes the description. */
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, string | null>>;
  /** Only methods with a secret: keys come by `setPublicKeys`. */
  readonly authenticationMethod?: SecretMethod;
  readonly tokenQuota?: TokenQuota;
  readonly defaultOrganization?: string;
  readonly isEnabled?: boolean;
  /** Brings a client that was changed by hand back to one that uses only the client-credentials grant. */
  readonly restoreServiceType?: true;
  /** `null` takes our mark off (deletion policy Retain). */
  readonly mark?: Mark | null;
}

export interface ObservedClient {
  readonly ref: Ref;
  readonly clientId: string;
  readonly displayName: string;
  readonly description: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly authenticationMethod: AuthenticationMethod | undefined;
  readonly mark: Mark | undefined;
  /** Keyed fingerprint of the secret in force; `undefined` where the provider does not show secrets. */
  readonly secretFingerprint: string | undefined;
  /** Ids of the keys it authenticates with; empty unless the method is `private_key_jwt`. */
  readonly keyRefs: readonly string[];
  readonly tokenQuota: TokenQuota | undefined;
  readonly defaultOrganization: string | undefined;
  /** Whether it may use the client-credentials grant type. */
  readonly isEnabled: boolean;
  /** Made for machines: no person can log in through it as it is. */
  readonly isService: boolean;
  /** A service client that may use the client-credentials grant type and no other. */
  readonly isServiceType: boolean;
  /** The provider's own, a third party's, or the operator's: never touched. */
  readonly isSystem: boolean;
  readonly readAt: Date;
}

/** The one value that holds a secret: written to the state Secret by whoever asked for it, then forgotten. */
export interface CreatedClient {
  readonly client: ObservedClient;
  /** `undefined` when the provider did not show the secret it chose. */
  readonly clientSecret: string | undefined;
  /** What became of `spec.publicKeys`. */
  readonly keys: readonly RegisteredKey[];
}

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

/** RFC 8414 section 2, the members that workloads and resource servers need. */
export interface ServerMetadata {
  readonly wellKnownUrl: string;
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  /** `aud` of client assertions (RFC 7523 section 3). */
  readonly assertionAudience: string;
}

export interface TokenRequest {
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  readonly audience: string;
  /** Id of the organization that the token is to be bound to. */
  readonly organization?: string;
}

export type ClientAuthentication =
  | { readonly method: SecretMethod; readonly clientSecret: string }
  | {
      readonly method: "private_key_jwt";
      /** PKCS#8 PEM. */
      readonly privateKey: string;
      readonly keyId: string;
      readonly algorithm: string;
      readonly audience: string;
    };

/** The token endpoint's answer: a token, or the error of RFC 6749 section 5.2 as data. */
export type TokenAnswer =
  | {
      readonly kind: "token";
      readonly accessToken: string;
      readonly expiresInSeconds: number;
      readonly scopes?: string;
    }
  /** `refusal` is `client` for a refused credential, `grant` for a missing grant, `quota` when tokens ran out. */
  | { readonly kind: "refused"; readonly refusal: "client" | "grant" | "quota" | "other"; readonly message: string };
