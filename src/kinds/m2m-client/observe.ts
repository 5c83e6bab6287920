import { clientAdoption } from "../../consent/provider-consent.ts";
import type { GrantedApi, ObservedClient, Provider } from "../../ports/provider.ts";
import { absenceSettledAt } from "../../ownership/create-protocol.ts";
import type { KindContext } from "../kind-context.ts";
import { formerOutputs, observeOutput } from "../outputs/write.ts";
import { type OutputView, planOutput } from "../outputs/decide.ts";
import { freshSince } from "../access/fresh-reading.ts";
import { observesOnly, type Standing, standingOf } from "../access/standing.ts";
import { readAgainWhenRequested } from "../status/requested-read.ts";
import { credentialVersionOf } from "../state-secret/read.ts";
import { ANNOTATIONS, FINALIZER, requestOf } from "../schema/annotations.ts";
import { abandonmentOf } from "../access/abandon.ts";
import { nextTrialAt } from "../access/verifications.ts";
import { winnerOf } from "./claim.ts";
import { secretNameOf } from "./desire.ts";
import { noTokenBecause } from "./plan-service-account.ts";
import { observeServiceAccount } from "./credential/observe-service-account.ts";
import type { Desired, Observed, ServiceAccountView, Verification } from "./model.ts";
import type { StateView } from "../state-secret/facts.ts";
import {
  blockOf,
  type CredentialShape,
  digestOf,
  gatherPublication,
  type Publication,
  undecidedOf,
} from "./publication/gather.ts";
import { observeOrganization } from "./default-organization.ts";
import { observeLeftBehind } from "./left-behind.ts";
import { observeRemote } from "./remote.ts";
import { observeRotation, restingRotation } from "./rotation/observe.ts";
import type { M2MClient } from "./schema.ts";
import { observeState } from "../state-secret/store.ts";
import { observeUnmanaged } from "./unmanaged.ts";

/** Everything the plan needs to know, and what its actions and status work with. */
export interface ClientObserved extends Observed {
  readonly standing: Standing;
  readonly publication: Publication | undefined;
}

export async function observe(context: KindContext, resource: M2MClient, desired: Desired): Promise<ClientObserved> {
  const standing = standingOf(context, {
    namespace: resource.metadata.namespace ?? "",
    providerRef: resource.spec.providerRef,
    pinnedTenant: resource.status?.tenant,
    isConsentNeeded: !desired.isAbsent,
    observesOnly: observesOnly(resource.metadata),
  });
  const { access, provider } = standing;
  const state = desired.isAbsent ? unread() : await observeState(context, resource);
  const leftBehind = await observeLeftBehind(context, standing, resource, desired);
  const base = { ...localView(context, resource, standing), state, leftBehind };
  const isGivenUp = desired.isAbsent && base.abandonment.mayAbandon;
  if (access.state !== "ready" || provider === undefined || isGivenUp)
    return { ...base, remote: { kind: "unread" }, ...unpublished(context, resource) };
  await readAgainWhenRequested(context, resource, provider, [resource.status?.externalId]);
  const now = context.now();
  const remote = await observeRemote(provider.clients, desired, resource.status, {
    stateClientId: state.current?.clientId,
    timing: context.settings.createTiming,
    adoptableSince: adoptableSince(resource, base.adoption, now),
    now,
  });
  if (desired.isAbsent)
    return { ...base, remote: believed(context, resource, remote), ...unpublished(context, resource) };
  const organization = await observeOrganization(provider, standing, desired, resource.status, remote);
  const serviceAccount = await observeServiceAccount(context, provider, desired, remote);
  const seen = { ...base, remote, ...organization, serviceAccount };
  if (remote.kind !== "found") return { ...seen, ...unpublished(context, resource) };
  const publication = await observePublication(context, provider, resource, {
    client: remote.client,
    state,
    serviceAccount,
  });
  return {
    ...seen,
    ...(await observeUnmanaged(context, standing, resource, remote.client.ref)),
    ...publication,
    rotation: observeRotation(context, resource, desired, {
      ...{ client: remote.client, registered: base.registered },
      ...{ state, secret: publication.secret },
      formerSecrets: publication.formerSecrets.map((former) => former.name),
    }),
  };
}

/** Nothing is removed any more once a recorded client counts as gone. */
function believed(
  { settings, now }: Pick<KindContext, "settings" | "now">,
  { status }: M2MClient,
  remote: Observed["remote"],
): Observed["remote"] {
  const until = absenceSettledAt(settings.startedAt, settings.createTiming);
  const isEarly = remote.kind === "absent" && status?.externalId !== undefined && now() < until;
  return isEarly ? { kind: "unsettled", until } : remote;
}

type LocalView = Omit<ClientObserved, "leftBehind" | "remote" | "state" | keyof PublicationView>;

/** What is known without the tenant. */
function localView(context: KindContext, resource: M2MClient, standing: Standing): LocalView {
  const { namespace = "", finalizers = [] } = resource.metadata;
  const { access } = standing;
  return {
    standing,
    hasFinalizer: finalizers.includes(FINALIZER),
    mayHaveMade: resource.status?.externalId !== undefined || resource.status?.pendingCreate !== undefined,
    provider: access,
    origin: resource.status?.origin ?? "Made",
    adoption: adoptionOf(context, resource, standing),
    registered: registeredOf(resource),
    rotation: restingRotation(context, resource),
    organization: undefined,
    unmanaged: [],
    areGrantsSettled: false,
    mayRecover: context.settings.recover,
    isNamespaceTerminating: context.namespaces.get(namespace)?.isTerminating ?? false,
    verification: verificationOf(resource),
    verifiableAt: verifiableAt(context, resource, standing),
    abandonment: abandonmentOf(context, resource, standing),
  };
}

function adoptionOf(
  context: Pick<KindContext, "namespaces" | "resources">,
  resource: M2MClient,
  standing: Standing,
): Observed["adoption"] {
  const { clientId } = resource.spec;
  if (clientId === undefined) return { isAllowed: false, sharesCredential: false };
  const winner = winnerOf(context, resource, standing);
  return {
    ...clientAdoption(standing.rules, standing.asker, clientId),
    ...(winner === undefined ? {} : { winner }),
  };
}

/** Somebody who may not adopt the client makes nobody ask for it. */
const adoptableSince = ({ metadata }: M2MClient, { isAllowed }: Observed["adoption"], now: Date): Date | undefined =>
  isAllowed ? freshSince(metadata, now) : undefined;

function registeredOf({ status }: M2MClient): Observed["registered"] {
  return (status?.credentials ?? []).map(({ id: ref, keyId, algorithm, createdAt }) => ({
    ...{ ref, createdAt },
    ...(keyId === undefined ? {} : { keyId }),
    ...(algorithm === undefined ? {} : { algorithm }),
  }));
}

/** The client, and what it authenticates with. */
interface Credentialed {
  readonly client: ObservedClient;
  readonly state: StateView;
  readonly serviceAccount: ServiceAccountView | undefined;
}

type PublicationView = Pick<
  ClientObserved,
  | "publication"
  | "secret"
  | "blocked"
  | "undecided"
  | "formerSecrets"
  | "grantsUnderWay"
  | "verifiableAudience"
  | "unverifiableBecause"
>;

async function observePublication(
  context: Pick<
    KindContext,
    "fingerprint" | "memory" | "namespaces" | "resources" | "secrets" | "serviceAccounts" | "settings" | "sha256"
  >,
  provider: Provider,
  resource: M2MClient,
  { client, state, serviceAccount }: Credentialed,
): Promise<PublicationView> {
  const publication = await gatherPublication(context, provider, resource, client.clientId);
  const recorded = resource.status?.outputs ?? [];
  const name = secretNameOf(resource);
  const version = (await credentialVersionOf(context, resource, client.clientId)) ?? state.version;
  const wanted = digestOf(context, publication, version);
  const secret = observeOutput(context, context.secrets, resource, name, wanted, recorded);
  const former = formerOutputs(context.secrets, resource, recorded, [name]);
  const shape = shapeOf(resource, client, state);
  const sinceOf = (formerName: string): Date | undefined => {
    const since = recorded.find((output) => output.kind === "Secret" && output.name === formerName)?.formerSince;
    return since === undefined ? undefined : new Date(since);
  };
  return {
    publication,
    secret,
    grantsUnderWay: publication.underWay,
    undecided: undecidedOf(publication, shape),
    blocked: blockOf(publication, shape, {
      isPublished:
        secret.ownership === "ours" || recorded.some((output) => output.kind === "Secret" && output.name === name),
      isCurrent: planOutput(secret).kind === "current",
    }),
    formerSecrets: former.map((formerName) => ({ name: formerName, since: sinceOf(formerName) })),
    verifiableAudience: publication.verifiable?.api.audience,
    unverifiableBecause: await unverifiableBecause(
      context,
      provider,
      resource,
      { client, state, serviceAccount },
      publication.verifiable,
    ),
  };
}

/** Of the credential in force; before there is one, of what the client authenticates with. */
function shapeOf({ spec }: M2MClient, client: ObservedClient, { current }: StateView): CredentialShape {
  if (spec.authentication?.privateKeyJwt?.publicKeys !== undefined) return "public_key";
  const method = current?.authenticationMethod ?? client.authenticationMethod;
  if (method === "kubernetes") return "service_account";
  return method === "private_key_jwt" ? "private_key" : "client_secret";
}

/** The operator does not request tokens that it cannot obtain by design: a refusal would say nothing about the credential. */
async function unverifiableBecause(
  { serviceAccounts }: Pick<KindContext, "serviceAccounts">,
  provider: Provider,
  { spec }: M2MClient,
  { client, state, serviceAccount }: Credentialed,
  verifiable: Publication["verifiable"],
): Promise<string | undefined> {
  if (spec.authentication?.privateKeyJwt?.publicKeys !== undefined)
    return "Only the workload has the private key, so the operator cannot request a token.";
  if (!client.isEnabled) return "The client is disabled.";
  if (state.current?.kind === "serviceAccount") {
    const because = noTokenBecause({ serviceAccount }, serviceAccounts.requestToken !== undefined);
    if (because !== undefined) return because;
  }
  return verifiable === undefined ? undefined : notIssuedBecause(provider, client, verifiable);
}

async function notIssuedBecause(
  provider: Provider,
  client: ObservedClient,
  { api: granted, entry }: NonNullable<Publication["verifiable"]>,
): Promise<string | undefined> {
  if (entry.scopes.length === 0 && provider.capabilities.tokensNeedScopes === true)
    return "The provider issues no token without a scope, and the API has none.";
  const api = await provider.apis.issuance(granted);
  if (api?.refusedBecause !== undefined) return `The provider issues no token: ${api.refusedBecause}.`;
  return provider.organizations === undefined ? undefined : unboundBecause(provider, client, granted);
}

async function unboundBecause(
  provider: Provider,
  client: ObservedClient,
  api: GrantedApi,
): Promise<string | undefined> {
  const grant = await provider.grants.find(client.ref, api, false);
  if (grant?.organizations.usage !== "Require") return undefined;
  const isBound = client.defaultOrganization !== undefined || (grant.organizations.ids ?? []).length > 0;
  return isBound ? undefined : "The provider issues no token: the grant requires an organization, and none is linked.";
}

function unpublished(context: Pick<KindContext, "memory" | "secrets">, resource: M2MClient): PublicationView {
  const recorded = resource.status?.outputs ?? [];
  const secret: OutputView = observeOutput(context, context.secrets, resource, secretNameOf(resource), "", recorded);
  return {
    publication: undefined,
    secret,
    blocked: undefined,
    formerSecrets: [],
    verifiableAudience: undefined,
    unverifiableBecause: undefined,
  };
}

const unread = (): StateView => ({ ownership: "none", name: "", version: "" });

/** Tokens cost quota at the tenant: no more than the provider's owner allows within an hour. */
function verifiableAt({ memory, now }: KindContext, { metadata }: M2MClient, { access, rules }: Standing): Date {
  if (access.state !== "ready") return now();
  const { uid, verificationsPerHour: perHour } = access.facts;
  const asked = { namespace: metadata.namespace ?? "", perHour, isShared: rules.scope === "cluster" };
  return new Date(nextTrialAt(memory.verifications.get(uid) ?? [], asked, now().getTime()));
}

/** A requested read also allows one more verification after a refused one. */
function verificationOf({ metadata, status }: M2MClient): Verification | undefined {
  const last = status?.verification;
  if (last === undefined) return undefined;
  const requested = requestOf(metadata, ANNOTATIONS.reconcileRequestedAt);
  const isAskedFor = requested !== undefined && requested !== status?.lastHandledReconcileAt;
  return isAskedFor && last.result !== "Verified" ? undefined : { ...last, at: new Date(last.at) };
}
