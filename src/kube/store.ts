import { createDeletions } from "./deletions.ts";
import { createKeptObject } from "./kept-object.ts";
import { isBefore } from "./resource-version.ts";
import { createIndexedKeys, type IndexedKeys, type Indexes } from "../ports/indexed-keys.ts";
import { createWritesUnderWay } from "./writes-under-way.ts";

/** Any object as the API server sends it, or its metadata alone. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: KubeMetadata;
}

export interface KubeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly {
    apiVersion: string;
    kind: string;
    name: string;
    uid: string;
    controller?: boolean;
  }[];
  /** RFC 3339. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}

/** `before` is missing for what is new, `after` for what is gone. */
export type ChangeHandler<T> = (before: T | undefined, after: T | undefined) => void;

/** The objects of one kind as last heard of, with indexes. */
export interface Store<T extends KubeObject> {
  get(namespace: string, name: string): T | undefined;
  list(): readonly T[];
  byIndex(index: string, value: string): readonly T[];
  /** From the watch. Ignored when it is older than what is known, or was deleted. */
  put(object: T): void;
  /** Ignored when an object of that name but another uid is known. */
  remove(object: T): void;
  /**
   * A whole listing: what is missing in it is gone. `asOf` is the listing's own version: what was written or deleted
   * after it stays unchanged. Without `asOf` the listing is the truth, whatever is known.
   */
  replaceAll(objects: readonly T[], asOf?: string): void;
  /**
   * The part that one of several watches keeps, for example of one namespace: `covers` says which objects are its own.
   * The store has synced when every part was listed.
   */
  part(covers: (object: T) => boolean): StoreWriter<T>;
  /**
   * Carries out a write of our own on one object: `write` hands its answer to `own`. What the watch says of the object
   * meanwhile waits until then, since it mostly is this write, and no news to the one that made it.
   */
  writing<A>(namespace: string, name: string, write: (own: Pick<Store<T>, "put" | "remove">) => Promise<A>): Promise<A>;
  onChange(handler: ChangeHandler<T>): void;
  hasSynced(): boolean;
  /** A store of its own with the same objects in the same order. Nobody listens to it, and no watch fills it. */
  copy(): Store<T>;
}

/** What a watch needs of a store, or of its part of one. */
export type StoreWriter<T extends KubeObject> = Pick<Store<T>, "put" | "remove" | "replaceAll">;

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ""}/${metadata.name}`;

/** The answer of a write may overtake, or be overtaken by, the watch. Without numbers the last word counts. */
const isOlder = (candidate: KubeObject, known: KubeObject): boolean =>
  isBefore(candidate.metadata.resourceVersion, known.metadata.resourceVersion) ?? false;

const isSame = ({ metadata }: KubeObject, other: KubeObject): boolean =>
  metadata.uid === other.metadata.uid && metadata.resourceVersion === other.metadata.resourceVersion;

interface Content<T> {
  readonly objects: Map<string, T>;
  readonly indexed: IndexedKeys<T>;
}

export function createStore<T extends KubeObject>(
  indexes: Indexes<T>,
  onHandlerError: (error: unknown) => void,
  now: () => number = () => performance.now(),
  from: Content<T> = { objects: new Map(), indexed: createIndexedKeys(indexes) },
): Store<T> {
  const { objects, indexed } = from;
  const keptObject = createKeptObject();
  const handlers: ChangeHandler<T>[] = [];
  const deletions = createDeletions(now);
  /** Of every watch that keeps this store, or a part of it: whether it was listed. */
  const listed = new Map<object, boolean>();
  const writes = createWritesUnderWay();
  const whole = {};

  const change = (before: T | undefined, after: T | undefined): void => {
    if (before !== undefined) indexed.remove(before, keyOf(before));
    if (after !== undefined) {
      const key = keyOf(after);
      objects.set(key, after);
      indexed.add(after, key);
    } else if (before !== undefined) objects.delete(keyOf(before));
    for (const handler of handlers) {
      try {
        handler(before, after);
      } catch (error) {
        onHandlerError(error);
      }
    }
  };
  const place = (incoming: T): void => {
    const known = objects.get(keyOf(incoming));
    if (known !== undefined && isSame(incoming, known)) return;
    const object = keptObject(incoming);
    // Deleted and created again while nobody watched: two changes, since what depends on the old uid must hear of it.
    if (known !== undefined && known.metadata.uid !== object.metadata.uid) drop(known);
    change(objects.get(keyOf(object)), object);
  };
  const drop = (known: T): void => {
    deletions.add(known.metadata.uid);
    change(known, undefined);
  };
  const put = (incoming: T): void => {
    const known = objects.get(keyOf(incoming));
    if (deletions.has(incoming.metadata.uid) || (known !== undefined && isOlder(incoming, known))) return;
    place(incoming);
  };
  const remove = (object: T): void => {
    const known = objects.get(keyOf(object));
    deletions.add(object.metadata.uid);
    if (known?.metadata.uid === object.metadata.uid) drop(known);
  };
  const replace = (incoming: readonly T[], covers: (object: T) => boolean, asOf: string | undefined): void => {
    const keys = new Set(incoming.map(keyOf));
    const isLater = ({ metadata }: T): boolean =>
      asOf !== undefined && isBefore(asOf, metadata.resourceVersion) === true;
    for (const [key, object] of [...objects]) if (covers(object) && !keys.has(key) && !isLater(object)) drop(object);
    for (const object of incoming) {
      if (asOf !== undefined) put(object);
      else {
        deletions.forget(object.metadata.uid);
        place(object);
      }
    }
  };
  const heard =
    (takeIn: (object: T) => void) =>
    (object: T): void => {
      writes.after(keyOf(object), () => {
        takeIn(object);
      });
    };
  const fromWatch = { put: heard(put), remove: heard(remove) };
  const writing: Store<T>["writing"] = async (namespace, name, write) => {
    const end = writes.begin(`${namespace}/${name}`);
    try {
      return await write({ put, remove });
    } finally {
      end();
    }
  };
  return {
    writing,
    get: (namespace, name) => objects.get(`${namespace}/${name}`),
    list: () => [...objects.values()],
    byIndex: (index, value) =>
      Array.from(indexed.keysOf(index, value), (key) => objects.get(key)).filter((object) => object !== undefined),
    ...fromWatch,
    replaceAll: (incoming, asOf) => {
      replace(incoming, () => true, asOf);
      listed.set(whole, true);
    },
    part: (covers) => {
      const part: StoreWriter<T> = {
        ...fromWatch,
        replaceAll: (incoming, asOf) => {
          replace(incoming, covers, asOf);
          listed.set(part, true);
        },
      };
      listed.set(part, false);
      return part;
    },
    onChange: (handler) => handlers.push(handler),
    copy: () => createStore(indexes, onHandlerError, now, { objects: new Map(objects), indexed: indexed.copy() }),
    hasSynced: () => listed.size > 0 && [...listed.values()].every((isListed) => isListed),
  };
}
