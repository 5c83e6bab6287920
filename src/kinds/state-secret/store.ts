import { ownershipOf } from "../../publication/ownership.ts";
import type { ObjectContent, ObjectHead } from "../../ports/cluster.ts";
import { ObjectChanged } from "../../ports/object-changed.ts";
import type { KindContext } from "../kind-context.ts";
import type { M2MClient } from "../m2m-client/schema.ts";
import { nameOf } from "../relations/indexes.ts";
import { MANAGED_LABELS, ownerReferenceOf } from "../outputs/write.ts";
import { formatState, parseState, type StateContent } from "./document.ts";
import { factsOf, type RememberedState, type StateView, versionOf } from "./facts.ts";
import { stateSecretNameOf } from "./name.ts";
import { stateOfRecord } from "./recorded.ts";

/** The type of Secret that only this operator writes and no workload mounts. */
const STATE_TYPE = "m2m-operator.io/state";

const EMPTY: StateContent = {
  clientId: undefined,
  tenant: undefined,
  current: undefined,
  next: undefined,
  previous: undefined,
};

/** What the state Secret holds, and what a write replaces: exactly this, or nothing. */
export interface StoredState {
  readonly content: StateContent;
  /** As it was read; `undefined` when there was none. */
  readonly head: ObjectContent | undefined;
}

type Ports = Pick<KindContext, "secrets">;
/** What a write is remembered with, so that nobody reads again what this process has just written. */
type WritePorts = Pick<KindContext, "secrets" | "memory" | "fingerprint">;

/** Version of a state Secret that does not exist. */
const NO_VERSION = "";

/**
 * Observes the state Secret. Its content is read only when its version is neither the one that this process knows nor the
 * one that status records. `resource` must have a proven status.
 */
export async function observeState(
  { secrets, memory, fingerprint }: Pick<KindContext, "secrets" | "memory" | "fingerprint">,
  resource: M2MClient,
): Promise<StateView> {
  const { namespace = "" } = resource.metadata;
  const name = stateSecretNameOf(resource.metadata.name);
  const head = secrets.head(namespace, name);
  if (head === undefined) return { ownership: "none", name, version: NO_VERSION };
  const ownership = ownershipOf(head, ownerReferenceOf(resource));
  const key = nameOf(namespace, name);
  let remembered = knownState({ memory }, key, resource, versionOf(head));
  if (remembered === undefined) {
    const content = await secrets.read(namespace, name);
    if (content === undefined) return { ownership: "none", name, version: NO_VERSION };
    remembered = factsOf({ fingerprint }, content);
    keep({ secrets, memory }, key, content, remembered);
  }
  const { current, next, previous, version } = remembered;
  return {
    ...{ ownership, name, version },
    ...(current === undefined ? {} : { current }),
    ...(next === undefined ? {} : { next }),
    ...(previous === undefined ? {} : { previous }),
  };
}

/** What status records needs no memory of its own. */
export function forgetRecordedState({ memory }: Pick<KindContext, "memory">, resource: M2MClient | undefined): void {
  if (resource === undefined) return;
  const key = nameOf(resource.metadata.namespace, stateSecretNameOf(resource.metadata.name));
  if (memory.states.get(key)?.version === resource.status?.stateSecret?.version) memory.states.delete(key);
}

function knownState(
  { memory }: Pick<KindContext, "memory">,
  key: string,
  { status }: M2MClient,
  version: string,
): RememberedState | undefined {
  if (status?.stateSecret?.version === version) return stateOfRecord(status.stateSecret);
  const remembered = memory.states.get(key);
  return remembered?.version === version ? remembered : undefined;
}

/** Nothing is stored: a write creates the Secret, and so fails when there is one. */
export const NOTHING_STORED: StoredState = { content: EMPTY, head: undefined };

/**
 * Reads the state that a plan was made from. Throws `ObjectChanged` when it is another by now, also when there was none:
 * what was decided on the old one must not be done with the new one.
 */
export async function readState(
  { secrets }: Ports,
  resource: M2MClient,
  seen: Pick<StateView, "version">,
): Promise<StoredState> {
  const { namespace = "", name } = resource.metadata;
  const head = await secrets.read(namespace, stateSecretNameOf(name));
  const version = head === undefined ? NO_VERSION : versionOf(head);
  if (version !== seen.version)
    throw new ObjectChanged(`Secret ${stateSecretNameOf(name)} changed during the reconciliation.`);
  return head === undefined ? NOTHING_STORED : { content: parseState(head.data), head };
}

/**
 * Writes the credentials down before anything else may use them: compare and swap, with `head` as the precondition.
 * Throws a conflict when the Secret is no longer that one.
 */
export async function writeState(
  { secrets, memory, fingerprint }: WritePorts,
  resource: M2MClient,
  { head }: Pick<StoredState, "head">,
  content: StateContent,
): Promise<void> {
  const { namespace = "" } = resource.metadata;
  const name = stateSecretNameOf(resource.metadata.name);
  const owner = ownerReferenceOf(resource);
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
  if (head !== undefined && ownershipOf(head, owner) === "foreign")
    throw new Error(`Secret ${name} was not created for this resource`);
  const written = head === undefined ? await secrets.create(manifest) : await secrets.replace(head, manifest);
  const facts = factsOf({ fingerprint }, { ...written, type: manifest.type, data: manifest.data });
  keep({ secrets, memory }, nameOf(namespace, name), written, facts);
}

/** Unless it was deleted meanwhile: nobody would forget it. */
function keep(
  { secrets, memory }: Pick<KindContext, "secrets" | "memory">,
  key: string,
  { namespace, name }: ObjectHead,
  facts: RememberedState,
): void {
  if (secrets.head(namespace, name) !== undefined) memory.states.set(key, facts);
}

/** Removes what was read, and nothing that was written since. */
export async function discardState({ secrets }: Ports, { head }: Pick<StoredState, "head">): Promise<void> {
  if (head !== undefined) await secrets.remove(head);
}

/** Deletes the state Secret with its resource. Asks the API server itself, because an overlooked Secret would stay. */
export async function removeState({ secrets }: Ports, resource: M2MClient): Promise<void> {
  const { namespace = "", name } = resource.metadata;
  const content = await secrets.read(namespace, stateSecretNameOf(name));
  if (content !== undefined && ownershipOf(content, ownerReferenceOf(resource)) === "ours")
    await secrets.remove(content);
}
