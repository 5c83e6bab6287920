import { KubeError } from "../../src/kube/kube-error.ts";
import type { ObjectClient, ObjectContent, ObjectManifest, ResourceClient } from "../../src/ports/cluster.ts";
import type { Resource } from "../../src/ports/resource.ts";

const conflict = (name: string): KubeError => new KubeError(409, "Conflict", `${name} has been modified`);

/** The API server's rules for writes, in memory: create only what is not there, replace only what was read. */
export function createFakeSecrets(): ObjectClient {
  const objects = new Map<string, ObjectContent>();
  let version = 0;
  const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;
  const keep = (uid: string, manifest: ObjectManifest): ObjectContent => {
    const { namespace, name, type, labels, annotations, owner, data } = manifest;
    const owners = [{ ...owner, controller: true }];
    const facts = { labels, annotations, owners, finalizers: [], isDeleting: false, type, data };
    const kept = { ...facts, namespace, name, uid, resourceVersion: String(++version) };
    objects.set(keyOf(namespace, name), kept);
    return kept;
  };
  const unchanged = (before: { namespace: string; name: string; uid: string; resourceVersion?: string }) => {
    const present = objects.get(keyOf(before.namespace, before.name));
    const isSame = present?.uid === before.uid && present.resourceVersion === before.resourceVersion;
    if (present === undefined || !isSame) throw conflict(before.name);
    return present;
  };
  return {
    kind: "Secret",
    head: (namespace, name) => objects.get(keyOf(namespace, name)),
    controlledBy: (uid, namespace) =>
      [...objects.values()].filter(
        (object) => object.namespace === namespace && object.owners.some((owner) => owner.uid === uid),
      ),
    heldBy: () => [],
    read: (namespace, name) => Promise.resolve(objects.get(keyOf(namespace, name))),
    create: (manifest) => {
      if (objects.has(keyOf(manifest.namespace, manifest.name)))
        return Promise.reject(new KubeError(409, "AlreadyExists", `${manifest.name} already exists`));
      return Promise.resolve(keep(`uid-${String(version + 1)}`, manifest));
    },
    replace: async (before, manifest) => Promise.resolve(keep(unchanged(before).uid, manifest)),
    release: () => Promise.resolve(),
    setFinalizer: () => Promise.resolve(),
    remove: ({ namespace, name, uid }) => {
      if (objects.get(keyOf(namespace, name))?.uid === uid) objects.delete(keyOf(namespace, name));
      return Promise.resolve();
    },
  };
}

/** The caches of a cluster in which nothing was published. */
export const noOutputs = () => ({
  secrets: createFakeSecrets(),
  configMaps: { ...createFakeSecrets(), kind: "ConfigMap" } satisfies ObjectClient,
});

/** One custom resource whose status is written only from its newest version. */
export function createFakeResource<R extends Resource>(initial: R): ResourceClient<R> {
  let kept = initial;
  return {
    get: () => kept,
    list: () => [kept],
    byIndex: () => [],
    writeStatus: async (resource, status) => {
      await Promise.resolve();
      const { resourceVersion } = kept.metadata;
      if (resource.metadata.resourceVersion !== resourceVersion) throw conflict(kept.metadata.name);
      const next = String(Number(resourceVersion) + 1);
      kept = { ...kept, status, metadata: { ...kept.metadata, resourceVersion: next } };
      return kept;
    },
    setFinalizer: () => Promise.resolve(),
  };
}
