import { formatState, parseState, type StateContent } from "../../publication/state.ts";
import type { CredentialValues } from "../../publication/inputs.ts";
import { ownershipOf } from "../../publication/ownership.ts";
import type { CredentialLife } from "../../rotation/step.ts";
import type { ObjectContent, OwnerReference } from "../../ports/cluster.ts";
import type { KindContext, RememberedState } from "../kind-context.ts";
import { MANAGED_LABELS, ownerReferenceOf } from "../outputs.ts";
import { stateSecretNameOf } from "../state-secret.ts";
import type { CredentialFacts, StateView } from "./model.ts";
import type { M2MClient } from "./schema.ts";

/** The type of Secret that only this operator writes and no workload mounts. */
const STATE_TYPE = "m2m-operator.io/state";

/** Looks at the state Secret; its content is read only when its version is not the one that was read last. */
export async function observeState(context: KindContext, resource: M2MClient): Promise<StateView> {
  const { namespace = "" } = resource.metadata;
  const name = stateSecretNameOf(resource.metadata.name);
  const head = context.secrets.head(namespace, name);
  if (head === undefined) return { ownership: "none", name, version: "" };
  const ownership = ownershipOf(head, ownerReferenceOf(resource));
  const version = `${head.uid}/${head.resourceVersion}`;
  const key = `${namespace}/${name}`;
  let remembered = context.memory.states.get(key);
  if (remembered?.version !== version) {
    const content = await context.secrets.read(namespace, name);
    if (content === undefined) return { ownership: "none", name, version: "" };
    remembered = factsOf(context, content);
    context.memory.states.set(key, remembered);
  }
  const { current, next, previous } = remembered;
  return {
    ownership,
    name,
    version: remembered.version,
    ...(current === undefined ? {} : { current }),
    ...(next === undefined ? {} : { next }),
    ...(previous === undefined ? {} : { previous }),
  };
}

function factsOf(context: KindContext, content: ObjectContent): RememberedState {
  const { clientId = "", current, next, previous } = parseState(content.data);
  const facts = (credential: CredentialValues | undefined) =>
    credential === undefined ? undefined : credentialFacts(context, clientId, credential);
  return {
    version: `${content.uid}/${content.resourceVersion}`,
    // Nobody knows whose a credential without a client is.
    current: clientId === "" ? undefined : facts(current),
    next: facts(next),
    previous: facts(previous),
  };
}

function credentialFacts(context: KindContext, clientId: string, credential: CredentialValues): CredentialFacts {
  const { id, createdAt, authenticationMethod, registration, request } = credential;
  const common = { id, clientId, createdAt, authenticationMethod, registration, request, life: lifeOf(credential) };
  if (credential.authenticationMethod !== "private_key_jwt")
    return { ...common, kind: "secret", fingerprint: context.fingerprint(credential.clientSecret) };
  const { keyId = "", algorithm } = credential;
  return { ...common, kind: "key", keyId, algorithm };
}

function lifeOf(credential: CredentialValues): CredentialLife {
  const timeOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));
  return {
    createdAt: new Date(credential.createdAt),
    registeredAt: timeOf(credential.registeredAt),
    announcedAt: timeOf(credential.announcedAt),
    activatedAt: timeOf(credential.activatedAt),
    publishedAt: timeOf(credential.publishedAt),
    isShown: credential.isShown === true,
  };
}

/** What the state Secret holds now; empty when there is none. */
export async function readState(context: KindContext, resource: M2MClient): Promise<StateContent> {
  const { namespace = "", name } = resource.metadata;
  const content = await context.secrets.read(namespace, stateSecretNameOf(name));
  return parseState(content?.data ?? {});
}

/** Writes the credential down before anything else may use it. */
export async function writeState(context: KindContext, resource: M2MClient, content: StateContent): Promise<void> {
  const { namespace = "" } = resource.metadata;
  const name = stateSecretNameOf(resource.metadata.name);
  const owner: OwnerReference = ownerReferenceOf(resource);
  const manifest = {
    namespace,
    name,
    type: STATE_TYPE,
    labels: MANAGED_LABELS,
    annotations: {},
    owner,
    // A private key cannot be made again.
    isKept: true as const,
    data: formatState(content),
  };
  const before = await context.secrets.read(namespace, name);
  if (before === undefined) await context.secrets.create(manifest);
  else if (ownershipOf(before, owner) === "foreign") throw new Error(`Secret ${name} was not made for this resource`);
  else await context.secrets.replace(before, manifest);
}

/** Asked of the API server itself: what is overlooked here would stay for good. */
export async function removeState(context: KindContext, resource: M2MClient): Promise<void> {
  const { namespace = "", name } = resource.metadata;
  const content = await context.secrets.read(namespace, stateSecretNameOf(name));
  if (content !== undefined && ownershipOf(content, ownerReferenceOf(resource)) === "ours")
    await context.secrets.remove(content);
}
