import type { Config } from "../config.ts";

/** What of the cluster this operator sees and works on. */
export interface WatchScope {
  /** The only namespaces that are watched; `undefined`: all. */
  readonly namespaces: readonly string[] | undefined;
  /** Whether it works on ClusterIdentityProviders. */
  readonly clusterProviders: boolean;
  /** Where the credentials of ClusterIdentityProviders are. */
  readonly operatorNamespace: string;
}

/** Cluster-scoped providers belong to an operator that sees the whole cluster, unless said otherwise. */
export function watchScopeOf(config: Pick<Config, "watchNamespaces" | "clusterProviders" | "namespace">): WatchScope {
  const { watchNamespaces, clusterProviders = watchNamespaces.length === 0, namespace } = config;
  return {
    namespaces: watchNamespaces.length === 0 ? undefined : [...new Set(watchNamespaces)],
    clusterProviders,
    operatorNamespace: namespace,
  };
}
