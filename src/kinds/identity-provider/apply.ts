import { ObjectChanged } from "../../ports/object-changed.ts";
import type { Provider } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import { CREDENTIALS_FINALIZER } from "../schema/annotations.ts";
import { credentialsHead, credentialsNamespaceOf, releaseCredentials } from "./credentials.ts";
import { removeOrphans } from "./orphans.ts";
import type { Action } from "./plan.ts";
import type { ProviderResource } from "./schema.ts";
import { connect, fail, probe, refresh, trying } from "./tries.ts";

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
      return trying(context, resource, () => probe(context, resource));
    case "refreshTenant":
      return trying(context, resource, () => refresh(context, resource, action.notBefore));
    case "removeOrphans":
      return removeOrphans(context, resource, connectedProvider(context, resource), action.members);
    case "disconnect":
      if (action.trouble !== undefined) fail(context, resource, action.trouble, context.now());
      return context.connections.remove(uid);
  }
}

function connectedProvider(
  { connections }: Pick<KindContext, "connections">,
  { metadata }: ProviderResource,
): Provider {
  const provider = connections.get(metadata.uid)?.provider;
  if (provider === undefined) throw new ObjectChanged("The connection to the tenant ended during the reconciliation.");
  return provider;
}

async function setFinalizer(
  context: Pick<KindContext, "resources">,
  resource: ProviderResource,
  isPresent: boolean,
): Promise<void> {
  const { clusterIdentityProviders, identityProviders } = context.resources;
  if (resource.kind === "ClusterIdentityProvider") await clusterIdentityProviders.setFinalizer(resource, isPresent);
  else await identityProviders.setFinalizer(resource, isPresent);
}

async function holdCredentials(
  context: Pick<KindContext, "secrets" | "settings">,
  resource: ProviderResource,
  isHeld: boolean,
): Promise<void> {
  const head = credentialsHead(context, resource);
  if (head !== undefined) await context.secrets.setFinalizer(head, CREDENTIALS_FINALIZER, isHeld);
}
