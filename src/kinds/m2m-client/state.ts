import { formatState, parseState } from "../../publication/state.ts";
import type { CredentialValues } from "../../publication/inputs.ts";
import { ownershipOf } from "../../publication/ownership.ts";
import type { ObjectContent, OwnerReference } from "../../ports/cluster.ts";
import type { KindContext, StateFacts } from "../kind-context.ts";
import { MANAGED_LABELS, ownerReferenceOf } from "../outputs.ts";
import { stateSecretNameOf } from "../state-secret.ts";
import type { StateView } from "./plan.ts";
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
    remembered = { version: `${content.uid}/${content.resourceVersion}`, current: factsOf(context, content) };
    context.memory.states.set(key, remembered);
  }
  const { current } = remembered;
  return { ownership, name, version: remembered.version, ...(current === undefined ? {} : { current }) };
}

function factsOf(context: KindContext, content: ObjectContent): StateFacts | undefined {
  const { clientId, current } = parseState(content.data);
  if (clientId === undefined || current === undefined) return undefined;
  return {
    id: current.id,
    clientId,
    fingerprint: context.fingerprint(current.clientSecret),
    authenticationMethod: current.authenticationMethod,
    createdAt: current.createdAt,
  };
}

/** Writes the credential down before anything else may use it. */
export async function writeState(
  context: KindContext,
  resource: M2MClient,
  content: { readonly clientId: string; readonly tenant: string; readonly current: CredentialValues },
): Promise<void> {
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
    data: formatState(content),
  };
  const before = await context.secrets.read(namespace, name);
  if (before === undefined) await context.secrets.create(manifest);
  else if (ownershipOf(before, owner) === "foreign") throw new Error(`Secret ${name} was not made for this resource`);
  else await context.secrets.replace(before, manifest);
}
