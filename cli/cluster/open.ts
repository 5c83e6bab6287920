import { connect, type Connection } from "../../src/kube/connection.ts";
import { defaultNamespace } from "../../src/kube/kubeconfig.ts";
import { OPERATOR_VERSION } from "../../src/version.ts";
import { explained } from "./refusal.ts";

/** The options that every command has, named as in kubectl. */
export interface ClusterOptions {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly namespace?: string | undefined;
}

/** A cluster, and the namespace that the command is about. */
export interface OpenCluster {
  readonly connection: Connection;
  readonly namespace: string;
}

const TIMEOUT_MS = 15_000;

/** Reads the kubeconfig. Throws a Failure when it cannot. */
export function openCluster({ kubeconfig, context, namespace }: ClusterOptions): OpenCluster {
  try {
    const userAgent = `kubectl-m2m/${OPERATOR_VERSION}`;
    return {
      connection: connect({ kubeconfig, context, userAgent, timeoutMs: TIMEOUT_MS }),
      namespace: namespace ?? defaultNamespace({ path: kubeconfig, context }),
    };
  } catch (error) {
    throw explained(error, { verb: "get", plural: "", group: "", namespace: undefined }, "");
  }
}
