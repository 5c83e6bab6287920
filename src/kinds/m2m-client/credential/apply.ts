import { makeSecret } from "./secret.ts";
import type {
  AuthenticationMethod,
  ClientSpec,
  CreatedClient,
  ObservedClient,
  Provider,
  PublicKey,
  Ref,
  RegisteredKey,
} from "../../../ports/provider.ts";
import { ProviderError } from "../../../ports/provider-error.ts";
import type { CredentialValues, KeyCredential } from "../../../publication/inputs.ts";
import type { KindContext } from "../../kind-context.ts";
import { statusSoFar } from "../../status/report.ts";
import type { CredentialAction, Desired } from "../model.ts";
import type { M2MClient } from "../schema.ts";
import { makeKey, publicHalf, secretOf } from "./make.ts";
import { publishedSecret } from "../publication/published-secret.ts";
import { readState, removeState, writeState } from "../../state-secret/store.ts";

export interface CredentialPart {
  readonly context: KindContext;
  readonly resource: M2MClient;
  readonly desired: Desired;
  readonly provider: Provider;
}

/** Carries out one step of the credential. Each may be repeated after a crash. */
export async function applyCredential(part: CredentialPart, action: CredentialAction): Promise<void> {
  switch (action.type) {
    case "storeCredential":
      return storeSecret(part, action.ref, undefined);
    case "replaceSecret":
      return storeSecret(part, action.ref, await part.provider.clients.replaceSecret(action.ref, undefined));
    case "claimState":
      return writeState(part.context, part.resource, await readState(part.context, part.resource));
    case "removeState":
      return removeState(part.context, part.resource);
    case "prepareKey":
      return prepareKey(part, action.algorithm);
    case "registerKey":
      return registerKey(part, action.ref);
    case "registerPublicKeys": {
      const keys = await part.provider.clients.setPublicKeys(action.ref, ownKeys(part.desired, action.algorithm));
      return recordKeys(part, keys, action.algorithm);
    }
  }
}

/**
 * Takes the secret in force from the provider; where that cannot be shown, from the Secret that was published; else puts a
 * new one in force, beside what may still be in use where that is possible.
 */
async function storeSecret(part: CredentialPart, ref: Ref, given: string | undefined): Promise<void> {
  const { context, provider, resource } = part;
  const client = await provider.clients.get(ref);
  if (client === undefined) return;
  const clientSecret =
    given ??
    (await provider.clients.readSecret(ref)) ??
    (await publishedSecret(part)) ??
    (await newSecret(provider, ref));
  const { current, previous } = await readState(context, resource);
  await writeState(context, resource, {
    clientId: client.clientId,
    tenant: provider.tenant,
    current: {
      ...secretOf(context, methodOf(client, provider), clientSecret),
      // One that was made just now is as young as it looks.
      ...(given === undefined ? ageOf(part, current, clientSecret) : {}),
      request: given === undefined ? answeredRequest(part) : part.desired.rotation.request,
    },
    next: undefined,
    // It ends when its time has come.
    previous: previous?.isShown === true ? undefined : previous,
  });
}

function methodOf(client: ObservedClient, { capabilities }: Provider): AuthenticationMethod {
  return client.authenticationMethod ?? capabilities.authenticationMethods[0] ?? "client_secret_basic";
}

async function newSecret({ capabilities, clients }: Provider, ref: Ref): Promise<string> {
  if (capabilities.secretOverlap !== "full") return clients.replaceSecret(ref, undefined);
  const secret = makeSecret();
  await clients.addSecret(ref, secret);
  return secret;
}

function ageOf(part: CredentialPart, current: CredentialValues | undefined, clientSecret: string): Age {
  const isSame = current?.authenticationMethod !== "private_key_jwt" && current?.clientSecret === clientSecret;
  return isSame ? { createdAt: current.createdAt } : recalled(part);
}

interface Age {
  readonly createdAt?: string;
}

/** Age goes on where it is known. What may be older than a compromise must not pass for newer. */
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
async function prepareKey({ context, desired, provider, resource }: CredentialPart, algorithm: string): Promise<void> {
  const state = await readState(context, resource);
  const key = await makeKey(context, algorithm);
  const next = { ...key, request: desired.rotation.request };
  await writeState(context, resource, { ...state, tenant: provider.tenant, next });
}

/** The key that is written down: about to be in force, else in force and lost at the provider. */
async function writtenKey({ context, resource }: CredentialPart): Promise<KeyCredential | undefined> {
  const { current, next } = await readState(context, resource);
  return [next, current].find((credential) => credential?.authenticationMethod === "private_key_jwt");
}

const ownKeys = ({ keys }: Desired, algorithm: string): readonly PublicKey[] =>
  (keys.publicKeys ?? []).map((key) => ({ ...key, algorithm }));

/** Registered already or not: the provider ends with this key among others, and the state Secret says where. */
async function registerKey({ context, provider, resource }: CredentialPart, ref: Ref): Promise<void> {
  const state = await readState(context, resource);
  const { current } = state;
  if (current?.authenticationMethod !== "private_key_jwt") return;
  const registered = await provider.clients.addPublicKey(ref, publicHalf(current));
  await writeState(context, resource, { ...state, current: { ...current, registration: registered.ref } });
}

async function storeKey(
  { context, provider, resource }: CredentialPart,
  clientId: string,
  key: KeyCredential,
  registered: RegisteredKey | undefined,
): Promise<void> {
  const current = { ...key, registration: registered?.ref };
  await writeState(context, resource, {
    ...{ clientId, tenant: provider.tenant, current },
    ...{ next: undefined, previous: undefined },
  });
}

/** Of keys that are the user's nothing is kept but where they are registered. */
async function recordKeys(
  { context, resource }: CredentialPart,
  keys: readonly RegisteredKey[],
  algorithm: string,
): Promise<void> {
  const createdAt = context.now().toISOString();
  const credentials = keys.map(({ ref, keyId }) => ({
    id: ref,
    keyId,
    algorithm,
    state: "Current" as const,
    createdAt,
  }));
  await context.resources.m2mClients.writeStatus(resource, { ...statusSoFar(resource, context.now()), credentials });
}

/** The specification of a client that is about to be created, with the keys that it starts with. */
export async function withKeys(part: CredentialPart, spec: ClientSpec): Promise<ClientSpec> {
  if (spec.authenticationMethod !== "private_key_jwt") return spec;
  const { desired, provider } = part;
  const algorithm = desired.keys.algorithm ?? provider.capabilities.assertionAlgorithms[0] ?? "RS256";
  if (desired.keys.publicKeys !== undefined) return { ...spec, publicKeys: ownKeys(desired, algorithm) };
  const key = await writtenKey(part);
  if (key === undefined) throw new ProviderError("unavailable", "The key pair is not written down yet.");
  return { ...spec, publicKeys: [publicHalf(key)] };
}

/** What a client that was just created authenticates with. */
export async function storeCreated(
  part: CredentialPart,
  method: AuthenticationMethod,
  { client, clientSecret, keys }: CreatedClient,
): Promise<void> {
  const { context, desired, provider, resource } = part;
  if (method !== "private_key_jwt") {
    if (clientSecret === undefined) return;
    const current = { ...secretOf(context, method, clientSecret), request: desired.rotation.request };
    await writeState(context, resource, {
      ...{ clientId: client.clientId, tenant: provider.tenant, current },
      ...{ next: undefined, previous: undefined },
    });
    return;
  }
  const algorithm = desired.keys.algorithm ?? provider.capabilities.assertionAlgorithms[0] ?? "RS256";
  if (desired.keys.publicKeys !== undefined) {
    await recordKeys(part, keys, algorithm);
    return;
  }
  const key = await writtenKey(part);
  if (key !== undefined) await storeKey(part, client.clientId, key, keys[0]);
}
