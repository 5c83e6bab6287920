import type { ObjectHead } from "../../ports/cluster.ts";
import type { KindContext } from "../kind-context.ts";
import { dependentsOf } from "../relations/dependents.ts";
import { nameOf } from "../relations/indexes.ts";
import { CREDENTIALS_FINALIZER, FINALIZER } from "../schema/annotations.ts";
import type { ProviderResource } from "./schema.ts";

type Ports = Pick<KindContext, "resources" | "secrets" | "settings">;

/** Cluster-scoped providers keep their credentials where only the platform team writes: the operator's namespace. */
export function credentialsNamespaceOf({ settings }: Pick<Ports, "settings">, { metadata }: ProviderResource): string {
  return metadata.namespace ?? settings.operatorNamespace;
}

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

/** The Secret that the spec names; `undefined` when it names none. */
export function credentialsSecretOf(
  ports: Pick<Ports, "settings">,
  resource: ProviderResource,
): SecretName | undefined {
  const { credentialsSecretRef: ref } = resource.spec;
  return ref === undefined ? undefined : { namespace: credentialsNamespaceOf(ports, resource), name: ref.name };
}

/** That Secret, from the metadata cache. */
export function credentialsHead(
  ports: Pick<Ports, "secrets" | "settings">,
  resource: ProviderResource,
): ObjectHead | undefined {
  const secret = credentialsSecretOf(ports, resource);
  return secret === undefined ? undefined : ports.secrets.head(secret.namespace, secret.name);
}

/** Provider objects whose spec names this Secret. */
export function namedBy(
  { resources }: Pick<Ports, "resources">,
  namespace: string,
  name: string,
): readonly ProviderResource[] {
  const key = nameOf(namespace, name);
  const { clusterIdentityProviders, identityProviders } = resources;
  return [...clusterIdentityProviders.byIndex("credentials", key), ...identityProviders.byIndex("credentials", key)];
}

/** Resources that need this provider in order to be deleted properly. */
export function holdersOf({ resources }: Pick<Ports, "resources">, resource: ProviderResource) {
  return dependentsOf(resources, resource).filter(({ metadata }) => metadata.finalizers?.includes(FINALIZER) === true);
}

/** Whether another provider object needs the Secret of this one. One that is being deleted and used by nobody does not. */
export function isNeededByOthers(ports: Ports, resource: ProviderResource): boolean {
  const secret = credentialsSecretOf(ports, resource);
  if (secret === undefined) return false;
  return namedBy(ports, secret.namespace, secret.name)
    .filter(({ metadata }) => metadata.uid !== resource.metadata.uid)
    .some((other) => other.metadata.deletionTimestamp === undefined || holdersOf(ports, other).length > 0);
}

/**
 * Names of the Secrets in this namespace that our finalizer holds and that no provider object names any more. They are
 * found by the finalizer, so that a change of name, a restart and a lost provider object are all alike.
 */
export function formerCredentials(ports: Pick<Ports, "resources" | "secrets">, namespace: string): readonly string[] {
  return ports.secrets
    .heldBy(CREDENTIALS_FINALIZER, namespace)
    .map(({ name }) => name)
    .filter((name) => namedBy(ports, namespace, name).length === 0)
    .sort();
}

/** Takes our finalizer off Secrets that no provider object needs. Those that are gone already are passed over. */
export async function releaseCredentials(
  { secrets }: Pick<KindContext, "secrets">,
  namespace: string,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    const head = secrets.head(namespace, name);
    if (head !== undefined) await secrets.setFinalizer(head, CREDENTIALS_FINALIZER, false);
  }
}
