import type { ProviderResource } from "../kinds/identity-provider/schema.ts";
import type { ObjectKey } from "../controller/object-key.ts";
import type { WorkClass } from "../controller/work-order.ts";
import { ANNOTATIONS } from "../kinds/finalizer.ts";
import { claimsOf } from "../kinds/m2m-client/claim.ts";
import type { M2MClientStatus } from "../kinds/m2m-client/schema.ts";
import { providerKeyOf } from "../kinds/provider-observe.ts";
import type { ScopeGrant } from "../kinds/scope-grant/schema.ts";
import type { KubeObject } from "../kube/store.ts";
import type { Drift } from "../ports/provider.ts";
import type { Resource } from "../ports/resource.ts";
import type { Caches } from "./caches.ts";

type Enqueue = (key: ObjectKey, workClass: WorkClass) => void;

/** Anything with a kind and a name. */
type Named = { readonly kind?: string; readonly metadata: { readonly name: string; readonly namespace?: string } };

/**
 * Who must look again when something changes: no object waits for a timer to notice a change of another. Changes that
 * come with the first listing are the start-up resync.
 */
export function wireTriggers(caches: Caches, enqueue: Enqueue, hasStarted: () => boolean): void {
  const add = (object: Named, workClass: WorkClass): void => {
    const { name, namespace = "" } = object.metadata;
    const urgency = workClass === "userChange" && isFirst(object) ? "creation" : workClass;
    const isUrgent = hasStarted() || workClass === "compromised";
    enqueue({ kind: object.kind ?? "", namespace, name }, isUrgent ? urgency : "resync");
  };
  const addAll = (objects: readonly Named[], workClass: WorkClass = "userChange"): void => {
    for (const object of objects) add(object, workClass);
  };
  const own = <T extends Resource>(before: T | undefined, after: T | undefined): void => {
    if (after !== undefined && isNews(before, after)) add(after, classOf(after));
  };
  for (const store of [caches.clusterIdentityProviders, caches.identityProviders])
    store.onChange((before, after) => {
      own(before, after);
      const provider = after ?? before;
      if (provider !== undefined) addAll(dependentsOf(caches, provider));
    });
  caches.oAuthApis.onChange((before, after) => {
    own(before, after);
    const api = after ?? before;
    if (api === undefined) return;
    const key = `${api.metadata.namespace ?? ""}/${api.metadata.name}`;
    addAll(caches.scopeGrants.byIndex("api", key));
    addAll(caches.m2mClients.byIndex("templateApi", key));
    const claim = `${providerKeyOf(api.metadata.namespace ?? "", api.spec.providerRef)} ${api.spec.audience}`;
    addAll(caches.oAuthApis.byIndex("claim", claim).filter((other) => other.metadata.uid !== api.metadata.uid));
    if (after === undefined) addAll(providersOf(caches, api));
  });
  caches.m2mClients.onChange((before, after) => {
    own(before, after);
    const client = after ?? before;
    if (client === undefined) return;
    addAll(caches.scopeGrants.byIndex("client", `${client.metadata.namespace ?? ""}/${client.metadata.name}`));
    for (const claim of claimsOf(client))
      addAll(caches.m2mClients.byIndex("claim", claim).filter((other) => other.metadata.uid !== client.metadata.uid));
    if (after === undefined) addAll(providersOf(caches, client));
  });
  caches.scopeGrants.onChange((before, after) => {
    own(before, after);
    const grant = after ?? before;
    if (grant === undefined) return;
    const { namespace = "" } = grant.metadata;
    const { clientRef } = grant.spec;
    const client = clientRef === undefined ? undefined : caches.m2mClients.get(namespace, clientRef.name);
    if (client !== undefined) add(client, "userChange");
    if (before === undefined || after === undefined || isNews(before, after))
      addAll(siblingsOf(caches, grant).filter((other) => other.metadata.uid !== grant.metadata.uid));
    if (after === undefined)
      addAll([...caches.clusterIdentityProviders.list(), ...caches.identityProviders.list()].filter(isDeleting));
  });
  wirePublished(caches, addAll);
  wireNamespaces(caches, addAll);
}

/** Whose remote grant this one is part of: all of the client, or of the API when it is for all clients. */
function siblingsOf(caches: Caches, { metadata, spec }: ScopeGrant): readonly ScopeGrant[] {
  const { namespace = "" } = metadata;
  const { clientRef, apiRef } = spec;
  if (clientRef !== undefined) return caches.scopeGrants.byIndex("client", `${namespace}/${clientRef.name}`);
  return caches.scopeGrants.byIndex("api", `${namespace}/${apiRef?.name ?? ""}`);
}

/** Secrets and ConfigMaps: whoever publishes under that name, and whoever takes credentials from there. */
function wirePublished(caches: Caches, addAll: (objects: readonly Named[]) => void): void {
  caches.secrets.onChange((before, after) => {
    const secret = after ?? before;
    if (secret === undefined) return;
    const key = `${secret.metadata.namespace ?? ""}/${secret.metadata.name}`;
    const clients = caches.m2mClients.byIndex("output", key);
    addAll(clients);
    addAll(caches.scopeGrants.byIndex("output", key));
    addAll(caches.oAuthApis.byIndex("secret", key));
    // A new credential in the state Secret also goes into the Secrets of single grants.
    for (const client of clients)
      addAll(
        caches.scopeGrants
          .byIndex("client", `${client.metadata.namespace ?? ""}/${client.metadata.name}`)
          .filter((grant) => grant.spec.secret !== undefined),
      );
    addAll(caches.clusterIdentityProviders.byIndex("credentials", key));
    addAll(caches.identityProviders.byIndex("credentials", key));
  });
  caches.configMaps.onChange((before, after) => {
    const { metadata } = (after ?? before) as KubeObject;
    addAll(caches.oAuthApis.byIndex("output", `${metadata.namespace ?? ""}/${metadata.name}`));
  });
}

/** Labels decide consent; a namespace that goes away ends everything in it. */
function wireNamespaces(caches: Caches, addAll: (objects: readonly Named[]) => void): void {
  caches.namespaces.onChange((_before, after) => {
    if (after === undefined) return;
    const { name } = after.metadata;
    const isIn = (resource: Resource): boolean => resource.metadata.namespace === name;
    addAll(caches.oAuthApis.list().filter(isIn));
    addAll(caches.m2mClients.list().filter(isIn));
    // Also the grants on APIs that live there.
    addAll(caches.scopeGrants.list().filter((grant) => isIn(grant) || grant.spec.apiRef?.namespace === name));
  });
}

/** What somebody changed at the tenant, to whom it belongs. */
export function enqueueDrift(caches: Caches, enqueue: Enqueue, drift: Drift): void {
  const byRemote: readonly Named[] =
    drift.kind === "api"
      ? [
          ...caches.oAuthApis.byIndex("remote", drift.ref),
          // Read for the first time: what its grants rested on was only remembered.
          ...(drift.isFirstRead === true ? caches.scopeGrants.byIndex("remoteApi", drift.ref) : []),
        ]
      : drift.kind === "client"
        ? caches.m2mClients.byIndex("remote", drift.ref)
        : [
            ...caches.scopeGrants.byIndex("remote", `${drift.client ?? ""} ${drift.audience ?? ""}`),
            // Its status lists grants that nobody here asked for.
            ...caches.m2mClients.byIndex("remote", drift.client ?? ""),
          ];
  for (const { kind = "", metadata } of byRemote)
    enqueue({ kind: kind, namespace: metadata.namespace ?? "", name: metadata.name }, "drift");
}

/** Nothing of it is at the tenant yet, so that nobody works with it. Provider objects have nothing there. */
function isFirst(object: Named & { readonly status?: { readonly externalId?: unknown } | undefined }): boolean {
  return !(object.kind ?? "").endsWith("IdentityProvider") && object.status?.externalId === undefined;
}

const isDeleting = (resource: Resource): boolean => resource.metadata.deletionTimestamp !== undefined;

function classOf(resource: Resource): WorkClass {
  if (isDeleting(resource)) return "deletion";
  return isCompromised(resource) ? "compromised" : "userChange";
}

/** Somebody knows the credential and it was not replaced since. */
function isCompromised({ metadata, status }: Resource): boolean {
  const at = Date.parse(metadata.annotations?.[ANNOTATIONS.compromisedAt] ?? "");
  const { lastRotationAt } = (status ?? {}) as M2MClientStatus;
  return !Number.isNaN(at) && at > (lastRotationAt === undefined ? 0 : Date.parse(lastRotationAt));
}

/** Our own status writes are no news to the object itself. */
function isNews(before: Resource | undefined, after: Resource): boolean {
  if (before === undefined || before.metadata.uid !== after.metadata.uid) return true;
  return (
    before.metadata.generation !== after.metadata.generation ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    JSON.stringify(before.metadata.annotations) !== JSON.stringify(after.metadata.annotations)
  );
}

/** Everything that uses a provider, directly or through a client. */
export function dependentsOf(caches: Caches, provider: ProviderResource): readonly Named[] {
  const key = providerKeyOf(provider.metadata.namespace ?? "", { kind: provider.kind, name: provider.metadata.name });
  const apis = caches.oAuthApis.byIndex("provider", key);
  const clients = caches.m2mClients.byIndex("provider", key);
  const grants = clients.flatMap((client) =>
    caches.scopeGrants.byIndex("client", `${client.metadata.namespace ?? ""}/${client.metadata.name}`),
  );
  return [...apis, ...clients, ...grants, ...caches.scopeGrants.byIndex("provider", key)];
}

/** A provider that is being deleted waits for its last dependent. */
function providersOf(
  caches: Caches,
  dependent: Resource<{ readonly providerRef: { kind: string; name: string } }>,
): readonly Named[] {
  const { kind, name } = dependent.spec.providerRef;
  const provider =
    kind === "ClusterIdentityProvider"
      ? caches.clusterIdentityProviders.get("", name)
      : caches.identityProviders.get(dependent.metadata.namespace ?? "", name);
  return provider === undefined ? [] : [provider];
}
