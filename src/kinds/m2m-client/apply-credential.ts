import { makeKeyPair } from "../../credentials/key-pair.ts";
import { publicKeyOf } from "../../credentials/public-key.ts";
import type {
  AuthenticationMethod,
  ClientSpec,
  CreatedClient,
  Provider,
  PublicKey,
  Ref,
  RegisteredKey,
} from "../../ports/provider.ts";
import { ProviderError } from "../../ports/provider-error.ts";
import type { CredentialValues, KeyCredential } from "../../publication/inputs.ts";
import type { KindContext } from "../kind-context.ts";
import { statusSoFar } from "../report.ts";
import type { CredentialAction, Desired } from "./model.ts";
import type { M2MClient } from "./schema.ts";
import { readState, removeState, writeState } from "./state.ts";

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
      return registerKey(part, action.ref, action.keepsOthers);
    case "registerPublicKeys": {
      const keys = await part.provider.clients.setPublicKeys(action.ref, ownKeys(part.desired, action.algorithm));
      return recordKeys(part, keys, action.algorithm);
    }
  }
}

/** Takes the secret in force from the provider; where that cannot be shown, puts a new one in force. */
async function storeSecret(part: CredentialPart, ref: Ref, given: string | undefined): Promise<void> {
  const { context, provider, resource } = part;
  const client = await provider.clients.get(ref);
  if (client === undefined) return;
  const shown = given ?? (await provider.clients.readSecret(ref));
  const clientSecret = shown ?? (await provider.clients.replaceSecret(ref, undefined));
  const method = client.authenticationMethod ?? provider.capabilities.authenticationMethods[0] ?? "client_secret_basic";
  const current = secretOf(context, method, clientSecret);
  await writeState(context, resource, {
    clientId: client.clientId,
    tenant: provider.tenant,
    current,
    next: undefined,
  });
}

function secretOf(context: KindContext, method: AuthenticationMethod, clientSecret: string): CredentialValues {
  if (method === "private_key_jwt") throw new ProviderError("unavailable", "The client still authenticates with keys.");
  return { id: context.nonce(), authenticationMethod: method, clientSecret, createdAt: context.now().toISOString() };
}

/** A private key is written down before its public half leaves this process: a crash cannot lose it. */
async function prepareKey({ context, provider, resource }: CredentialPart, algorithm: string): Promise<void> {
  const { privateKey, keyId } = await makeKeyPair();
  const { clientId, current } = await readState(context, resource);
  const next: KeyCredential = {
    id: keyId,
    createdAt: context.now().toISOString(),
    authenticationMethod: "private_key_jwt",
    privateKey,
    keyId,
    algorithm,
    registration: undefined,
  };
  await writeState(context, resource, { clientId, tenant: provider.tenant, current, next });
}

/** The key that is written down: about to be in force, else in force and lost at the provider. */
async function writtenKey({ context, resource }: CredentialPart): Promise<KeyCredential | undefined> {
  const { current, next } = await readState(context, resource);
  return [next, current].find((credential) => credential?.authenticationMethod === "private_key_jwt");
}

function publicHalf({ privateKey = "", algorithm }: KeyCredential): PublicKey {
  return { ...publicKeyOf(privateKey), algorithm };
}

const ownKeys = ({ keys }: Desired, algorithm: string): readonly PublicKey[] =>
  (keys.publicKeys ?? []).map((key) => ({ ...key, algorithm }));

/** Registered already or not: the provider ends with exactly this key, and the state Secret says where. */
async function registerKey(part: CredentialPart, ref: Ref, keepsOthers: boolean): Promise<void> {
  const { provider } = part;
  const client = await provider.clients.get(ref);
  const key = await writtenKey(part);
  if (client === undefined || key === undefined) return;
  const [registered] = keepsOthers
    ? [await provider.clients.addPublicKey(ref, publicHalf(key))]
    : await provider.clients.setPublicKeys(ref, [publicHalf(key)]);
  await storeKey(part, client.clientId, key, registered);
}

async function storeKey(
  { context, provider, resource }: CredentialPart,
  clientId: string,
  key: KeyCredential,
  registered: RegisteredKey | undefined,
): Promise<void> {
  const current = { ...key, registration: registered?.ref };
  await writeState(context, resource, { clientId, tenant: provider.tenant, current, next: undefined });
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
    const current = secretOf(context, method, clientSecret);
    await writeState(context, resource, {
      clientId: client.clientId,
      tenant: provider.tenant,
      current,
      next: undefined,
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
