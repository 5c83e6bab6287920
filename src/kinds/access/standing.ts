import type { NamespaceLabels } from "../../consent/namespace-rule.ts";
import { providerConsent, type ProviderRules } from "../../consent/provider-consent.ts";
import type { Provider } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Connection } from "../../tenant/connections.ts";
import { durationMs } from "../schema/duration.ts";
import type { ProviderResource } from "../identity-provider/schema.ts";
import type { KindContext } from "../kind-context.ts";
import type { ProviderAccess, ProviderFacts } from "./provider-access.ts";

export interface ProviderRef {
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
}

export interface ProviderReference {
  /** Of the resource that refers. */
  readonly namespace: string;
  readonly providerRef: ProviderRef | undefined;
}

/** What the resource asks of the provider; a deletion needs no consent. */
export interface AccessRequest extends ProviderReference {
  /** The tenant that status pinned, if any. */
  readonly pinnedTenant: string | undefined;
  readonly isConsentNeeded: boolean;
}

const DEFAULT_KIND = "ClusterIdentityProvider";
const DEFAULT_NAME = "default";
export const DEFAULT_DRIFT_INTERVAL = "10m";
const DEFAULT_VERIFICATIONS_PER_HOUR = 60;
const NO_CLUSTER_PROVIDERS =
  "This operator works on single namespaces and on no ClusterIdentityProvider: set providerRef to an IdentityProvider, or --cluster-providers true.";

export function providerOf(context: KindContext, request: ProviderReference): ProviderResource | undefined {
  const { kind = DEFAULT_KIND, name = DEFAULT_NAME } = request.providerRef ?? {};
  return kind === DEFAULT_KIND
    ? context.resources.clusterIdentityProviders.get("", name)
    : context.resources.identityProviders.get(request.namespace, name);
}

/** Index value under which everything that uses a provider is found. */
export function providerKeyOf(namespace: string, ref: ProviderRef | undefined): string {
  const { kind = DEFAULT_KIND, name = DEFAULT_NAME } = ref ?? {};
  return kind === DEFAULT_KIND ? `${kind}//${name}` : `${kind}/${namespace}/${name}`;
}

export function accessProvider(context: KindContext, request: AccessRequest): ProviderAccess {
  const { kind = DEFAULT_KIND, name = DEFAULT_NAME } = request.providerRef ?? {};
  const unseen = unseenBecause(context, request, kind);
  if (unseen !== undefined) return { state: "notReady", message: unseen, isGone: false };
  const resource = providerOf(context, request);
  if (resource === undefined || !isAllowed(context, resource, request))
    return {
      state: "refused",
      message: `${kind} "${name}" does not exist or does not allow this namespace.`,
      uid: resource?.metadata.uid,
    };
  const connection = context.connections.get(resource.metadata.uid);
  if (!isUsable(connection)) return notReady(context, resource);
  const { tenant } = connection.provider;
  if (request.pinnedTenant !== undefined && request.pinnedTenant !== tenant)
    return {
      state: "otherTenant",
      message: `This was made at tenant ${request.pinnedTenant}; ${kind} "${name}" is now ${tenant}. Delete and create the resource, or restore the provider.`,
    };
  return { state: "ready", facts: factsOf(resource, connection) };
}

/** What this operator cannot see is neither missing nor a withdrawal of consent. */
function unseenBecause(context: KindContext, request: AccessRequest, kind: string): string | undefined {
  if (request.isConsentNeeded && context.namespaces.get(request.namespace) === undefined)
    return `Namespace "${request.namespace}" is not known yet.`;
  return kind === DEFAULT_KIND && !context.settings.clusterProviders ? NO_CLUSTER_PROVIDERS : undefined;
}

function factsOf({ metadata, spec }: ProviderResource, { provider, probe }: ProvedConnection): ProviderFacts {
  return {
    uid: metadata.uid,
    vendor: provider.vendor,
    tenant: provider.tenant,
    domain: provider.domain,
    capabilities: provider.capabilities,
    ownClientId: probe.ownClientId,
    verificationPolicy: spec.verification?.policy ?? "OncePerChange",
    verificationsPerHour: spec.verification?.maxPerHour ?? DEFAULT_VERIFICATIONS_PER_HOUR,
    managementPolicy: spec.managementPolicy ?? "Full",
    driftIntervalMs: durationMs(spec.driftInterval ?? DEFAULT_DRIFT_INTERVAL),
  };
}

/** The connected provider that a resource refers to, whether it may use it or not; for actions already decided on. */
export function connectedProvider(context: KindContext, reference: ProviderReference): Provider {
  const resource = providerOf(context, reference);
  const connection = resource === undefined ? undefined : context.connections.get(resource.metadata.uid);
  if (connection === undefined) throw new ProviderError("unavailable", "The provider was disconnected meanwhile.");
  return connection.provider;
}

/** Consent by the tenant's owner for the namespace and, when asked for, the audience. */
export function consentOf(
  context: KindContext,
  resource: ProviderResource,
  namespace: string,
  audience?: string,
): ReturnType<typeof providerConsent> {
  return providerConsent(rulesOf(resource), askerOf(context, namespace), audience);
}

/** The consent rules of a provider object. */
export function rulesOf({ kind, metadata, spec }: ProviderResource): ProviderRules {
  const scope = kind === DEFAULT_KIND ? "cluster" : "namespaced";
  return { scope, namespace: metadata.namespace ?? "", allow: spec.allow ?? [] };
}

/** A namespace as consent rules see it. */
export function askerOf(context: KindContext, namespace: string): NamespaceLabels {
  return { name: namespace, labels: context.namespaces.get(namespace)?.labels };
}

function isAllowed(context: KindContext, resource: ProviderResource, request: AccessRequest): boolean {
  return !request.isConsentNeeded || consentOf(context, resource, request.namespace).allowed;
}

type ProvedConnection = Connection & { readonly probe: NonNullable<Connection["probe"]> };

function isUsable(connection: Connection | undefined): connection is ProvedConnection {
  return (
    connection?.probe !== undefined &&
    connection.probe.missingPermissions.length === 0 &&
    connection.provider.refreshedAt() !== undefined
  );
}

function notReady(context: KindContext, resource: ProviderResource): ProviderAccess {
  const ready = resource.status?.conditions?.find((condition) => condition.type === "Ready");
  const why =
    ready === undefined || ready.status === "True" ? "it is being connected" : `${ready.reason}: ${ready.message}`;
  const secretNamespace = resource.metadata.namespace ?? context.settings.operatorNamespace;
  const hasCredentials = context.secrets.head(secretNamespace, resource.spec.credentialsSecretRef.name) !== undefined;
  return {
    state: "notReady",
    message: `${resource.kind} "${resource.metadata.name}" is not Ready (${why}).`,
    isGone: resource.metadata.deletionTimestamp !== undefined && !hasCredentials,
  };
}
