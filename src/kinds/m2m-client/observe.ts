import type { Provider } from "../../ports/provider.ts";
import type { KindContext } from "../kind-context.ts";
import { formerOutputs, observeOutput } from "../outputs.ts";
import type { OutputView } from "../outputs-plan.ts";
import type { ProviderAccess } from "../provider-access.ts";
import { accessProvider, connectedProvider } from "../provider-observe.ts";
import { FINALIZER } from "../finalizer.ts";
import { hasTraces, mayAbandon } from "../abandon.ts";
import { secretNameOf } from "./desire.ts";
import type { Desired, Observed, StateView, Verification } from "./plan.ts";
import { blockOf, digestOf, gatherPublication, type Publication } from "./publication.ts";
import { observeRemote } from "./remote.ts";
import type { M2MClient } from "./schema.ts";
import { observeState } from "./state.ts";

/** Everything the plan needs to know, and what status is written from. */
export interface ClientObserved extends Observed {
  readonly publication: Publication | undefined;
}

export async function observe(context: KindContext, resource: M2MClient, desired: Desired): Promise<ClientObserved> {
  const { namespace = "", finalizers = [] } = resource.metadata;
  const access = accessOf(context, resource, desired);
  const isNamespaceTerminating = context.namespaces.get(namespace)?.isTerminating ?? false;
  const state = desired.isAbsent ? unlooked() : await observeState(context, resource);
  const base = {
    hasFinalizer: finalizers.includes(FINALIZER),
    provider: access,
    state,
    isNamespaceTerminating,
    verification: verificationOf(resource),
    verifiableAt: verifiableAt(context, access),
    mayAbandon: mayAbandon(context, resource, access),
    mayHaveMade: hasTraces(resource.status),
  };
  if (access.state !== "ready") return { ...base, remote: { kind: "unread" }, ...unpublished(context, resource) };
  const provider = connectedProvider(context, { namespace, providerRef: resource.spec.providerRef });
  const remote = await observeRemote(
    provider.clients,
    desired.owner,
    resource.status,
    state.current?.clientId,
    context.settings.createTiming,
    context.now(),
  );
  if (remote.kind !== "found" || desired.isAbsent) return { ...base, remote, ...unpublished(context, resource) };
  return { ...base, remote, ...(await observePublication(context, provider, resource, remote.client.clientId, state)) };
}

function accessOf(context: KindContext, resource: M2MClient, desired: Desired): ProviderAccess {
  return accessProvider(context, {
    namespace: resource.metadata.namespace ?? "",
    providerRef: resource.spec.providerRef,
    pinnedTenant: resource.status?.tenant,
    isConsentNeeded: !desired.isAbsent,
  });
}

const HOUR_MS = 3_600_000;

type PublicationView = Pick<
  ClientObserved,
  "publication" | "secret" | "blocked" | "formerSecrets" | "verifiableAudience"
>;

async function observePublication(
  context: KindContext,
  provider: Provider,
  resource: M2MClient,
  clientId: string,
  state: StateView,
): Promise<PublicationView> {
  const publication = await gatherPublication(context, provider, resource, clientId);
  const recorded = resource.status?.outputs ?? [];
  const name = secretNameOf(resource);
  const wanted = digestOf(context, publication, state.version);
  const secret = observeOutput(context, context.secrets, resource, name, wanted, recorded);
  const former = formerOutputs(context.secrets, resource, recorded, [name]);
  return {
    publication,
    secret,
    blocked: blockOf(publication, secret.ownership === "ours"),
    formerSecrets: former,
    verifiableAudience: primaryAudience(publication),
  };
}

/** A token is asked for the API in the flat keys, since that is what the workload will ask for. */
function primaryAudience({ inputs }: Publication): string | undefined {
  const grant = inputs.grants.find(({ name }) => name === inputs.primary) ?? inputs.grants[0];
  return grant?.audience;
}

function unpublished(context: KindContext, resource: M2MClient): PublicationView {
  const recorded = resource.status?.outputs ?? [];
  const secret: OutputView = observeOutput(context, context.secrets, resource, secretNameOf(resource), "", recorded);
  return { publication: undefined, secret, blocked: undefined, formerSecrets: [], verifiableAudience: undefined };
}

const unlooked = (): StateView => ({ ownership: "none", name: "", version: "" });

/** Tokens cost quota at the tenant: no more than the provider's owner allows within an hour. */
function verifiableAt({ memory, now }: KindContext, access: ProviderAccess): Date {
  if (access.state !== "ready") return now();
  const { uid, verificationsPerHour } = access.facts;
  const recent = (memory.verifications.get(uid) ?? []).filter((at) => at > now().getTime() - HOUR_MS);
  const oldest = recent[recent.length - verificationsPerHour];
  return oldest === undefined ? now() : new Date(oldest + HOUR_MS);
}

function verificationOf(resource: M2MClient): Verification | undefined {
  const last = resource.status?.verification;
  return last === undefined ? undefined : { ...last, at: new Date(last.at) };
}
