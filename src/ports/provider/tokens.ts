import type { SecretMethod } from "./clients.ts";

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
  /** Scopes to request, where a request must name some. */
  readonly scopes: readonly string[];
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
    }
  | {
      readonly method: "kubernetes";
      /** A token of the service account, for the authorization server as its only audience. */
      readonly assertion: string;
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
