import type { Mark } from "../mark.ts";
import type { Ref } from "./ref.ts";

/**
 * Shape of access tokens: `RFC9068`, or a name that the provider has for a shape of its own. Which there are is in
 * `capabilities.profiles`.
 */
export type TokenProfile = string;

/** A protected resource (RFC 6750 "resource server") with its audience and scopes. */
export interface Apis {
  /**
   * Whether `get` can answer now: everything about it was read, or it is not listed, or the try to read it failed and
   * `get` tells why. Where reading it
   * costs requests of its own, it is read in the background; until then what status says stands.
   */
  isKnown(ref: Ref): boolean;
  /**
   * By recorded ref. `undefined` means gone and was confirmed with a read of that one object. `since`: as it was then or
   * later, wherever a write replaces what others have there.
   */
  get(ref: Ref, since?: Date): Promise<ObservedApi | undefined>;
  /**
   * By natural key, no matter who made it. `undefined` means that no reading shows one. Where several may have one audience:
   * the oldest. `since`: one that was there then is found, although nothing was read since it was created, and
   * as with `get`.
   */
  findByAudience(audience: string, since?: Date): Promise<ObservedApi | undefined>;
  /** Every API of the tenant, no matter who made it, the provider's own too. */
  list(): Promise<readonly ObservedApi[]>;
  /** Every API that carries a mark of this instance with this uid; none where an API cannot carry a mark. */
  findByOwner(instance: string, uid: string): Promise<readonly ObservedApi[]>;
  /** Every API that carries a mark of this instance for a resource of this kind, namespace and name. */
  findByObject(instance: string, object: string): Promise<readonly ObservedApi[]>;
  /**
   * Lists the APIs again, and nothing else, unless they were listed at or after `notBefore`: settles an ambiguous create.
   */
  refresh(notBefore: Date): Promise<void>;
  /** Throws `conflict` when the audience is taken; `ambiguous` when the outcome is not known. */
  create(spec: ApiSpec, mark: Mark): Promise<ObservedApi>;
  /** Changes what is named and nothing else. Throws `not_found` when it is gone. */
  update(ref: Ref, change: ApiChange): Promise<ObservedApi>;
  /** How its tokens are issued, at no cost; `undefined` when there is no such API. */
  issuance(api: GrantedApi): Promise<Issuance | undefined>;
  /** The key that verifies tokens signed with a shared secret; `undefined` where the API has none or hides it. */
  readSigningSecret(ref: Ref): Promise<string | undefined>;
  remove(ref: Ref): Promise<void>;
}

/** An API as grants name it. */
export interface GrantedApi {
  /** `undefined` while it is known by its audience alone. */
  readonly ref: Ref | undefined;
  readonly audience: string;
}

export interface Issuance {
  readonly ref: Ref;
  /** JWS algorithm of access tokens. */
  readonly signingAlgorithm: string | undefined;
  /** Why no client can get a token for it by design, such as required proof of possession; `undefined` when it can. */
  readonly refusedBecause: string | undefined;
}

export interface ApiScope {
  readonly name: string;
  readonly description?: string;
  /** Given when a token request names no scope. Absent: not said, or the provider has no such thing. */
  readonly isDefault?: boolean;
}

/** What to write. A field that is absent is never sent: the provider's own value stays. */
export interface ApiSpec {
  readonly audience: string;
  readonly displayName: string;
  /** Only where the provider keeps one. */
  readonly description?: string;
  readonly scopes: readonly ApiScope[];
  readonly tokens: ApiTokens;
  /** The spec's section named after the vendor, as it stands there: only that adapter looks inside. */
  readonly settings?: ApiSettings;
}

export interface ApiChange extends Partial<ApiSpec> {
  /** `null` removes our mark (deletion policy Retain). Ignored where an API cannot carry one. */
  readonly mark?: Mark | null;
  /** Undoes manual changes that no other field covers. */
  readonly restore?: true;
}

/** Vendor-only settings, by field of the spec's section. Values are plain JSON and compared as such. */
export type ApiSettings = Readonly<Record<string, unknown>>;

export interface ApiTokens {
  /** Seconds from `iat` to `exp`; where a grant decides on that, absent here. */
  readonly lifetimeSeconds?: number;
  readonly signingAlgorithm?: string;
  readonly profile?: TokenProfile;
  readonly permissions?: "Include" | "Omit";
}

/** What exists, with the provider's defaults resolved. What the provider does not have is absent. */
export interface ObservedApi {
  readonly ref: Ref;
  readonly audience: string;
  readonly displayName: string | undefined;
  /** The user's own text, without a mark. */
  readonly description: string | undefined;
  readonly scopes: readonly ApiScope[];
  readonly tokens: ApiTokens;
  /** Every setting that the vendor's section can name. */
  readonly settings: ApiSettings;
  readonly mark: Mark | undefined;
  /** Keyed fingerprint of the shared secret that signs tokens; `undefined` where there is none. */
  readonly signingSecretFingerprint: string | undefined;
  /** A manual change that no field covers keeps every client from getting a token for it. */
  readonly isImpaired: boolean;
  /** The provider's own; never touched. */
  readonly isSystem: boolean;
  readonly readAt: Date;
}
