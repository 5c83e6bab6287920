import type { NamespaceLabels } from "../../consent/namespace-rule.ts";
import { providerConsent, type ProviderRules } from "../../consent/provider-consent.ts";
import type { Provider } from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { Connection } from "../../tenant/connections.ts";
import { conditionOf } from "../../controller/conditions.ts";
import { nearestName } from "../../ports/nearest-name.ts";
import type { Resource } from "../../ports/resource.ts";
import type { Failure } from "../../ports/tenant-trouble.ts";
import { type ProviderResource, vendorLabelOf } from "../identity-provider/schema.ts";
import type { KindContext } from "../kind-context.ts";
import { providerObjectOf } from "../relations/dependents.ts";
import { objectText } from "../relations/object-text.ts";
import { ANNOTATIONS } from "../schema/annotations.ts";
import { driftIntervalMsOf, graceMsOf } from "./freshness.ts";
import { CLUSTER_KIND, namedProvider, type ProviderRef } from "../relations/provider-ref.ts";
import type { ProviderAccess, ProviderFacts } from "./provider-access.ts";

/** Of the resource that refers to a provider. */
export interface AccessRequest {
  readonly namespace: string;
  readonly providerRef: ProviderRef | undefined;
  /** The tenant that status pinned, if any. */
  readonly pinnedTenant: string | undefined;
  /** A deletion needs no consent. */
  readonly isConsentNeeded: boolean;
  /** The resource asks to be observed only. */
  readonly observesOnly: boolean;
}

/** Which provider a resource has, whether it may use it, and by which rules: answered once in a round and handed on. */
export interface Standing {
  /** Whether the resource may use the provider now: the part that plans see. */
  readonly access: ProviderAccess;
  /** The provider object, whether the resource may use it or not. */
  readonly object: ProviderResource | undefined;
  /** The provider's consent rules; of a provider that is not there, those that allow nothing. */
  readonly rules: ProviderRules;
  /** The resource's namespace, as consent rules see it. */
  readonly asker: NamespaceLabels;
  /** The connection, whether the resource may use it or not: taking access away needs no consent. */
  readonly provider: Provider | undefined;
  /** What the provider object's last try to use its tenant came to, when that failed. */
  readonly failure: Failure | undefined;
}

type Ports = Pick<KindContext, "connections" | "namespaces" | "now" | "resources" | "secrets" | "settings">;

const DEFAULT_VERIFICATIONS_PER_HOUR = 60;
const NO_CLUSTER_PROVIDERS =
  "This operator watches single namespaces and does not reconcile ClusterIdentityProviders. Create this resource again with a providerRef to an IdentityProvider, or start the operator with --cluster-providers true.";
const NO_RULES: ProviderRules = { scope: "cluster", namespace: "", allow: [] };

export function standingOf(ports: Ports, request: AccessRequest): Standing {
  const object = providerObjectOf(ports.resources, request.namespace, request.providerRef);
  const connection = object === undefined ? undefined : ports.connections.get(object.metadata.uid);
  const failure = object === undefined ? undefined : ports.connections.failureOf(object.metadata.uid);
  const rules = object === undefined ? NO_RULES : rulesOf(object);
  const asker = askerOf(ports, request.namespace);
  const access = accessOf(ports, request, { object, connection, failure, rules, asker });
  return { access, object, rules, asker, provider: connection?.provider, failure };
}

/** The connected provider, for actions already decided on. Throws `unavailable` when it was disconnected meanwhile. */
export function connected({ provider }: Pick<Standing, "provider">): Provider {
  if (provider === undefined)
    throw new ProviderError("unavailable", "The operator disconnected from the provider during the reconciliation.");
  return provider;
}

/** A namespace as consent rules see it. */
export function askerOf({ namespaces }: Pick<Ports, "namespaces">, namespace: string): NamespaceLabels {
  return { name: namespace, labels: namespaces.get(namespace)?.labels };
}

/** The consent rules of a provider object. */
export function rulesOf({ kind, metadata, spec }: ProviderResource): ProviderRules {
  const scope = kind === CLUSTER_KIND ? "cluster" : "namespaced";
  return { scope, namespace: metadata.namespace ?? "", allow: spec.allow ?? [] };
}

interface Found {
  readonly object: ProviderResource | undefined;
  readonly connection: Connection | undefined;
  readonly failure: Failure | undefined;
  readonly rules: ProviderRules;
  readonly asker: NamespaceLabels;
}

function accessOf(ports: Ports, request: AccessRequest, found: Found): ProviderAccess {
  const { object, connection, failure, rules, asker } = found;
  const { kind, name } = namedProvider(request.providerRef);
  const unseen = unseenBecause(request, kind, asker, ports.settings.clusterProviders);
  if (unseen !== undefined) return { state: "notReady", ...unseen };
  const isAllowed = !request.isConsentNeeded || providerConsent(rules, asker).allowed;
  if (object === undefined || !isAllowed)
    return {
      state: "refused",
      message: object === undefined ? missingText(ports, request, kind, name) : refusalText(object, request.namespace),
      uid: object?.metadata.uid,
      onlyObserves: object?.spec.managementPolicy === "ObserveOnly",
    };
  if (!isUsable(connection, failure)) return notReady(ports, object, notReadyText(object));
  const outdated = whyOutdated(ports, object, connection);
  if (outdated !== undefined) return notReady(ports, object, outdated);
  const { tenant } = connection.provider;
  if (request.pinnedTenant !== undefined && request.pinnedTenant !== tenant)
    return {
      state: "otherTenant",
      message: `This resource was created at tenant ${request.pinnedTenant}, but ${objectText(object)} now names tenant ${tenant}. Restore that provider object, or delete this resource and create it again.`,
    };
  return { state: "ready", facts: { ...factsOf(object, connection), ...ownWish(request, object) } };
}

/** Whether a cluster-scoped object exists is no secret, and a namespaced one is in the namespace that asks. */
function missingText(
  { resources }: Pick<Ports, "resources">,
  { namespace }: Pick<AccessRequest, "namespace">,
  kind: string,
  name: string,
): string {
  const isCluster = kind === CLUSTER_KIND;
  const others = isCluster
    ? resources.clusterIdentityProviders.list()
    : resources.identityProviders.list().filter(({ metadata }) => metadata.namespace === namespace);
  const nearest = nearestName(
    name,
    others.map(({ metadata }) => metadata.name),
  );
  const meant = nearest === undefined ? "" : ` (did you mean "${nearest}"?)`;
  const what = objectText({ kind, metadata: isCluster ? { name } : { namespace, name } });
  return `${what} does not exist${meant}. Create it, or create this resource again with the correct providerRef.`;
}

const refusalText = (object: ProviderResource, namespace: string): string =>
  `${objectText(object)} exists and does not allow namespace ${namespace} to use it. Ask its owner to let a rule in spec.allow[].namespaces match this namespace, for example by a label.`;

/** What this operator cannot see is neither missing nor a withdrawal of consent. */
function unseenBecause(
  { isConsentNeeded, namespace }: AccessRequest,
  kind: string,
  { labels }: NamespaceLabels,
  clusterProviders: boolean,
): { readonly message: string; readonly isUnmet?: true } | undefined {
  if (isConsentNeeded && labels === undefined)
    return { message: `The operator has not read namespace ${namespace} yet.` };
  if (kind !== CLUSTER_KIND || clusterProviders) return undefined;
  return { message: NO_CLUSTER_PROVIDERS, isUnmet: true };
}

function factsOf(object: ProviderResource, { provider, probe }: ProvedConnection): ProviderFacts {
  const { metadata, spec } = object;
  return {
    uid: metadata.uid,
    vendor: provider.vendor,
    vendorLabel: vendorLabelOf(provider.vendor),
    object: objectText(object),
    tenant: provider.tenant,
    domain: provider.domain,
    capabilities: provider.capabilities,
    ownClientId: probe.ownClientId,
    verificationPolicy: spec.verification?.policy ?? "OncePerChange",
    verificationsPerHour: spec.verification?.maxPerHour ?? DEFAULT_VERIFICATIONS_PER_HOUR,
    managementPolicy: spec.managementPolicy ?? "Full",
    driftIntervalMs: driftIntervalMsOf(spec),
  };
}

function ownWish(
  { observesOnly }: AccessRequest,
  { spec }: ProviderResource,
): Pick<ProviderFacts, "isObservedByAnnotation"> & Partial<Pick<ProviderFacts, "managementPolicy">> {
  if (!observesOnly || spec.managementPolicy === "ObserveOnly") return {};
  return { managementPolicy: "ObserveOnly", isObservedByAnnotation: true };
}

/** Whether the annotation requests it. */
export const observesOnly = ({ annotations }: Resource["metadata"]): boolean =>
  annotations?.[ANNOTATIONS.observeOnly] === "true";

type ProvedConnection = Connection & { readonly probe: NonNullable<Connection["probe"]> };

/** Reasons of a failure after which no request can succeed. */
const REFUSED: readonly string[] = ["CredentialsInvalid", "CredentialsMissing"];

/** Proved, read, and not refused since. */
function isUsable(connection: Connection | undefined, failure: Failure | undefined): connection is ProvedConnection {
  return (
    connection?.probe !== undefined &&
    connection.probe.missingPermissions.length === 0 &&
    connection.provider.refreshedAt() !== undefined &&
    !REFUSED.includes(failure?.reason ?? "")
  );
}

/** What was read long ago says nothing any more, except where somebody paused reading. */
function whyOutdated({ now }: Ports, object: ProviderResource, { provider }: Connection): string | undefined {
  const readAt = provider.refreshedAt();
  const isPaused = object.metadata.annotations?.[ANNOTATIONS.paused] === "true";
  if (readAt === undefined || isPaused || now().getTime() - readAt.getTime() < graceMsOf(object.spec)) return undefined;
  return `${objectText(object)} is not Ready: the operator could not read its tenant since ${readAt.toISOString()}. ${readConditionText(object)}`;
}

/** Only the reason: its message may name what its owner alone may know, such as a Secret. */
function notReadyText(object: ProviderResource): string {
  const ready = conditionOf(object.status?.conditions, "Ready");
  return ready === undefined || ready.status === "True"
    ? `${objectText(object)} is not Ready: the operator is connecting to its tenant.`
    : `${objectText(object)} is not Ready (${ready.reason}). ${readConditionText(object)}`;
}

const readConditionText = ({ kind }: ProviderResource): string =>
  kind === CLUSTER_KIND ? "Ask its owner to read its condition." : "Read its condition.";

function notReady({ connections, now }: Ports, { metadata, spec }: ProviderResource, message: string): ProviderAccess {
  const readAt = connections.lastReadAt(metadata.uid);
  const until = readAt === undefined ? undefined : new Date(readAt.getTime() + graceMsOf(spec));
  return {
    state: "notReady",
    message,
    until: until !== undefined && until > now() ? until : undefined,
  };
}
