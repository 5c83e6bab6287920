import type { Resource } from "./resource.ts";

/**
 * One kind of custom resource, as the controllers see it. Reads come from the watch cache, which already holds the
 * answers of this process's own writes; writes carry the resource version that was read and throw a conflict when
 * the object changed meanwhile, which makes the loop begin the pass again.
 */
export interface ResourceClient<R extends Resource> {
  get(namespace: string, name: string): R | undefined;
  list(): readonly R[];
  /** By an index that was declared when the cache was made; an unknown index throws. */
  byIndex(index: string, value: string): readonly R[];
  /** Replaces `status` and nothing else. */
  writeStatus(resource: R, status: NonNullable<R["status"]>): Promise<R>;
  /** Adds or takes off our finalizer. Succeeds when it is so already or the object is gone. */
  setFinalizer(resource: R, isPresent: boolean): Promise<void>;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** What is cached of a Secret or ConfigMap: never its content. */
export interface ObjectHead {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly isDeleting: boolean;
}

export interface ObjectContent extends ObjectHead {
  /** Secrets only. */
  readonly type: string | undefined;
  /** Decoded values. */
  readonly data: Readonly<Record<string, string>>;
}

/** The whole of what one of our published objects should be. Labels and annotations are ours to set, others stay. */
export interface ObjectManifest {
  readonly namespace: string;
  readonly name: string;
  /** Secrets only; immutable once created. */
  readonly type?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owner: OwnerReference;
  /**
   * The cluster does not collect it when the owner is gone, which after a restore from backup the owner of the old uid
   * is: the one that made it removes it.
   */
  readonly isKept?: true;
  /** Plain values; the adapter encodes them. Replaces the whole data. */
  readonly data: Readonly<Record<string, string>>;
}

/** Keys of labels and annotations. */
export interface FormerKeys {
  readonly labels: readonly string[];
  readonly annotations: readonly string[];
}

/** Secrets, or ConfigMaps. */
export interface ObjectClient {
  readonly kind: "Secret" | "ConfigMap";
  /** From the metadata cache. */
  head(namespace: string, name: string): ObjectHead | undefined;
  /** The objects of this namespace whose controller is the object with this uid, from the metadata cache. */
  controlledBy(uid: string, namespace: string): readonly ObjectHead[];
  /** The objects of this namespace that carry this finalizer, from the metadata cache. */
  heldBy(finalizer: string, namespace: string): readonly ObjectHead[];
  /** A live read of one object, with its content; `undefined` when it does not exist. */
  read(namespace: string, name: string): Promise<ObjectContent | undefined>;
  /** By POST: throws a KubeError with reason AlreadyExists rather than touch what exists. */
  create(manifest: ObjectManifest): Promise<ObjectHead>;
  /**
   * With uid and resourceVersion of `before` as preconditions; throws a conflict when either moved on. Takes the `former`
   * labels and annotations off; those that neither `manifest` nor `former` names stay.
   */
  replace(before: ObjectContent, manifest: ObjectManifest, former?: FormerKeys): Promise<ObjectHead>;
  /** Takes our controller reference and managed label off: the object then belongs to nobody. */
  release(head: ObjectHead, ownerUid: string): Promise<void>;
  setFinalizer(head: ObjectHead, finalizer: string, isPresent: boolean): Promise<void>;
  /** With the uid as precondition; already gone is success. */
  remove(head: ObjectHead): Promise<void>;
}

export interface NamespaceFacts {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly isTerminating: boolean;
}

export interface Namespaces {
  get(name: string): NamespaceFacts | undefined;
  list(): readonly NamespaceFacts[];
}

export interface EventRecorder {
  /** Never throws, never waits. `reason` is from the closed vocabulary, `note` is safe to show. */
  record(regarding: Resource, type: "Normal" | "Warning", reason: string, note: string): void;
  /** The object of this uid is gone, and no event about it repeats another. */
  forget(uid: string): void;
}
