import { KubeConfig } from "@kubernetes/client-node";
import { nearestName } from "../ports/nearest-name.ts";
import { KubeError } from "./kube-error.ts";

/** Which kubeconfig, and which of its contexts. */
export interface KubeconfigChoice {
  /** By default the cluster this runs in, else KUBECONFIG, else the user's own. */
  readonly path?: string | undefined;
  /** Default: the current context. */
  readonly context?: string | undefined;
}

/** Throws a KubeError when there is none, or when it does not have the context. */
export function loadKubeconfig({ path, context }: KubeconfigChoice): KubeConfig {
  const config = new KubeConfig();
  try {
    if (path === undefined) config.loadFromDefault();
    else config.loadFromFile(path);
  } catch (error) {
    throw noCredentials(`the kubeconfig ${path ?? "of this user"} cannot be read`, error);
  }
  if (context !== undefined) useContext(config, context);
  return config;
}

/** The namespace of the chosen context, as kubectl takes it. */
export function defaultNamespace(choice: KubeconfigChoice): string {
  const config = loadKubeconfig(choice);
  return config.getContextObject(config.getCurrentContext())?.namespace ?? "default";
}

/** Names of the contexts. Empty when the kubeconfig cannot be read. */
export function contextNames(path: string | undefined): readonly string[] {
  try {
    return loadKubeconfig({ path })
      .getContexts()
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function useContext(config: KubeConfig, context: string): void {
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context)) {
    const near = nearestName(context, names);
    const hint = near === undefined ? "" : ` (did you mean "${near}"?)`;
    throw noCredentials(`the kubeconfig has no context "${context}"${hint}`, undefined);
  }
  config.setCurrentContext(context);
}

/** Without the cause: what a plugin or a file said may be the credential. */
export function noCredentials(what: string, error: unknown): KubeError {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return new KubeError(0, "NoCredentials", typeof code === "string" ? `${what}: ${code}` : what);
}
