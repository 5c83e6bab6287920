import type { AuthenticationMethod, Provider, Ref } from "../../../ports/provider.ts";
import { ProviderError } from "../../../ports/provider-error.ts";
import { ObjectChanged } from "../../../ports/object-changed.ts";
import type { CredentialValues } from "../../../publication/inputs.ts";
import type { StateContent } from "../../state-secret/document.ts";
import type { Reason } from "../../status/reasons.ts";
import { type CredentialPart, presentClient, stateOf, subjectsOf } from "../credential/apply.ts";
import type { RetiringRef, RotationAction } from "../model.ts";
import { secretNameOf } from "../desire.ts";
import { noteRequestedRotation } from "./requested.ts";
import { isRequested } from "./step.ts";
import { makeCredential, publicHalf } from "../credential/make.ts";
import { writeState } from "../../state-secret/store.ts";

/**
 * Carries out one step of a rotation. Each may be repeated after a crash: what we make is written down before the
 * provider knows it, and a request that the provider answered may be sent again.
 */
export async function applyRotation(part: CredentialPart, action: RotationAction): Promise<void> {
  switch (action.type) {
    case "prepareNext":
      return prepareNext(part, action);
    case "registerNext":
      return registerNext(part, action.ref, action.insteadOf);
    case "discardNext":
      return discardNext(part, action.ref);
    case "noteAnnounced":
      await change(part, (state) => ({ ...state, next: { ...present(state.next), announcedAt: nowOf(part) } }));
      return record(
        part,
        "RotationAnnounced",
        `The Secret shows the next credential as next_…. It comes into force at ${announcedUntil(part)}.`,
      );
    case "promoteNext":
      return putInForce(part, (next) => Promise.resolve(next.registration));
    case "switchToNext":
      return putInForce(part, (next) => switchTo(part, action.ref, next));
    case "notePublished":
      return notePublished(part);
    case "retirePrevious":
      return retirePrevious(part, action.ref, action.credentials);
    case "forgetPrevious":
      return forgetPrevious(part);
  }
}

const announcedUntil = ({ context, desired }: CredentialPart): string =>
  new Date(context.now().getTime() + desired.rotation.announceMs).toISOString();

const nowOf = ({ context }: CredentialPart): string => context.now().toISOString();

function record({ context, resource }: CredentialPart, reason: Reason, message: string): void {
  context.events.record(resource, reason === "CredentialsRevoked" ? "Warning" : "Normal", reason, message);
}

/** One read, one write that replaces exactly what was read. */
async function change(
  part: CredentialPart,
  changed: (state: StateContent) => StateContent | Promise<StateContent>,
): Promise<void> {
  const stored = await stateOf(part);
  await writeState(part.context, part.resource, stored, await changed(stored.content));
}

/** The credential that the step is about, which the plan has seen there. */
function present(credential: CredentialValues | undefined): CredentialValues {
  if (credential === undefined) throw new ObjectChanged("The credential that the step is about is gone.");
  return credential;
}

async function prepareNext(
  part: CredentialPart,
  action: Extract<RotationAction, { type: "prepareNext" }>,
): Promise<void> {
  const { context, desired, provider, resource } = part;
  const { cause, method, algorithm, isShown, ref } = action;
  await change(part, async (state) => {
    const { clientId } = await presentClient(part, ref);
    const made = await makeCredential(context, method, algorithm, desired.serviceAccount?.subject);
    const createdAt = afterCompromise(part, made.createdAt);
    return {
      // What belongs to an earlier client is of no use to this one.
      ...(state.clientId === clientId ? state : { current: undefined, previous: undefined }),
      ...{ clientId, tenant: provider.tenant },
      next: { ...made, createdAt, request: desired.rotation.request, ...(isShown ? { isShown } : {}) },
    };
  });
  if (isRequested(cause)) noteRequestedRotation(context.memory, resource.metadata.uid, context.now());
  context.events.record(
    resource,
    "Normal",
    "RotationStarted",
    `A new credential was generated and stored (${WHY[cause]}). ${comesAt(part, action)}`,
  );
  if (action.isHidden) context.events.record(resource, "Warning", "RotationUnannounced", UNANNOUNCED);
}

/** At once where nothing works, or what works is known to others; else as soon as everybody can know it. */
function comesAt(
  { context, desired, provider }: CredentialPart,
  { cause, isShown, isHidden }: Extract<RotationAction, { type: "prepareNext" }>,
): string {
  const isUrgent = cause === "Compromised" || cause === "Missing" || isHidden;
  const ms = isShown ? desired.rotation.announceMs : provider.capabilities.propagationMs;
  const at = new Date(context.now().getTime() + (isUrgent ? 0 : ms)).toISOString();
  return isShown ? `It comes into force at about ${at}.` : `It is published at about ${at}.`;
}

const UNANNOUNCED =
  "No published Secret shows next_…, so the new credential comes into force without an announcement. Name next_client_secret in the template, or use a keyStyle.";

const WHY = {
  Due: "spec.rotation.every is due",
  Requested: "requested by annotation",
  Compromised: "the current one is compromised",
  MethodChanged: "the authentication method or algorithm changes",
  Missing: "the operator knows none",
} as const;

/** Clocks differ: what was made because of a compromise is newer than that, whatever the annotation's clock said. */
function afterCompromise({ desired }: CredentialPart, createdAt: string): string {
  const { compromisedAt } = desired.rotation;
  if (compromisedAt === undefined || "problem" in compromisedAt) return createdAt;
  return compromisedAt.time > new Date(createdAt) ? compromisedAt.time.toISOString() : createdAt;
}

async function registerNext(part: CredentialPart, ref: Ref, insteadOf: string | undefined): Promise<void> {
  const { context, provider, resource } = part;
  const stored = await stateOf(part);
  const { current } = stored.content;
  const next = present(stored.content.next);
  const { clientId } = await presentClient(part, ref);
  const registered = await added(provider, ref, next, insteadOf);
  // The client has one secret at a time, and the plan begins again with what it now knows.
  if (registered === undefined)
    return writeState(context, resource, stored, { ...stored.content, clientId, next: undefined });
  const { registration, others } = registered;
  await writeState(context, resource, stored, {
    ...stored.content,
    // A key that a client was made with was written down before there was an id.
    clientId,
    // The only other one is the one in force: where values are not shown, this is how its id is known.
    current: withRegistration(current, others.length === 1 ? others[0] : undefined),
    next: { ...next, registration, registeredAt: nowOf(part) },
  });
}

/** `undefined` for a secret of a client that can have only one. */
async function added(
  { clients }: Provider,
  ref: Ref,
  credential: CredentialValues,
  insteadOf: string | undefined,
): Promise<{ readonly registration: string; readonly others: readonly string[] } | undefined> {
  if (credential.authenticationMethod === "private_key_jwt") {
    const registered = await clients.addPublicKey(ref, publicHalf(credential), insteadOf);
    return { registration: registered.ref, others: [] };
  }
  if (credential.authenticationMethod === "kubernetes")
    throw new ObjectChanged("A service account takes the place of the credential and is never beside it.");
  try {
    const secret = await clients.addSecret(ref, credential.clientSecret, insteadOf);
    return { registration: secret.ref, others: secret.others };
  } catch (error) {
    if (error instanceof ProviderError && error.code === "unsupported") return undefined;
    throw error;
  }
}

function withRegistration(
  credential: CredentialValues | undefined,
  known: string | undefined,
): CredentialValues | undefined {
  if (credential === undefined || credential.registration !== undefined || known === undefined) return credential;
  return { ...credential, registration: known };
}

/** Ended at the provider as well: also where it was registered and that was not noted any more. */
async function discardNext(part: CredentialPart, ref: Ref): Promise<void> {
  const { context, provider, resource } = part;
  const stored = await stateOf(part);
  const { next } = stored.content;
  if (next !== undefined && next.isShown !== true) {
    const registration = next.registration ?? (await foundAgain(provider, ref, next));
    if (registration !== undefined) await removed(provider, ref, { kind: kindOf(next), ref: registration });
  }
  await writeState(context, resource, stored, { ...stored.content, next: undefined });
}

async function foundAgain(provider: Provider, ref: Ref, next: CredentialValues): Promise<string | undefined> {
  try {
    return (await added(provider, ref, next, undefined))?.registration;
  } catch (error) {
    // No room means that it is not there.
    if (error instanceof ProviderError && error.code === "limit_reached") return undefined;
    throw error;
  }
}

const kindOf = ({ authenticationMethod: method }: { readonly authenticationMethod: AuthenticationMethod }) =>
  method === "private_key_jwt" ? "key" : "secret";

function removed({ clients }: Provider, client: Ref, { kind, ref }: RetiringRef): Promise<void> {
  return kind === "key" ? clients.removePublicKey(client, ref) : clients.removeSecret(client, ref);
}

/** The provider takes this credential and no other from now on. */
async function switchTo(part: CredentialPart, ref: Ref, next: CredentialValues): Promise<string | undefined> {
  const { clients } = part.provider;
  const { authenticationMethod: before } = await presentClient(part, ref);
  if (next.authenticationMethod === "kubernetes") {
    await subjectsOf(part.provider).set(ref, next.subject);
    return undefined;
  }
  if (next.authenticationMethod !== "private_key_jwt") {
    const { authenticationMethod: method, clientSecret } = next;
    await clients.replaceSecret(ref, clientSecret, before === method ? undefined : method);
    return undefined;
  }
  // Somebody else registered the keys that are there already.
  if (before === "private_key_jwt") return (await clients.addPublicKey(ref, publicHalf(next))).ref;
  const [registered] = await clients.setPublicKeys(ref, [publicHalf(next)]);
  return registered?.ref;
}

async function putInForce(
  part: CredentialPart,
  inForce: (next: CredentialValues) => Promise<string | undefined>,
): Promise<void> {
  const { context, resource } = part;
  const stored = await stateOf(part);
  const { current } = stored.content;
  const next = present(stored.content.next);
  const registration = await inForce(next);
  const { isShown, ...made } = next;
  await writeState(context, resource, stored, {
    ...stored.content,
    current: { ...made, registration: registration ?? next.registration, activatedAt: nowOf(part) },
    next: undefined,
    previous: current === undefined ? undefined : { ...current, ...(isShown === true ? { isShown } : {}) },
  });
}

async function notePublished(part: CredentialPart): Promise<void> {
  let previous: CredentialValues | undefined;
  await change(part, (state) => {
    ({ previous } = state);
    return { ...state, current: { ...present(state.current), publishedAt: nowOf(part) } };
  });
  const { namespace = "" } = part.resource.metadata;
  const secret = `Secret ${namespace}/${secretNameOf(part.resource)}`;
  record(
    part,
    "CredentialRotated",
    `The new credential is in force and published in ${secret}. ${oldText(part, previous)}Restart Pods that read it from the environment.`,
  );
}

/** For how long the old one works beside it. Of two that never work at a time, the old one is invalid already. */
function oldText({ context, desired }: CredentialPart, previous: CredentialValues | undefined): string {
  if (previous === undefined) return "";
  if (previous.isShown === true) return "The old one is no longer valid. ";
  const { overlapMs, maxWaitMs, waitForPods } = desired.rotation;
  const until = new Date(context.now().getTime() + overlapMs);
  const waits = context.pods !== undefined && waitForPods !== "None" && maxWaitMs > 0;
  const atMost = new Date(until.getTime() + maxWaitMs).toISOString();
  return `The old one is valid until ${until.toISOString()}${waits ? ` (at most until ${atMost} while Pods use it)` : ""}. `;
}

async function retirePrevious(part: CredentialPart, ref: Ref, credentials: readonly RetiringRef[]): Promise<void> {
  const stored = await stateOf(part);
  const { current, next, previous } = stored.content;
  // One whose id nobody knows is found by its value: it must not be said to be gone before it is.
  if (previous !== undefined && "clientSecret" in previous && previous.registration === undefined)
    await part.provider.clients.removeSecretByValue(ref, previous.clientSecret, registrationsOf([current, next]));
  for (const credential of credentials) await removed(part.provider, ref, credential);
  await writeState(part.context, part.resource, stored, { ...stored.content, previous: undefined });
  const known = part.resource.status?.credentials ?? [];
  const ended = known.filter(({ id }) => credentials.some((credential) => credential.ref === id));
  announceEnd(part, [stored.content.previous, ...ended]);
}

const registrationsOf = (credentials: readonly (CredentialValues | undefined)[]): readonly string[] =>
  credentials.flatMap((credential) => credential?.registration ?? []);

async function forgetPrevious(part: CredentialPart): Promise<void> {
  const stored = await stateOf(part);
  await writeState(part.context, part.resource, stored, { ...stored.content, previous: undefined });
  announceEnd(part, [stored.content.previous]);
}

/** The annotation about a compromise stays, so that the age of what ended says whether it was because of that. */
function announceEnd(part: CredentialPart, ended: readonly ({ readonly createdAt: string } | undefined)[]): void {
  const { compromisedAt } = part.desired.rotation;
  const since = compromisedAt !== undefined && "time" in compromisedAt ? compromisedAt.time : new Date(0);
  if (ended.some((credential) => credential !== undefined && new Date(credential.createdAt) < since))
    return record(
      part,
      "CredentialsRevoked",
      "Credentials created before the compromise were revoked. Tokens issued with them stay valid until they expire.",
    );
  record(part, "CredentialRetired", "The old credential was revoked.");
}
