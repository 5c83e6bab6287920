/** Service accounts of the cluster that workloads run as. */
export interface ServiceAccounts {
  /** Whether it exists and is not being deleted. Reads the API server, and rejects with its error. */
  exists(namespace: string, name: string): Promise<boolean>;
  /**
   * A token of it for one audience (TokenRequest), valid for `seconds`, at least 600. Rejects with the API server's error.
   * `undefined` where the operator is configured not to request any.
   */
  readonly requestToken: RequestServiceAccountToken | undefined;
}

export type RequestServiceAccountToken = (request: {
  readonly namespace: string;
  readonly name: string;
  readonly audience: string;
  readonly seconds: number;
}) => Promise<string>;
