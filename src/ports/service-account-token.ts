/** A token of the operator's own Kubernetes service account, for one audience alone. */
export interface ServiceAccountToken {
  /** The signed JWT. A credential: it must never be in a text. */
  readonly token: string;
  /** `iss`: the cluster that signed it. */
  readonly issuer: string;
  /** `sub`: `system:serviceaccount:NAMESPACE:NAME`. */
  readonly subject: string;
}

/**
 * Reads the token whose only audience is this one. It is read again each time, because the kubelet replaces it. Rejects with
 * a ProviderError: `no_credential` where there is none or it has expired. The message says what to do.
 */
export type ReadServiceAccountToken = (audience: string) => Promise<ServiceAccountToken>;
