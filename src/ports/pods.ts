/** A Pod, as far as it tells which Secrets its containers work with. */
export interface PodFacts {
  readonly name: string;
  /** It has ended, so that it works with nothing. */
  readonly hasEnded: boolean;
  readonly uses: readonly SecretUse[];
}

export interface SecretUse {
  readonly secret: string;
  /** `env`: an environment variable or `envFrom`; `subPath`: a file that is never renewed; `volume`: one that is. */
  readonly by: "env" | "subPath" | "volume";
  /** Since when the container runs; `undefined` when it does not, and will read the Secret when it starts. */
  readonly runsSince: Date | undefined;
}

/** Pods of single namespaces, watched only while somebody asks. */
export interface Pods {
  /**
   * The namespace's Pods as they are now; `undefined` until they were listed. From the first call they are watched for
   * this watcher, whose key is handed on with every change and every new `problem`, until it calls `unwatch`.
   */
  watch(namespace: string, watcher: string): readonly PodFacts[] | undefined;
  /**
   * Why the Pods of a watched namespace cannot be read: the API server forbids it. `undefined` while they can, or while
   * that is not known.
   */
  problem(namespace: string): string | undefined;
  unwatch(namespace: string, watcher: string): void;
}
