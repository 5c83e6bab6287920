import type { ProviderResource } from "./schema.ts";
import { CREDENTIALS_FINALIZER } from "../schema/annotations.ts";
import type { KindContext } from "../kind-context.ts";

import { settingsOf } from "./desire.ts";
import { credentialsHead, credentialsNamespaceOf, releaseCredentials } from "./credentials.ts";
import { madeFromOf } from "./observe.ts";
import { noteLook, requestedLook } from "../status/requested-read.ts";
import type { Action } from "./plan.ts";

/** Carries out one action. Each may be repeated after a crash. */
export async function apply(context: KindContext, resource: ProviderResource, action: Action): Promise<void> {
  const { uid } = resource.metadata;
  switch (action.type) {
    case "addFinalizer":
      return setFinalizer(context, resource, true);
    case "removeFinalizer":
      return setFinalizer(context, resource, false);
    case "holdCredentials":
      return holdCredentials(context, resource, true);
    case "releaseCredentials":
      return holdCredentials(context, resource, false);
    case "releaseFormerCredentials":
      return releaseCredentials(context, credentialsNamespaceOf(context, resource), action.names);
    case "connect":
      return connect(context, resource);
    case "probe":
      return probe(context, resource);
    case "refreshTenant":
      return refresh(context, resource, action.notBefore);
    case "disconnect":
      return context.connections.remove(uid);
  }
}

async function setFinalizer(context: KindContext, resource: ProviderResource, isPresent: boolean): Promise<void> {
  const { clusterIdentityProviders, identityProviders } = context.resources;
  if (resource.kind === "ClusterIdentityProvider") await clusterIdentityProviders.setFinalizer(resource, isPresent);
  else await identityProviders.setFinalizer(resource, isPresent);
}

async function holdCredentials(context: KindContext, resource: ProviderResource, isHeld: boolean): Promise<void> {
  const head = credentialsHead(context, resource);
  if (head !== undefined) await context.secrets.setFinalizer(head, CREDENTIALS_FINALIZER, isHeld);
}

/** Reads the credential, hands it to the adapter and forgets it. */
async function connect(context: KindContext, resource: ProviderResource): Promise<void> {
  const { name } = resource.spec.credentialsSecretRef;
  const content = await context.secrets.read(credentialsNamespaceOf(context, resource), name);
  if (content === undefined) return;
  const provider = await context.providers.connect(settingsOf(resource), content.data);
  context.onConnected(resource, provider);
  context.connections.set(resource.metadata.uid, {
    provider,
    madeFrom: madeFromOf(context, resource, content),
    probe: undefined,
    probedAt: undefined,
  });
}

async function refresh(context: KindContext, resource: ProviderResource, notBefore: Date): Promise<void> {
  const provider = context.connections.get(resource.metadata.uid)?.provider;
  const isFirst = provider?.refreshedAt() === undefined;
  await provider?.refresh(notBefore);
  const requested = requestedLook(context, resource);
  if (requested !== undefined) noteLook(context, resource, requested);
  if (isFirst) context.onUsable(resource);
  else context.onTenantRead(resource);
}

async function probe(context: KindContext, resource: ProviderResource): Promise<void> {
  const { uid } = resource.metadata;
  const connection = context.connections.get(uid);
  if (connection === undefined) return;
  const result = await connection.provider.probe();
  context.connections.set(uid, { ...connection, probe: result, probedAt: context.now() });
  // The proof may have been a look already.
  const isLooked = result.missingPermissions.length === 0 && connection.provider.refreshedAt() !== undefined;
  if (isLooked) context.onUsable(resource);
}
