import { afterRefusal } from "../../controller/refusals.ts";
import { resultOf } from "../../controller/result.ts";
import type { Provider } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Trouble } from "../../ports/tenant-trouble.ts";
import { freshnessOf } from "../access/freshness.ts";
import type { KindContext } from "../kind-context.ts";
import { noteRead, requestedRead } from "../status/requested-read.ts";
import { credentialsSecretOf } from "./credentials.ts";
import { settingsOf, usesServiceAccount } from "./desire.ts";
import { madeFromOf } from "./observe.ts";
import { missingPermissions } from "./plan.ts";
import { credentialKeysOf, type ProviderResource } from "./schema.ts";

/** Reads the credential, hands it to the adapter and forgets it. Without a Secret, the adapter reads it by itself. */
export async function connect(context: KindContext, resource: ProviderResource): Promise<void> {
  const secret = credentialsSecretOf(context, resource);
  const content = secret === undefined ? undefined : await context.secrets.read(secret.namespace, secret.name);
  if (content === undefined && !usesServiceAccount(resource)) return;
  const provider = await connectedTo(context, resource, content?.data ?? {});
  if (isGone(context, resource)) {
    // Nobody would close it.
    provider.close();
    return;
  }
  context.onConnected(resource, provider);
  context.connections.set(resource.metadata.uid, {
    provider,
    madeFrom: madeFromOf(context, resource, content),
    connectedAt: context.now(),
    probe: undefined,
    probedAt: undefined,
  });
}

function isGone({ resources }: Pick<KindContext, "resources">, { kind, metadata }: ProviderResource): boolean {
  const { clusterIdentityProviders, identityProviders } = resources;
  const known =
    kind === "ClusterIdentityProvider"
      ? clusterIdentityProviders.get("", metadata.name)
      : identityProviders.get(metadata.namespace ?? "", metadata.name);
  return known?.metadata.uid !== metadata.uid;
}

/** A connection that cannot even be made is a failure like any other, and this pass ends with it. */
async function connectedTo(
  context: Pick<KindContext, "connections" | "memory" | "now" | "onFailing" | "providers" | "settings">,
  resource: ProviderResource,
  credentials: Readonly<Record<string, string>>,
): Promise<Provider> {
  const startedAt = context.now();
  try {
    return await context.providers.connect(settingsOf(resource), credentials);
  } catch (error) {
    const trouble = troubleOf(context, resource, error, startedAt);
    if (trouble !== undefined) fail(context, resource, trouble, startedAt);
    throw error;
  }
}

/**
 * A try to use the tenant. That it failed is noted beside the connection, where the next plan, everything that uses the
 * provider and above all the deletions that wait for it find it.
 */
export async function trying(
  context: Pick<KindContext, "connections" | "memory" | "now" | "onFailing" | "settings">,
  resource: ProviderResource,
  attempt: () => Promise<void>,
): Promise<void> {
  const startedAt = context.now();
  try {
    await attempt();
  } catch (error) {
    const trouble = troubleOf(context, resource, error, startedAt);
    if (trouble === undefined) throw error;
    fail(context, resource, trouble, startedAt);
  }
}

/**
 * What an error of a try that began `at` says of the tenant; `undefined` when it says nothing of it, as a used up rate
 * limit does. A refusal counts as one that a person must end once an earlier try was refused as well.
 */
function troubleOf(
  context: Pick<KindContext, "connections" | "settings">,
  resource: ProviderResource,
  error: unknown,
  at: Date,
): Trouble | undefined {
  if (!(error instanceof ProviderError) || error.code === "rate_limited") return undefined;
  const since = context.connections.failureOf(resource.metadata.uid)?.since;
  const result = afterRefusal(resultOf(error), since === undefined ? undefined : at.getTime() - since.getTime());
  if (result.kind !== "backoff" && result.kind !== "stalled") return undefined;
  const { reason } = result;
  const message = error.code === "unauthorized" ? credentialText(context, resource, error) : result.message;
  if (result.kind === "stalled") return { kind: "stalled", reason, message };
  return { kind: "wait", reason, message, ...(result.isRefusal === true ? { isRefusal: true } : {}) };
}

/** Names the Secret, so that people find the credential that they have to correct. */
function credentialText(
  { settings }: Pick<KindContext, "settings">,
  resource: ProviderResource,
  { message, isAnswer }: ProviderError,
): string {
  const secret = credentialsSecretOf({ settings }, resource);
  if (!isAnswer || secret === undefined) return message;
  const keys = credentialKeysOf(settingsOf(resource).vendor);
  return `${message} Correct it in Secret ${secret.namespace}/${secret.name} (${keys}).`;
}

/** Notes a try that failed, and with it the request for a read that it did not answer. */
export function fail(
  context: Pick<KindContext, "connections" | "memory" | "onFailing">,
  resource: ProviderResource,
  trouble: Trouble,
  at: Date,
): void {
  const request = requestedRead(context, resource);
  const failed = request === undefined ? trouble : { ...trouble, request };
  context.connections.fail(resource.metadata.uid, failed, at);
  context.onFailing(resource, trouble);
}

export async function refresh(
  context: Pick<KindContext, "connections" | "memory" | "now" | "onTenantRead" | "onUsable">,
  resource: ProviderResource,
  notBefore: Date,
): Promise<void> {
  const { uid } = resource.metadata;
  const { connections } = context;
  const provider = connections.get(uid)?.provider;
  const { lastReadAt, graceMs } = freshnessOf(context, resource);
  const wasOutdated = lastReadAt === undefined || context.now().getTime() - lastReadAt.getTime() >= graceMs;
  const isFirst = provider?.refreshedAt() === undefined;
  await provider?.refresh(notBefore);
  const requested = requestedRead(context, resource);
  if (requested !== undefined) noteRead(context, resource, requested);
  const wasUnusable = isFirst || wasOutdated || connections.failureOf(uid) !== undefined;
  connections.succeed(uid);
  if (wasUnusable) context.onUsable(resource);
  else context.onTenantRead(resource);
}

export async function probe(
  context: Pick<KindContext, "connections" | "memory" | "now" | "onFailing" | "onUsable">,
  resource: ProviderResource,
): Promise<void> {
  const { uid } = resource.metadata;
  const { connections } = context;
  const connection = connections.get(uid);
  if (connection === undefined) return;
  const probedAt = context.now();
  const result = await connection.provider.probe();
  connections.set(uid, { ...connection, probe: result, probedAt });
  const missing = result.missingPermissions;
  if (missing.length > 0) {
    const operator = { tenant: connection.provider.tenant, clientId: result.ownClientId };
    fail(context, resource, { kind: "stalled", ...missingPermissions(missing, operator) }, probedAt);
    return;
  }
  // The proof may have read the tenant already; else the failure stands until that is done.
  if (connection.provider.refreshedAt() === undefined) return;
  connections.succeed(uid);
  context.onUsable(resource);
}
