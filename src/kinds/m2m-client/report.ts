import { originInStatus } from "../../ownership/origin.ts";
import { conditionOf, type Judgement } from "../../controller/conditions.ts";
import type { Seen } from "../../controller/reconcile.ts";
import type { ReconcileResult } from "../../controller/result.ts";
import type { KindContext } from "../kind-context.ts";
import { carriedEntry } from "../outputs/carried-grant.ts";
import { recordsOf } from "../outputs/write.ts";
import { planOutput } from "../outputs/decide.ts";
import { freshnessFor } from "../access/freshness.ts";
import { shownScopes } from "../status/shown-names.ts";
import { recordChange } from "../status/changes.ts";
import { type BaseStatus, fieldsSoFar, reportStatus } from "../status/report.ts";
import { secretNameOf } from "./desire.ts";
import type { ObservedClient } from "../../ports/provider.ts";
import { announcePending, announceTrouble, pendingJudgement, rotationFields } from "./rotation/report.ts";
import { announceWaiting } from "./rotation/waiting.ts";
import { grantText } from "./unmanaged.ts";
import { grantsOfClient } from "../relations/dependents.ts";
import type { ScopeGrant } from "../scope-grant/schema.ts";
import { providerText } from "../relations/provider-ref.ts";
import type { ClientObserved } from "./observe.ts";
import type { Desired } from "./model.ts";
import { isObserveOnly } from "../access/observe-only.ts";
import { flatApiOf } from "./publication/primary-api.ts";
import type { CredentialFacts } from "../state-secret/facts.ts";
import { forgetRecordedState } from "../state-secret/store.ts";
import { recordOfState } from "../state-secret/recorded.ts";
import { fingerprintsOf } from "./credential/plan.ts";
import type { M2MClient, M2MClientStatus } from "./schema.ts";

export async function report(
  context: Pick<
    KindContext,
    | "configMaps"
    | "connections"
    | "events"
    | "memory"
    | "now"
    | "onRotationFailed"
    | "resources"
    | "secrets"
    | "settings"
    | "sha256"
  >,
  resource: M2MClient,
  { desired, observed }: Seen<Desired, ClientObserved>,
  result: ReconcileResult,
): Promise<void> {
  announceTrouble(context, resource, observed, result);
  const pending = observed === undefined ? undefined : pendingJudgement(context, desired, observed);
  announcePending(context, resource, observed, pending);
  const judgements = observed === undefined ? [] : [issued(observed, resource), verified(observed)];
  const isTold = await reportStatus(context, context.resources.m2mClients, resource, {
    result,
    judgements: pending === undefined ? judgements : [...judgements, pending],
    readyMessage: readyText(resource, observed),
    fields: fieldsOf(context, resource, desired, observed),
    alongside: observed === undefined || desired.isAbsent ? {} : { stateSecret: recordedState(observed, resource) },
    readAt: observed?.remote.kind === "found" ? observed.remote.client.readAt : undefined,
    freshness: freshnessFor(context, resource.metadata.namespace, resource.spec.providerRef),
  });
  if (isTold) announceFindings(context, resource, desired, observed);
  const { namespace = "", name } = resource.metadata;
  forgetRecordedState(context, context.resources.m2mClients.get(namespace, name));
}

/** What a person may have to act on although nothing halts. */
function announceFindings(
  context: Pick<KindContext, "events" | "now">,
  resource: M2MClient,
  desired: Desired,
  observed: ClientObserved | undefined,
): void {
  if (observed?.provider.state !== "ready" || observed.remote.kind !== "found" || desired.isAbsent) return;
  announceRecreated(context, resource, observed.remote.client);
  announceUnmanaged(context, resource, desired, observed);
  // A rotation stands still there.
  if (!desired.isPaused && !isObserveOnly(observed.provider)) announceWaiting(context, resource, desired, observed);
}

/** Another client than status records was created in place of it, since nothing of others is ever taken for it. */
function announceRecreated(
  context: Pick<KindContext, "events">,
  resource: M2MClient,
  { ref, clientId }: ObservedClient,
): void {
  const { externalId, clientId: former = "" } = resource.status ?? {};
  if (externalId === undefined || externalId === ref) return;
  const secret = `${resource.metadata.namespace ?? ""}/${secretNameOf(resource)}`;
  recordChange(context, resource, { type: "clientRecreated", former, clientId, secret });
}

const MAX_UNMANAGED = 100;

/** Records an event for grants that status does not list. */
function announceUnmanaged(
  context: Pick<KindContext, "events">,
  resource: M2MClient,
  { prunesAfterMs }: Desired,
  { unmanaged = [], origin }: ClientObserved,
): void {
  // Status has room for so many, and what it does not have is never known.
  const found = unmanaged
    .slice(0, MAX_UNMANAGED)
    .filter(({ since, isProtected }) => since === undefined && !isProtected);
  if (found.length === 0) return;
  recordChange(context, resource, {
    ...{ type: "unmanagedGrantsFound", isAdopted: origin === "Adopted", isPruned: prunesAfterMs !== undefined },
    grants: found.map(grantText),
  });
}

/** Never a reason for a write: without it the state Secret is read once more. */
function recordedState({ state }: ClientObserved, { status }: M2MClient): M2MClientStatus["stateSecret"] {
  const recorded = status?.stateSecret;
  return recorded?.version === state.version ? recorded : recordOfState(state);
}

/** Ready says nothing of what nobody granted. */
function readyText({ metadata }: M2MClient, observed: ClientObserved | undefined): string {
  if (observed !== undefined && isObserveOnly(observed.provider))
    return "The client at the provider matches the spec. Nothing is published, since the operator only observes.";
  if (observed?.publication?.carried.length === 0)
    return `Client, credential and Secret are up to date. No ScopeGrant in namespace ${metadata.namespace ?? ""} grants this client anything, so it gets no token for an API.`;
  return "Client, credential and Secret are up to date.";
}

type Fields = Omit<M2MClientStatus, keyof BaseStatus>;

function fieldsOf(
  context: Pick<KindContext, "configMaps" | "now" | "resources" | "secrets" | "sha256">,
  resource: M2MClient,
  desired: Desired,
  observed: ClientObserved | undefined,
): Fields {
  const previous = {
    ...fieldsSoFar(resource),
    provider: providerText(resource.spec.providerRef),
    grantCount: grantsOfClient(context.resources, resource).filter(isGranted).length,
  };
  if (observed?.provider.state !== "ready" || observed.remote.kind !== "found") return previous;
  const { client } = observed.remote;
  const { pendingCreate: _done, ...rest } = previous;
  return {
    ...rest,
    tenant: observed.provider.facts.tenant,
    externalId: client.ref,
    clientId: client.clientId,
    origin: client.mark === undefined ? "Made" : originInStatus(client.mark),
    authenticationMethod: client.authenticationMethod,
    enabled: client.isEnabled,
    defaultOrganization: client.defaultOrganization,
    ...rotationFields(context, desired, observed, client),
    unmanagedGrants: unmanagedFields(context, observed, previous.unmanagedGrants),
    ...publicationFields(context, resource, observed),
  };
}

/** As the ScopeGrant's own status says, in whatever state the client is. */
const isGranted = ({ metadata, status }: ScopeGrant): boolean =>
  metadata.deletionTimestamp === undefined && status?.grantedScopes !== undefined;

function unmanagedFields(
  context: Pick<KindContext, "now">,
  { unmanaged }: ClientObserved,
  previous: Fields["unmanagedGrants"],
): Fields["unmanagedGrants"] {
  if (unmanaged === undefined) return previous;
  if (unmanaged.length === 0) return undefined;
  return unmanaged.map(({ ref, audience, scopes, since }) => ({
    externalId: ref,
    audience,
    ...shownScopes(scopes),
    since: (since ?? context.now()).toISOString(),
  }));
}

/** The Secret's part of status moves only once the Secret was written so. */
function publicationFields(
  context: Pick<KindContext, "configMaps" | "now" | "secrets" | "sha256">,
  resource: M2MClient,
  observed: ClientObserved,
): Pick<Fields, "outputs" | "binding" | "primaryApi" | "grants"> {
  const { publication, secret } = observed;
  const outputs = recordsOf(context, resource, resource.status?.outputs ?? [], [secret]).map(
    ({ formerSince, ...output }) =>
      output.kind === "Secret" && output.name !== secretNameOf(resource)
        ? { ...output, formerSince: formerSince ?? context.now().toISOString() }
        : output,
  );
  if (publication === undefined || planOutput(secret).kind !== "current") return { outputs };
  const { primary } = publication;
  return {
    outputs,
    binding: { name: secretNameOf(resource) },
    primaryApi: flatApiOf(primary)?.ids[0],
    grants: publication.carried.map(({ name, uid, api, externalId, scopes, organizations }) => ({
      ...{ name, uid, api },
      ...(externalId === undefined ? {} : { externalId }),
      ...carriedEntry({ scopes, organizations }, (text) => context.sha256(text)),
    })),
  };
}

const ISSUED: Judgement = {
  type: "Issued",
  status: "True",
  reason: "Issued",
  message: "The provider holds the credential in the Secret.",
};

const UNSHOWN: Judgement = {
  type: "Issued",
  status: "Unknown",
  reason: "CannotCompare",
  message: "The provider does not show credentials to the operator, so the operator cannot compare them.",
};

const pending = (message: string): Judgement => ({
  type: "Issued",
  status: "False",
  reason: "CredentialPending",
  message,
});

const NOTHING_STORED = pending("No credential is stored.");
const NO_CLIENT = pending("The provider has no client of this resource.");

const UNREAD: Judgement = {
  ...UNSHOWN,
  message: "The provider could not be read, so the operator cannot compare the credential. The Secret stays.",
};

/** Whether the Secret is there, and the credential in it is the one that the provider holds. */
function issued(observed: ClientObserved, resource: M2MClient): Judgement {
  const judgement = issuedAtProvider(observed, resource);
  const { ownership, namespace, name } = observed.secret;
  if (judgement.status !== "True" || ownership === "ours" || ownership === "takeOver") return judgement;
  return {
    type: "Issued",
    status: "False",
    reason: "NotPublished",
    message: `The provider holds the credential, but Secret ${namespace}/${name} of this resource does not exist. The condition Ready says why.`,
  };
}

function issuedAtProvider(observed: ClientObserved, { status }: M2MClient): Judgement {
  const { remote, state, registered } = observed;
  if (remote.kind === "unread") return UNREAD;
  if (remote.kind !== "found") return NO_CLIENT;
  const { current } = state;
  if (current === undefined) return issuedOwnKeys(remote.client, registered);
  switch (current.kind) {
    case "serviceAccount":
      return issuedToServiceAccount(remote.client, current);
    case "secret":
      return issuedSecret(observed, current, fingerprintsOf(remote.client), status);
    case "key":
      return issuedKey(remote.client, current, status);
  }
}

/** Of the user's own keys status alone knows. */
function issuedOwnKeys({ keyRefs }: ObservedClient, registered: ClientObserved["registered"]): Judgement {
  if (registered.length > 0 && keyRefs === undefined) return UNSHOWN;
  const isRegistered = registered.length > 0 && registered.every(({ ref }) => keyRefs?.includes(ref) === true);
  return isRegistered ? { ...ISSUED, message: "The provider holds the public keys of the spec." } : NOTHING_STORED;
}

function issuedKey(
  { keyRefs }: ObservedClient,
  current: CredentialFacts & { kind: "key" },
  status: M2MClientStatus | undefined,
): Judgement {
  if (keyRefs === undefined) return wasIssued(status, current) ? ISSUED : UNSHOWN;
  return keyRefs.includes(current.registration ?? "")
    ? ISSUED
    : pending("The public key is not registered at the provider.");
}

function issuedToServiceAccount(
  { authenticationMethod, subject }: ObservedClient,
  current: CredentialFacts & { kind: "serviceAccount" },
): Judgement {
  if (authenticationMethod === "kubernetes" && subject === current.subject)
    return { ...ISSUED, message: "The provider accepts tokens of the service account. No credential exists." };
  return pending(
    "The provider does not accept tokens of the service account, which the operator is about to register.",
  );
}

function issuedSecret(
  observed: ClientObserved,
  current: CredentialFacts & { kind: "secret" },
  prints: readonly string[] | undefined,
  status: M2MClientStatus | undefined,
): Judgement {
  if (prints === undefined) return wasIssued(status, current) ? ISSUED : UNSHOWN;
  return prints.includes(current.fingerprint) || isPropagating(observed, prints)
    ? ISSUED
    : pending("The provider holds another credential, which the operator is about to publish.");
}

/** What was there before our own change may be shown for a while. */
function isPropagating({ state }: ClientObserved, prints: readonly string[]): boolean {
  const { previous } = state;
  return previous?.kind === "secret" && previous.life.isShown && prints.includes(previous.fingerprint);
}

/** As it was read before; `lastCheckedAt` says when. */
function wasIssued(status: M2MClientStatus | undefined, { id, registration }: CredentialFacts): boolean {
  const isSame = status?.credentials?.some((known) => known.id === id || known.id === registration) === true;
  const last = conditionOf(status?.conditions, "Issued");
  return isSame && (last?.status === "True" || last?.reason === "NotPublished");
}

/** A token of another credential, or for an API that the client has no grant for, says nothing of what is published. */
function isOfNow(
  { credentialId, audience }: NonNullable<ClientObserved["verification"]>,
  { publication, state, verifiableAudience }: ClientObserved,
): boolean {
  const isSameApi = publication === undefined || audience === verifiableAudience;
  return isSameApi && credentialId === (state.current?.id ?? credentialId);
}

function verified(observed: ClientObserved): Judgement {
  const { provider, verification, verifiableAudience, unverifiableBecause } = observed;
  const judge = (status: Judgement["status"], reason: Judgement["reason"], message: string): Judgement => ({
    type: "Verified",
    status,
    reason,
    message,
  });
  if (provider.state === "ready" && provider.facts.verificationPolicy === "Never")
    return judge("Unknown", "VerificationDisabled", `spec.verification.policy of ${provider.facts.object} is Never.`);
  if (unverifiableBecause !== undefined) return judge("Unknown", "CannotVerify", unverifiableBecause);
  if (verification !== undefined && isOfNow(verification, observed)) {
    if (verification.result === "Verified") return judge("True", "Verified", verification.message);
    if (verification.result === "Refused") return judge("False", "VerificationFailed", verification.message);
    return judge("Unknown", "CannotVerify", verification.message);
  }
  const why =
    verifiableAudience === undefined
      ? "No ScopeGrant gives this client access, so the operator requests no token."
      : "The operator has not requested a token.";
  return judge("Unknown", "NotVerifiedYet", why);
}
