import type { Ref } from "./ref.ts";

export type TokenProfile = "Auth0" | "RFC9068";

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
