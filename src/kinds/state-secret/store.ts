import { formatState, parseState, type StateContent } from "./document.ts";
import { ownershipOf } from "../../publication/ownership.ts";
import type { OwnerReference } from "../../ports/cluster.ts";
import type { KindContext } from "../kind-context.ts";
import { MANAGED_LABELS, ownerReferenceOf } from "../outputs/write.ts";
import { stateSecretNameOf } from "./read.ts";
import { factsOf, type StateView } from "./facts.ts";
import type { M2MClient } from "../m2m-client/schema.ts";

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
