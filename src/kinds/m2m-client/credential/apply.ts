import { secretNameOf } from "../desire.ts";
import { makeSecret } from "./secret.ts";
import type {
  AuthenticationMethod,
  ClientSpec,
  ObservedClient,
  Provider,
  PublicKey,
  Ref,
  RegisteredKey,
  Subjects,
} from "../../../ports/provider.ts";
import { algorithmFor } from "../../../ports/signing-algorithms.ts";
import type { Mark } from "../../../ports/mark.ts";
import { ProviderError } from "../../../ports/provider-error.ts";
import type { CredentialValues, KeyCredential } from "../../../publication/inputs.ts";
import type { KindContext } from "../../kind-context.ts";
import { recordChange, wasConverged } from "../../status/changes.ts";
import { statusSoFar } from "../../status/report.ts";
import type { CredentialAction, Desired } from "../model.ts";
import { noteRequestedRotation } from "../rotation/requested.ts";
import type { M2MClient } from "../schema.ts";
import { makeKey, publicHalf, secretOf, serviceAccountCredential } from "./make.ts";
import { algorithmOf } from "../plan-spec.ts";
import { publishedSecret } from "../publication/published-secret.ts";
import { stateSecretNameOf } from "../../state-secret/name.ts";
import type { StateContent } from "../../state-secret/document.ts";
import type { StateView } from "../../state-secret/facts.ts";
import { discardState, NOTHING_STORED, readState, type StoredState, writeState } from "../../state-secret/store.ts";
import { ObjectChanged } from "../../../ports/object-changed.ts";

export interface CredentialPart {
  readonly context: KindContext;
  readonly resource: M2MClient;
  readonly desired: Desired;
  /** The state Secret that the plan was made from. */
  readonly state: StateView;
  readonly provider: Provider;
}

/** What the state Secret holds; throws when that is not what the plan was made from. */
export const stateOf = ({ context, resource, state }: CredentialPart): Promise<StoredState> =>
  readState(context, resource, state);

/** The client that the plan was made for; throws when it is gone at the provider, so that nothing is lost with it. */
export async function presentClient({ provider }: CredentialPart, ref: Ref): Promise<ObservedClient> {
  const client = await provider.clients.get(ref);
  if (client === undefined) throw new ObjectChanged("The client no longer exists at the provider.");
  return client;
}

/** Carries out one step of the credential. Each may be repeated after a crash. */
export async function applyCredential(part: CredentialPart, action: CredentialAction): Promise<void> {
  switch (action.type) {
    case "storeCredential":
      return storeSecret(part, action);
    case "replaceSecret":
      return replaceSecret(part, action.ref);
    case "claimState": {
      const stored = await stateOf(part);
      return writeState(part.context, part.resource, stored, stored.content);
    }
    case "removeState":
      return discardState(part.context, await stateOf(part));
    case "prepareKey":
      return prepareKey(part, action.algorithm);
    case "registerKey":
      return registerKey(part, action.ref);
    case "registerSubject":
      return registerSubject(part, action);
    case "registerPublicKeys":
      return registerPublicKeys(part, action);
  }
}

/**
 * Takes the secret in force from the provider; where that cannot be shown, from the Secret that was published; else puts a
 * new one in force, beside what may still be in use where that is possible.
 */
async function storeSecret(
  part: CredentialPart,
  { ref, why }: Extract<CredentialAction, { type: "storeCredential" }>,
): Promise<void> {
  const { provider } = part;
  const stored = await stateOf(part);
  const client = await presentClient(part, ref);
  const known = (await provider.clients.readSecret(ref)) ?? (await publishedSecret(part));
  const clientSecret = known ?? (await newSecret(provider, client));
  await storeTaken(part, stored, client, clientSecret);
  announceStored(part, why, client, known === undefined);
}

/** Explains to people why a workload was refused for a moment, or why there is another credential. */
function announceStored(
  { context, resource, state }: CredentialPart,
  why: Extract<CredentialAction, { type: "storeCredential" }>["why"],
  { clientId }: ObservedClient,
  isNew: boolean,
): void {
  const { namespace = "", name } = resource.metadata;
  if (why === "ChangedAtProvider") {
    const secret = `${namespace}/${secretNameOf(resource)}`;
    if (state.current !== undefined) recordChange(context, resource, { type: "credentialChanged", clientId, secret });
    return;
  }
  // The first credential of a client was never lost.
  const isFirst = resource.status?.clientId !== clientId || (resource.status.credentials ?? []).length === 0;
  const secret = `${namespace}/${stateSecretNameOf(name)}`;
  if (!isFirst) recordChange(context, resource, { type: "stateLost", clientId, secret, isNew });
}

async function storeTaken(
  part: CredentialPart,
  stored: StoredState,
  client: ObservedClient,
  clientSecret: string,
): Promise<void> {
  const { provider } = part;
  const { current, next, previous } = stored.content;
  const made = secretOf(part.context, methodOf(client, provider), clientSecret);
  const before = current !== undefined && "clientSecret" in current ? current : undefined;
  const isSameClient = stored.content.clientId === client.clientId;
  // Only what it is used with changed: everything that is known of it stays.
  if (before?.clientSecret === clientSecret && isSameClient)
    return storeInForce(part, stored, client, {
      current: { ...before, authenticationMethod: made.authenticationMethod },
      next,
      previous,
    });
  return storeInForce(part, stored, client, {
    current: { ...made, ...recalled(part), request: answeredRequest(part) },
    // What was made for another client is of no use to this one.
    next: isSameClient ? next : undefined,
    previous: isSameClient ? unannounced(previous) : undefined,
  });
}

/** A secret that the provider chooses, in place of the one in force: it starts its own age. */
async function replaceSecret(part: CredentialPart, ref: Ref): Promise<void> {
  const { context, desired, provider } = part;
  const stored = await stateOf(part);
  const client = await presentClient(part, ref);
  const clientSecret = await provider.clients.replaceSecret(ref, undefined);
  noteRequestedRotation(context.memory, part.resource.metadata.uid, context.now());
  const made = secretOf(context, methodOf(client, provider), clientSecret);
  await storeInForce(part, stored, client, {
    current: { ...made, request: desired.rotation.request },
    next: undefined,
    previous: unannounced(stored.content.previous),
  });
  const secret = `${part.resource.metadata.namespace ?? ""}/${secretNameOf(part.resource)}`;
  recordChange(context, part.resource, { type: "secretReplaced", clientId: client.clientId, secret });
}

/** One that was announced ended when its successor came into force; another ends when its time has come. */
const unannounced = (previous: CredentialValues | undefined): CredentialValues | undefined =>
  previous?.isShown === true ? undefined : previous;

function storeInForce(
  { context, provider, resource }: CredentialPart,
  stored: StoredState,
  { clientId }: ObservedClient,
  credentials: Pick<StateContent, "current" | "next" | "previous">,
): Promise<void> {
  return writeState(context, resource, stored, { clientId, tenant: provider.tenant, ...credentials });
}

function methodOf(client: ObservedClient, { capabilities }: Provider): AuthenticationMethod {
  return client.authenticationMethod ?? capabilities.authenticationMethods[0] ?? "client_secret_basic";
}

async function newSecret({ capabilities, clients }: Provider, { ref, lacksSecretOverlap }: ObservedClient) {
  if (capabilities.secretOverlap !== "full" || lacksSecretOverlap === true)
    return clients.replaceSecret(ref, undefined);
  const secret = makeSecret();
  await clients.addSecret(ref, secret);
  return secret;
}

interface Age {
  readonly createdAt?: string;
}

/** A known age is kept: a credential that may be older than a compromise must not count as newer. */
function recalled({ desired, resource }: CredentialPart): Age {
  const known = resource.status?.credentials?.find(({ state }) => state === "Current")?.createdAt;
  const { compromisedAt } = desired.rotation;
  if (known !== undefined) return { createdAt: known };
  if (compromisedAt === undefined || "problem" in compromisedAt) return {};
  return { createdAt: new Date(compromisedAt.time.getTime() - 1000).toISOString() };
}

/** A request is answered once, also when what remembered it was lost. */
function answeredRequest({ desired, resource }: CredentialPart): string | undefined {
  const { lastHandledRotateAt, clientId } = resource.status ?? {};
  return clientId === undefined ? desired.rotation.request : lastHandledRotateAt;
}

/** A private key is written down before its public half leaves this process: a crash cannot lose it. */
async function prepareKey(part: CredentialPart, algorithm: string): Promise<void> {
  const { context, desired, provider, resource } = part;
  const stored = await stateOf(part);
  const key = await makeKey(context, algorithm);
  const next = { ...key, request: desired.rotation.request };
  await writeState(context, resource, stored, { ...stored.content, tenant: provider.tenant, next });
}

/** The key that is written down: about to be in force, else in force and lost at the provider. */
function writtenKey({ content: { current, next } }: StoredState): KeyCredential | undefined {
  return [next, current].find((credential) => credential?.authenticationMethod === "private_key_jwt");
}

/** Each with the algorithm that fits it. */
const ownKeys = ({ keys }: Desired, algorithm: string): readonly PublicKey[] =>
  (keys.publicKeys ?? []).map(({ keyId, pem, type }) => ({ keyId, pem, algorithm: algorithmFor(type, algorithm) }));

/** Registered already or not: the provider ends with this key among others, and the state Secret says where. */
async function registerKey(part: CredentialPart, ref: Ref): Promise<void> {
  const { context, provider, resource } = part;
  const stored = await stateOf(part);
  const { current } = stored.content;
  if (current?.authenticationMethod !== "private_key_jwt") throw new ObjectChanged("The key in force is gone.");
  await presentClient(part, ref);
  const registered = await provider.clients.addPublicKey(ref, publicHalf(current));
  const kept = { ...current, registration: registered.ref };
  await writeState(context, resource, stored, { ...stored.content, current: kept });
  announceRegistered(part, "its public key");
}

async function registerPublicKeys(
  part: CredentialPart,
  { ref, algorithm }: Extract<CredentialAction, { type: "registerPublicKeys" }>,
): Promise<void> {
  const wanted = ownKeys(part.desired, algorithm);
  await recordKeys(part, await part.provider.clients.setPublicKeys(ref, wanted), wanted);
  announceRegistered(part, "its public keys");
}

/** Somebody replaced by hand what the client authenticates with, or an own step ends only now. */
function announceRegistered({ context, resource }: CredentialPart, field: string): void {
  if (!wasConverged(resource)) return;
  const object = `Client ${resource.status?.clientId ?? ""}`;
  recordChange(context, resource, { type: "driftReverted", object, fields: [field] });
}

/** Registered already or not: the provider ends with this subject and no other, and the state Secret says so. */
async function registerSubject(
  part: CredentialPart,
  { ref, subject }: Extract<CredentialAction, { type: "registerSubject" }>,
): Promise<void> {
  const stored = await stateOf(part);
  const client = await presentClient(part, ref);
  await subjectsOf(part.provider).set(ref, subject);
  const { clientId, current, previous } = stored.content;
  const isKnown = current?.authenticationMethod === "kubernetes" && current.subject === subject;
  if (isKnown && clientId === client.clientId) return announceRegistered(part, "its service account");
  const made = serviceAccountCredential(part.context, subject);
  return storeInForce(part, stored, client, {
    current: { ...made, request: answeredRequest(part) },
    next: undefined,
    previous: clientId === client.clientId ? unannounced(previous) : undefined,
  });
}

/** Throws `unsupported` where the provider knows no service accounts: the plan refuses them there. */
export function subjectsOf({ clients }: Pick<Provider, "clients">): Subjects {
  if (clients.subjects !== undefined) return clients.subjects;
  throw new ProviderError("unsupported", "The provider supports no service accounts.");
}

/** Of keys that are the user's nothing is kept but where they are registered. */
async function recordKeys(
  { context, resource }: CredentialPart,
  registered: readonly RegisteredKey[],
  keys: readonly PublicKey[],
): Promise<void> {
  const createdAt = context.now().toISOString();
  const credentials = registered.map(({ ref: id, keyId }) => {
    const algorithm = keys.find((key) => key.keyId === keyId)?.algorithm;
    return { id, keyId, algorithm, state: "Current" as const, createdAt };
  });
  await context.resources.m2mClients.writeStatus(resource, { ...statusSoFar(resource, context.now()), credentials });
}

/**
 * What the state Secret holds before a client is created. Where there is none, the note of the create is what keeps two
 * from creating at once, and the Secret is created, never replaced: no read is needed.
 */
export const stateBeforeCreate = async (part: CredentialPart): Promise<StoredState> =>
  part.state.ownership === "none" ? NOTHING_STORED : stateOf(part);

/** Creates a client and stores what it authenticates with. */
export async function createWithCredential(
  part: CredentialPart,
  stored: StoredState,
  spec: ClientSpec,
  mark: Mark,
): Promise<void> {
  if (spec.authenticationMethod === "private_key_jwt") return createWithKeys(part, stored, spec, mark);
  const { context, desired, provider } = part;
  const { client, clientSecret } = await provider.clients.create(spec, mark);
  if (spec.authenticationMethod === "kubernetes" && spec.subject !== undefined) {
    const current = { ...serviceAccountCredential(context, spec.subject), request: desired.rotation.request };
    return storeInForce(part, stored, client, { current, next: undefined, previous: undefined });
  }
  if (clientSecret === undefined) return;
  const current = {
    ...secretOf(context, spec.authenticationMethod, clientSecret),
    request: desired.rotation.request,
  };
  await storeInForce(part, stored, client, { current, next: undefined, previous: undefined });
}

async function createWithKeys(part: CredentialPart, stored: StoredState, spec: ClientSpec, mark: Mark): Promise<void> {
  const { desired, provider } = part;
  const algorithm = algorithmOf(desired, provider);
  if (desired.keys.publicKeys !== undefined) {
    const publicKeys = ownKeys(desired, algorithm);
    return recordKeys(part, (await provider.clients.create({ ...spec, publicKeys }, mark)).keys, publicKeys);
  }
  const key = writtenKey(stored);
  if (key === undefined) throw new ProviderError("unavailable", "The key pair is not stored yet.");
  const { client, keys } = await provider.clients.create({ ...spec, publicKeys: [publicHalf(key)] }, mark);
  const current = { ...key, registration: keys[0]?.ref };
  await storeInForce(part, stored, client, { current, next: undefined, previous: undefined });
}
