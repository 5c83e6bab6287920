import { mayAdoptAudience } from "../../consent/provider-consent.ts";
import { inputsDigest } from "../../publication/inputs-digest.ts";
import type { PublicApi } from "../../publication/inputs.ts";
import type { ObservedApi, ObservedGrant, Provider, Ref, ServerMetadata } from "../../ports/provider.ts";
import { ALL_CLIENTS } from "../../ports/provider/ref.ts";
import { abandonmentOf } from "../access/abandon.ts";
import { FINALIZER } from "../schema/annotations.ts";
import { absenceSettledAt } from "../../ownership/create-protocol.ts";
import { originInStatus } from "../../ownership/origin.ts";
import type { KindContext } from "../kind-context.ts";
import { formerOutputs, observeOutput } from "../outputs/write.ts";
import { heldBy, heldDeletion, heldRemoval } from "../access/revocations.ts";
import { observesOnly, type Standing, standingOf } from "../access/standing.ts";
import { readAgainWhenRequested } from "../status/requested-read.ts";
import { observeLeftGrants } from "./left-grants.ts";
import { audienceRefusalOf, managerOf, winnerOf } from "./claims.ts";
import type { Desired, Losses, Observed, RemoteView } from "./model.ts";
import { observeRemote } from "./remote.ts";
import { observeSigningSecret } from "./signing-secret.ts";
import type { OAuthApi } from "./schema.ts";

/** Everything the plan needs to know, and what its actions and status work with. */
export interface ApiObserved extends Observed {
  readonly standing: Standing;
  readonly server: ServerMetadata | undefined;
}

export async function observe(context: KindContext, resource: OAuthApi, desired: Desired): Promise<ApiObserved> {
  const standing = standingOf(context, {
    namespace: resource.metadata.namespace ?? "",
    providerRef: resource.spec.providerRef,
    pinnedTenant: resource.status?.tenant,
    isConsentNeeded: !desired.isAbsent,
    observesOnly: observesOnly(resource.metadata),
  });
  const { access, provider } = standing;
  const base = {
    ...localView(context, resource, standing),
    ...(desired.isAbsent
      ? { heldDeletion: heldDeletion(context, resource) }
      : { losses: await lossesIn(context, standing, resource) }),
  };
  const unseen = { configMap: undefined, signingSecret: undefined, grants: undefined, server: undefined };
  const isGivenUp = desired.isAbsent && base.abandonment.mayAbandon;
  if (access.state !== "ready" || provider === undefined || isGivenUp)
    return { ...base, ...unseen, remote: { kind: "unread" } };
  await readAgainWhenRequested(context, resource, provider, [resource.status?.externalId]);
  const settings = { ...context.settings, mayAdopt: base.mayAdopt };
  const remote = await observeRemote(provider, desired, resource, settings, context.now());
  const origin = originOf(resource, remote);
  const managedBy = managerOf(context, resource, provider.tenant, remote);
  if (remote.kind !== "found")
    return {
      ...{ ...base, ...unseen, origin, managedBy },
      remote: desired.isAbsent ? believed(context, resource, remote) : remote,
    };
  if (desired.isAbsent)
    return {
      ...{ ...base, ...unseen, remote, origin },
      grants: await grantsOf(context, provider, remote.api),
    };
  return {
    ...base,
    ...unseen,
    remote,
    origin,
    configMap: await observeConfigMap(context, provider, resource, remote.api.ref),
    signingSecret: await observeSigningSecret(context, provider, resource, remote.api),
    server: await provider.metadata(remote.api.ref),
  };
}

/** What access is to be taken away that the API's or the provider's owner does not allow. */
async function lossesIn(context: KindContext, standing: Standing, resource: OAuthApi): Promise<Losses> {
  const leftGrants = await observeLeftGrants(context, standing, resource);
  const removed = leftGrants.filter(({ kept }) => kept === undefined).map(({ ref }) => ref);
  return {
    leftGrants,
    heldLeftGrants: heldRemoval(context, resource, removed),
    heldRevocations: heldBy(context, standing, resource),
  };
}

/** Nothing is removed any more once a recorded API counts as gone. */
function believed(
  { settings, now }: Pick<KindContext, "settings" | "now">,
  { status }: OAuthApi,
  remote: RemoteView,
): RemoteView {
  const until = absenceSettledAt(settings.startedAt, settings.createTiming);
  const isEarly = remote.kind === "absent" && status?.externalId !== undefined && now() < until;
  return isEarly ? { kind: "unsettled", until } : remote;
}

/** As the mark says, else as status records it. */
function originOf({ status }: OAuthApi, remote: RemoteView): Observed["origin"] {
  const mark = remote.kind === "found" || remote.kind === "madeByPredecessor" ? remote.api.mark : undefined;
  return mark === undefined ? (status?.origin ?? "Made") : originInStatus(mark);
}

type LocalView = Omit<ApiObserved, "remote" | "configMap" | "signingSecret" | "grants" | "server" | "losses">;

/** What is known without the tenant. */
function localView(
  context: Pick<KindContext, "configMaps" | "namespaces" | "now" | "resources" | "secrets" | "settings">,
  resource: OAuthApi,
  standing: Standing,
): LocalView {
  const { namespace = "", finalizers = [] } = resource.metadata;
  const { access, rules, asker } = standing;
  const { origin = "Made", ownedScopes = [] } = resource.status ?? {};
  return {
    standing,
    hasFinalizer: finalizers.includes(FINALIZER),
    mayHaveMade: resource.status?.externalId !== undefined || resource.status?.pendingCreate !== undefined,
    provider: access,
    audienceRefusal: audienceRefusalOf(context, resource, standing),
    mayAdopt: mayAdoptAudience(rules, asker, resource.spec.audience),
    mayRecover: context.settings.recover,
    origin,
    ownedScopes,
    winner: winnerOf(context, resource, standing),
    isNamespaceTerminating: context.namespaces.get(namespace)?.isTerminating ?? false,
    abandonment: abandonmentOf(context, resource, standing),
    ...formerOutputsOf(context, resource),
  };
}

function formerOutputsOf(
  context: Pick<KindContext, "configMaps" | "secrets">,
  resource: OAuthApi,
): Pick<Observed, "formerConfigMaps" | "formerSecrets"> {
  const { configMap, signingSecret } = resource.spec;
  const recorded = resource.status?.outputs ?? [];
  const names = (output: { readonly name: string } | undefined) => (output === undefined ? [] : [output.name]);
  return {
    formerConfigMaps: formerOutputs(context.configMaps, resource, recorded, names(configMap)),
    formerSecrets: formerOutputs(context.secrets, resource, recorded, names(signingSecret)),
  };
}

async function observeConfigMap(
  context: Pick<KindContext, "configMaps" | "memory" | "sha256">,
  provider: Provider,
  resource: OAuthApi,
  ref: Ref,
) {
  const name = resource.spec.configMap?.name;
  if (name === undefined) return undefined;
  const wanted = inputsDigest(await publicApiOf(provider, resource, ref), "", (text) => context.sha256(text));
  return observeOutput(context, context.configMaps, resource, name, wanted, resource.status?.outputs ?? []);
}

/** What a resource server or gateway needs to verify this API's tokens. */
export async function publicApiOf(provider: Provider, resource: OAuthApi, ref: Ref): Promise<PublicApi> {
  const { issuer, wellKnownUrl, tokenEndpoint, jwksUri } = await provider.metadata(ref);
  const scopes = resource.spec.scopes.map((scope) => scope.name).sort();
  return { audience: resource.spec.audience, scopes, issuer, wellKnownUrl, tokenEndpoint, jwksUri };
}

/** Grants on the API, separated by whether this installation made their client. */
async function grantsOf(
  context: Pick<KindContext, "settings">,
  provider: Provider,
  api: ObservedApi,
): Promise<NonNullable<Observed["grants"]>> {
  const ours: Ref[] = [];
  const others: string[] = [];
  for (const grant of await provider.grants.ofApi(api)) {
    const isLeft = grant.leftBy?.instance === context.settings.instanceId;
    if (isLeft || (grant.isForeign !== true && (await isOurs(context, provider, grant)))) ours.push(grant.ref);
    else others.push(String(grant.client));
  }
  return { ours, others };
}

/** On a client that this installation made, or left behind by one that is gone and serves nobody. */
async function isOurs(
  context: Pick<KindContext, "settings">,
  provider: Provider,
  grant: ObservedGrant,
): Promise<boolean> {
  // Of those for all clients, others' are separated already.
  if (grant.client === ALL_CLIENTS) return true;
  const client = await provider.clients.get(grant.client);
  return client === undefined || client.mark?.instance === context.settings.instanceId;
}
