import type { ServerMetadata } from "../ports/provider.ts";

/** Times are RFC 3339; each is absent until the step of a rotation that it belongs to was done. */
interface CredentialCommon {
  readonly id: string;
  readonly createdAt: string;
  /** The provider's own id of it; `undefined` until it is known. */
  readonly registration?: string | undefined;
  /** Since when the provider accepts it beside the one in force. */
  readonly registeredAt?: string | undefined;
  /** Since when it is published as the next one. */
  readonly announcedAt?: string | undefined;
  /** Since when it is in force; absent for a first credential. */
  readonly activatedAt?: string | undefined;
  /** Since when it is published as the one in force. */
  readonly publishedAt?: string | undefined;
  /** Published beside the one in force, as `next_…` or `previous_…`: no two work at a time. */
  readonly isShown?: boolean | undefined;
  /** The request for a rotation that it answers, as the annotation says it. */
  readonly request?: string | undefined;
}

export interface SecretCredential extends CredentialCommon {
  readonly authenticationMethod: "client_secret_basic" | "client_secret_post";
  readonly clientSecret: string;
}

/** For client assertions (RFC 7523). */
export interface KeyCredential extends CredentialCommon {
  readonly authenticationMethod: "private_key_jwt";
  /** PKCS#8 PEM; `undefined` when only the user has it. */
  readonly privateKey: string | undefined;
  readonly keyId: string | undefined;
  /** JWS algorithm. */
  readonly algorithm: string;
}

/** Tokens of a Kubernetes service account, which the kubelet gives to the workload: there is nothing to keep secret. */
export interface ServiceAccountCredential extends CredentialCommon {
  readonly authenticationMethod: "kubernetes";
  /** `sub` of the tokens. */
  readonly subject: string;
}

/** One credential, as the state Secret keeps it. */
export type CredentialValues = SecretCredential | KeyCredential | ServiceAccountCredential;

/** What everybody may know of an API. */
export interface PublicApi {
  readonly audience: string;
  /** In any order; what is rendered is sorted. */
  readonly scopes: readonly string[];
  readonly issuer: string;
  readonly wellKnownUrl: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
}

/** An API that the client may ask tokens for, with the scopes it was granted. */
export interface PublishedGrant extends PublicApi {
  /** Name of the ScopeGrant. */
  readonly name: string;
  /** `aud` of client assertions for its token endpoint. */
  readonly assertionAudience: string;
  /** Ids of the organizations it is linked to; absent where it has none. */
  readonly organizations?: readonly string[];
}

export type KeyStyle = "Snake" | "Env" | "Kebab" | "None";

/** How the user wants the Secret laid out. */
export interface LayoutInputs {
  readonly type: string;
  readonly keyStyle: KeyStyle;
  readonly keyPrefix: string;
  readonly template: {
    readonly data: Readonly<Record<string, string>>;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    /** Names that its `data` may have after `apis.`. */
    readonly apis: readonly string[];
  };
}

/** Everything a published Secret is a pure rendering of. */
export interface SecretInputs {
  readonly clientId: string;
  /** Host of issuer and URLs. */
  readonly domain: string;
  readonly vendor: string;
  readonly credential: CredentialValues;
  /** What comes into force next, and what was before: only where no two work at a time. */
  readonly next?: CredentialValues | undefined;
  readonly previous?: CredentialValues | undefined;
  /** The provider's one authorization server, where it has only one. */
  readonly server: ServerMetadata | undefined;
  /** `aud` of client assertions; only published with `private_key_jwt` and `kubernetes`. */
  readonly assertionAudience: string | undefined;
  readonly grants: readonly PublishedGrant[];
  /** Name of a grant for the API in the flat keys, whose scopes are those of all grants for it. */
  readonly primary?: string;
  /** APIs that templates refer to, by the name they gave. */
  readonly apis: Readonly<Record<string, PublicApi>>;
  readonly layout: LayoutInputs;
}

export type Rendering =
  | { readonly kind: "rendered"; readonly data: Readonly<Record<string, string>> }
  /** A template needs values that are not known yet. */
  | { readonly kind: "waiting"; readonly names: readonly string[] }
  /** Another spec helps, or fewer grants where the Secret is too large. */
  | { readonly kind: "invalid"; readonly reason: "TemplateInvalid" | "SecretTooLarge"; readonly message: string };
