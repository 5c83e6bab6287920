import { isApiServerError } from "../../controller/api-server-refusal.ts";
import { MANAGED_LABEL, ownershipOf } from "../../publication/ownership.ts";
import { isPublishedName, withPublishedName } from "../../publication/published-as.ts";
import { formerKeys, withRememberedKeys } from "../../publication/remembered-keys.ts";
import type { ObjectClient, ObjectContent, ObjectHead, ObjectManifest, OwnerReference } from "../../ports/cluster.ts";
import { ObjectChanged } from "../../ports/object-changed.ts";
import type { Resource } from "../../ports/resource.ts";
import type { KindContext } from "../kind-context.ts";
import type { OutputRecord, OutputView } from "./decide.ts";
import { outputKeyOf } from "./memory.ts";

/** On everything this operator publishes; what carries it and is controlled by our resource is ours to write. */
export const MANAGED_LABELS: Readonly<Record<string, string>> = {
  [MANAGED_LABEL]: "true",
  "app.kubernetes.io/managed-by": "m2m-operator",
};

export function ownerReferenceOf(resource: Resource): OwnerReference {
  const { apiVersion, kind, metadata } = resource;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true };
}

/** Compares what exists with what was written last, by version alone. */
export function observeOutput(
  context: Pick<KindContext, "memory">,
  objects: ObjectClient,
  resource: Resource,
  name: string,
  wanted: string,
  recorded: readonly OutputRecord[],
): OutputView {
  const { namespace = "" } = resource.metadata;
  const head = objects.head(namespace, name);
  const key = outputKeyOf(objects.kind, namespace, name);
  const record =
    context.memory.outputs.get(key) ?? recorded.find((output) => output.kind === objects.kind && output.name === name);
  return {
    ...{ kind: objects.kind, namespace, name, field: fieldOf(resource, objects.kind) },
    ownership: head === undefined ? "none" : ownershipOf(head, ownerReferenceOf(resource)),
    ...controllerOf(head, namespace),
    uid: head?.uid,
    resourceVersion: head?.resourceVersion,
    record,
    wanted,
  };
}

function fieldOf({ kind }: Resource, output: OutputView["kind"]): string {
  if (output === "ConfigMap") return "spec.configMap.name";
  return kind === "OAuthApi" ? "spec.signingSecret.name" : "spec.secret.name";
}

function controllerOf(head: ObjectHead | undefined, namespace: string): Pick<OutputView, "controller"> {
  const owner = head?.owners.find(({ controller }) => controller === true);
  return owner === undefined ? {} : { controller: `${owner.kind} ${namespace}/${owner.name}` };
}

/**
 * Brings one published object to its manifest: created by POST, so that what exists is never overwritten; patched with
 * uid and resource version as preconditions otherwise, and left alone when the content is right already.
 */
export async function publishOutput(
  context: Pick<KindContext, "memory">,
  objects: ObjectClient,
  wanted: ObjectManifest,
  renderedFrom: string,
  credentials?: string,
): Promise<void> {
  const manifest = withRememberedKeys(wanted);
  const { namespace, name } = manifest;
  const written = (await created(objects, manifest)) ?? (await repaired(objects, manifest));
  const { uid, resourceVersion } = written;
  const record: OutputRecord = {
    ...{ kind: objects.kind, name, uid, resourceVersion, renderedFrom },
    ...(credentials === undefined ? {} : { credentials }),
  };
  // Deleted meanwhile: nobody would forget it.
  if (objects.head(namespace, name) !== undefined)
    context.memory.outputs.set(outputKeyOf(objects.kind, namespace, name), record);
}

/** Nothing is read where the cache knows of nothing; `undefined` when there is something all the same. */
async function created(objects: ObjectClient, manifest: ObjectManifest): Promise<ObjectHead | undefined> {
  if (objects.head(manifest.namespace, manifest.name) !== undefined) return undefined;
  try {
    return await objects.create(withPublishedName(manifest));
  } catch (error) {
    if (isApiServerError(error) && error.reason === "AlreadyExists") return undefined;
    throw error;
  }
}

/** Throws when the object turned out to be somebody else's, which the cache will show. */
async function repaired(objects: ObjectClient, manifest: ObjectManifest): Promise<ObjectHead> {
  const before = await objects.read(manifest.namespace, manifest.name);
  if (before === undefined) return objects.create(withPublishedName(manifest));
  if (ownershipOf(before, manifest.owner) === "foreign")
    throw new ObjectChanged(`${objects.kind} ${manifest.name} now belongs to another owner.`);
  const former = formerKeys(before, manifest);
  const isClean = former.labels.length === 0 && former.annotations.length === 0;
  return isClean && isAsWanted(before, manifest)
    ? before
    : objects.replace(before, withPublishedName(manifest), former);
}

function isAsWanted(before: ObjectContent, manifest: ObjectManifest): boolean {
  const isOwned = before.owners.some((owner) => owner.uid === manifest.owner.uid && owner.controller === true);
  return (
    isOwned &&
    isSameRecord(before.data, manifest.data) &&
    containsRecord(before.labels, manifest.labels) &&
    containsRecord(before.annotations, manifest.annotations)
  );
}

function isSameRecord(present: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.keys(present).length === Object.keys(wanted).length && containsRecord(present, wanted);
}

function containsRecord(present: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => present[key] === value);
}

/** What was written last under this name, whichever of memory and status knows it. */
export function recordOf(
  context: Pick<KindContext, "memory">,
  namespace: string,
  name: string,
  recorded: readonly OutputRecord[],
): OutputRecord | undefined {
  return (
    context.memory.outputs.get(outputKeyOf("Secret", namespace, name)) ??
    recorded.find((output) => output.kind === "Secret" && output.name === name)
  );
}

/** Removes an object of an earlier name, if it is still ours. */
export async function removeOutput(
  context: Pick<KindContext, "memory">,
  objects: ObjectClient,
  resource: Resource,
  name: string,
): Promise<void> {
  const { namespace = "" } = resource.metadata;
  const head = objects.head(namespace, name);
  context.memory.outputs.delete(outputKeyOf(objects.kind, namespace, name));
  if (head !== undefined && ownershipOf(head, ownerReferenceOf(resource)) === "ours") await objects.remove(head);
}

/**
 * What the operator published for this resource and status does not record, because a crash or another write of the same
 * resource came first. Nobody would remove it once the spec has another name for it.
 */
function unrecordedOutputs(
  objects: ObjectClient,
  { metadata: { uid, namespace = "" } }: Resource,
  recorded: readonly OutputRecord[],
): readonly OutputRecord[] {
  const { kind } = objects;
  const isRecorded = (head: ObjectHead): boolean =>
    recorded.some((record) => record.kind === kind && record.name === head.name && record.uid === head.uid);
  return objects
    .controlledBy(uid, namespace)
    .filter((head) => isPublishedName(head) && !isRecorded(head))
    .map((head) => ({ kind, name: head.name, uid: head.uid, resourceVersion: head.resourceVersion, renderedFrom: "" }));
}

/** The records for status: what was written last of each object that is still wanted or still there. */
export function recordsOf(
  context: Pick<KindContext, "configMaps" | "secrets">,
  resource: Resource,
  recorded: readonly OutputRecord[],
  views: readonly OutputView[],
): readonly OutputRecord[] {
  const { namespace = "" } = resource.metadata;
  const current = views.map((view) => view.record).filter((record) => record !== undefined);
  const unrecorded = [context.secrets, context.configMaps].flatMap((objects) =>
    unrecordedOutputs(objects, resource, recorded),
  );
  const former = [...recorded, ...unrecorded].filter((record) => {
    const objects = record.kind === "Secret" ? context.secrets : context.configMaps;
    const isCurrent = views.some((view) => view.kind === record.kind && view.name === record.name);
    return !isCurrent && objects.head(namespace, record.name)?.uid === record.uid;
  });
  return [...current, ...former];
}

/** Names of objects of this kind that were published under an earlier name and are still there. */
export function formerOutputs(
  objects: ObjectClient,
  resource: Resource,
  recorded: readonly OutputRecord[],
  wantedNames: readonly string[],
): readonly string[] {
  const { namespace = "" } = resource.metadata;
  return [...recorded, ...unrecordedOutputs(objects, resource, recorded)]
    .filter((record) => record.kind === objects.kind && !wantedNames.includes(record.name))
    .filter((record) => {
      const head = objects.head(namespace, record.name);
      return head?.uid === record.uid && !head.isDeleting;
    })
    .map((record) => record.name);
}
