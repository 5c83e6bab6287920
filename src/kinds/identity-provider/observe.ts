import type { ProviderResource } from "./schema.ts";
import { FINALIZER, CREDENTIALS_FINALIZER } from "../schema/annotations.ts";
import type { KindContext } from "../kind-context.ts";
import { dependentsOf } from "../relations/dependents.ts";
import { requestedRead } from "../status/requested-read.ts";
import type { ObjectHead } from "../../ports/cluster.ts";
import type { ConnectionView, CredentialsView, Desired, Observed } from "./plan.ts";
import { settingsOf } from "./desire.ts";

export async function observe(context: KindContext, resource: ProviderResource, desired: Desired): Promise<Observed> {
  const { finalizers = [], uid } = resource.metadata;
  const head = credentialsHead(context, resource);
  return {
    hasFinalizer: finalizers.includes(FINALIZER),
    credentials: await observeCredentials(context, resource, head),
    connection: observeConnection(context, resource, head),
    dependents: desired.isAbsent ? holdersOf(context, resource) : [],
    isLookRequested: requestedRead(context, resource) !== undefined,
    isSecretShared: sharersOf(context, resource).some((other) => other.metadata.uid !== uid),
  };
}

/** Cluster-scoped providers keep their credentials where only the platform team writes: the operator's namespace. */
export function credentialsNamespaceOf(context: KindContext, resource: ProviderResource): string {
  return resource.metadata.namespace ?? context.settings.operatorNamespace;
}

export function credentialsHead(context: KindContext, resource: ProviderResource): ObjectHead | undefined {
  return context.secrets.head(credentialsNamespaceOf(context, resource), resource.spec.credentialsSecretRef.name);
}

/** The part of the object that a connection is made from. A changed consent rule is no reason to connect again. */
export function madeFromOf(context: KindContext, resource: ProviderResource, head: ObjectHead): string {
  return `${context.sha256(JSON.stringify(settingsOf(resource)))} ${head.uid}/${head.resourceVersion}`;
}

async function observeCredentials(
  context: KindContext,
  resource: ProviderResource,
  head: ObjectHead | undefined,
): Promise<CredentialsView> {
  const namespace = credentialsNamespaceOf(context, resource);
  const { name } = resource.spec.credentialsSecretRef;
  const missing: CredentialsView = {
    state: "missing",
    message: `Secret "${name}" does not exist in namespace "${namespace}". Create it with the operator's credential at the tenant.`,
  };
  if (head === undefined) return missing;
  const isHeld = head.finalizers.includes(CREDENTIALS_FINALIZER);
  const connection = context.connections.get(resource.metadata.uid);
  if (connection?.madeFrom === madeFromOf(context, resource, head)) return { state: "present", isHeld };
  const content = await context.secrets.read(namespace, name);
  if (content === undefined) return missing;
  const problem = await context.providers.problemOf(settingsOf(resource), content.data);
  return problem === undefined
    ? { state: "present", isHeld }
    : { state: "incomplete", message: `Secret "${name}": ${problem}` };
}

function observeConnection(
  context: KindContext,
  resource: ProviderResource,
  head: ObjectHead | undefined,
): ConnectionView | undefined {
  const connection = context.connections.get(resource.metadata.uid);
  if (connection === undefined) return undefined;
  return {
    isCurrent: head !== undefined && connection.madeFrom === madeFromOf(context, resource, head),
    missingPermissions: connection.probe?.missingPermissions,
    probedAt: connection.probedAt,
    refreshedAt: connection.provider.refreshedAt(),
    oldestReadAt: connection.provider.oldestReadAt(),
  };
}

/** What still needs this provider in order to be deleted properly. */
function holdersOf({ resources }: Pick<KindContext, "resources">, resource: ProviderResource): readonly string[] {
  return dependentsOf(resources, resource)
    .filter(({ metadata }) => metadata.finalizers?.includes(FINALIZER) === true)
    .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`)
    .sort();
}

/** Provider objects that name the same credentials Secret. */
function sharersOf(context: KindContext, resource: ProviderResource): readonly ProviderResource[] {
  const { clusterIdentityProviders, identityProviders } = context.resources;
  const key = `${credentialsNamespaceOf(context, resource)}/${resource.spec.credentialsSecretRef.name}`;
  return [...clusterIdentityProviders.byIndex("credentials", key), ...identityProviders.byIndex("credentials", key)];
}
