import type { ProviderResource } from "./schema.ts";
import { CREDENTIALS_FINALIZER, FINALIZER } from "../schema/annotations.ts";
import type { KindContext } from "../kind-context.ts";
import { requestedRead } from "../status/requested-read.ts";
import type { Resource } from "../../ports/resource.ts";
import type { ObjectHead } from "../../ports/cluster.ts";
import type { Failure } from "../../ports/tenant-trouble.ts";
import {
  credentialsHead,
  credentialsNamespaceOf,
  credentialsSecretOf,
  formerCredentials,
  holdersOf,
  isNeededByOthers,
} from "./credentials.ts";
import type { ConnectionView, CredentialsView, Desired, Observed } from "./plan.ts";
import { settingsOf, usesServiceAccount } from "./desire.ts";
import { isConfirmed, orphansAt } from "./orphans.ts";

export async function observe(
  context: Pick<
    KindContext,
    "connections" | "memory" | "namespaces" | "now" | "providers" | "resources" | "secrets" | "settings" | "sha256"
  >,
  resource: ProviderResource,
  desired: Desired,
): Promise<Observed> {
  const { finalizers = [], uid } = resource.metadata;
  const { connections, settings } = context;
  const head = credentialsHead(context, resource);
  const failure = connections.failureOf(uid);
  return {
    hasFinalizer: finalizers.includes(FINALIZER),
    credentials: await observeCredentials(context, resource, head),
    connection: observeConnection(context, resource, head),
    failure,
    doubtedAt: connections.doubtedAt(uid),
    isDeletionWaiting: failure !== undefined && holdersOf(context, resource).some(isDeleting),
    retryMs: retryMsOf(settings.orphanAfterMs),
    dependents: desired.isAbsent ? namesOf(holdersOf(context, resource)) : [],
    remaining: desired.isAbsent ? namesOf(holdersOf(context, resource).filter((holder) => !isDeleting(holder))) : [],
    isReadRequested: isReadRequested(context, resource, failure),
    isSecretShared: isNeededByOthers(context, resource),
    orphans: observeOrphans(context, resource),
    formerCredentials: formerCredentials(context, credentialsNamespaceOf(context, resource)),
  };
}

/** A request is tried at once, and once: after that it is answered by whichever try succeeds. */
function isReadRequested(
  context: Pick<KindContext, "memory">,
  resource: ProviderResource,
  failure: Failure | undefined,
): boolean {
  const requested = requestedRead(context, resource);
  return requested !== undefined && requested !== failure?.request;
}

function observeOrphans(
  context: Pick<KindContext, "connections" | "resources" | "settings" | "sha256">,
  resource: ProviderResource,
): Observed["orphans"] {
  const orphans = orphansAt(context, context.connections.get(resource.metadata.uid)?.provider);
  return orphans === undefined ? undefined : { ...orphans, isConfirmed: isConfirmed(resource, orphans) };
}

/**
 * The part of the object that a connection is made from, with the Secret that it names. A changed consent rule is no reason
 * to connect again.
 */
export function madeFromOf(
  context: Pick<KindContext, "sha256">,
  resource: ProviderResource,
  head: ObjectHead | undefined,
): string {
  const settings = context.sha256(JSON.stringify(settingsOf(resource)));
  return head === undefined ? settings : `${settings} ${head.uid}/${head.resourceVersion}`;
}

/** Admission refuses such an object, too. */
const UNNAMED: CredentialsView = {
  state: "missing",
  message:
    "spec.credentialsSecretRef is not set. Only a ClusterIdentityProvider can use the operator's service account. Create a Secret with the operator's credential at the tenant, and name it there.",
};

async function observeCredentials(
  context: Pick<KindContext, "connections" | "providers" | "secrets" | "settings" | "sha256">,
  resource: ProviderResource,
  head: ObjectHead | undefined,
): Promise<CredentialsView> {
  const secret = credentialsSecretOf(context, resource);
  if (secret === undefined) return usesServiceAccount(resource) ? { state: "unneeded" } : UNNAMED;
  const { namespace, name } = secret;
  const missing: CredentialsView = {
    state: "missing",
    message: `Secret ${namespace}/${name} does not exist. Create it with the operator's credential at the tenant.`,
  };
  if (head === undefined) return missing;
  // What is being deleted takes no finalizer any more.
  const isHeld = head.finalizers.includes(CREDENTIALS_FINALIZER) || head.isDeleting;
  const connection = context.connections.get(resource.metadata.uid);
  if (connection?.madeFrom === madeFromOf(context, resource, head)) return { state: "present", isHeld };
  const content = await context.secrets.read(namespace, name);
  if (content === undefined) return missing;
  const problem = await context.providers.problemOf(settingsOf(resource), content.data);
  return problem === undefined
    ? { state: "present", isHeld }
    : { state: "incomplete", message: `Secret ${namespace}/${name}: ${problem} It has: ${keysText(content.data)}.` };
}

const MAX_KEYS = 10;

/** Keys are no secrets, and show what was misspelt. */
function keysText(data: Readonly<Record<string, string>>): string {
  const keys = Object.keys(data).sort();
  if (keys.length === 0) return "no keys";
  return `${keys.slice(0, MAX_KEYS).join(", ")}${keys.length > MAX_KEYS ? " …" : ""}`;
}

function observeConnection(
  context: Pick<KindContext, "connections" | "sha256">,
  resource: ProviderResource,
  head: ObjectHead | undefined,
): ConnectionView | undefined {
  const connection = context.connections.get(resource.metadata.uid);
  if (connection === undefined) return undefined;
  return {
    isCurrent:
      (head !== undefined || usesServiceAccount(resource)) &&
      connection.madeFrom === madeFromOf(context, resource, head),
    operator: { tenant: connection.provider.tenant, clientId: connection.probe?.ownClientId },
    missingPermissions: connection.probe?.missingPermissions,
    excessPermissions: connection.probe?.excessPermissions,
    connectedAt: connection.connectedAt,
    probedAt: connection.probedAt,
    refreshedAt: connection.provider.refreshedAt(),
    oldestReadAt: connection.provider.oldestReadAt(),
  };
}

const isDeleting = ({ metadata }: Resource): boolean => metadata.deletionTimestamp !== undefined;

/** Once a minute, and often enough to see within a tenth of the time that a deletion waits that the tenant is back. */
function retryMsOf(orphanAfterMs: number): number {
  return Math.min(60_000, Math.max(1000, orphanAfterMs / 10));
}

function namesOf(holders: ReturnType<typeof holdersOf>): readonly string[] {
  return holders.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`).sort();
}
