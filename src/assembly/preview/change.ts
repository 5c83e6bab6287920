import { isDeepStrictEqual } from "node:util";
import type { KubeMetadata } from "../../kube/store.ts";
import type { ServedObject } from "./api-server.ts";
import type { World } from "./world.ts";

export type ChangedKind = "OAuthApi" | "M2MClient" | "ScopeGrant";

/** The whole object as an apply would leave it. Only what a person may write counts. */
export interface Manifest {
  readonly kind: ChangedKind;
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

/** What a preview is asked about. */
export interface Change {
  readonly namespace: string;
  readonly apply: readonly Manifest[];
  readonly remove: readonly { readonly kind: ChangedKind; readonly name: string }[];
}

const API_VERSION = "m2m-operator.io/v1alpha1";

/** Writes the change into the caches of the world, as the API server would after an apply and the deletions. */
export function applyChange(world: World, { namespace, apply, remove }: Change): void {
  for (const manifest of apply) applyManifest(world, namespace, manifest);
  for (const { kind, name } of remove) {
    const object = find(world, kind, namespace, name);
    if (object !== undefined && object.metadata.deletionTimestamp === undefined) world.server.remove(kind, object);
  }
}

function find({ caches }: World, kind: ChangedKind, namespace: string, name: string): ServedObject | undefined {
  const store = { OAuthApi: caches.oAuthApis, M2MClient: caches.m2mClients, ScopeGrant: caches.scopeGrants }[kind];
  return store.get(namespace, name);
}

function applyManifest(world: World, namespace: string, manifest: Manifest): void {
  const { kind, name, labels = {}, annotations = {}, spec } = manifest;
  const before = find(world, kind, namespace, name);
  const metadata = { ...(before?.metadata ?? createdMetadata(world, namespace, name)), labels, annotations };
  if (before !== undefined && isSame(before, { ...before, metadata, spec })) return;
  const { generation = 0 } = metadata as KubeMetadata & { readonly generation?: number };
  const isNew = before === undefined || !isDeepStrictEqual(before.spec, spec);
  const resourceVersion = world.server.nextVersion();
  world.server.write(kind, {
    ...(before ?? { apiVersion: API_VERSION, kind }),
    metadata: { ...metadata, resourceVersion, ...(isNew ? { generation: generation + 1 } : {}) },
    spec,
  });
}

/** An absent map of labels is the same as an empty one. */
function isSame(before: ServedObject, after: ServedObject): boolean {
  const written = ({ metadata, spec }: ServedObject) => [metadata.labels ?? {}, metadata.annotations ?? {}, spec];
  return isDeepStrictEqual(written(before), written(after));
}

function createdMetadata({ clock, newUid }: World, namespace: string, name: string): KubeMetadata {
  const creationTimestamp = `${clock.now().toISOString().slice(0, 19)}Z`;
  return { namespace, name, uid: newUid(), resourceVersion: "0", creationTimestamp };
}
