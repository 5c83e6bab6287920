/** By name, the values under which an object is found. */
export type Indexes<T> = Readonly<Record<string, (object: T) => readonly string[]>>;

/** Keys of objects, by index and value. What no object has any more takes no room. */
export interface IndexedKeys<T> {
  add(object: T, key: string): void;
  /** Must be the object that was added: what changed would not be found. */
  remove(object: T, key: string): void;
  /** In the order in which they were added. Throws for an index that does not exist. */
  keysOf(index: string, value: string): Iterable<string>;
  /** Number of values that are remembered. */
  size(): number;
  /** The same keys in the same order, apart from these. */
  copy(): IndexedKeys<T>;
}

/** Most values have one object, and a set for each would take more memory than the objects' own names. */
type Keys = string | Set<string>;

const NONE: readonly string[] = [];

export function createIndexedKeys<T>(indexes: Indexes<T>): IndexedKeys<T> {
  return indexedKeys(indexes, new Map(Object.keys(indexes).map((name) => [name, new Map()])));
}

function indexedKeys<T>(indexes: Indexes<T>, known: ReadonlyMap<string, Map<string, Keys>>): IndexedKeys<T> {
  const change = (object: T, key: string, changed: (keys: Keys | undefined, key: string) => Keys | undefined): void => {
    for (const [name, valuesOf] of Object.entries(indexes)) {
      const values = known.get(name);
      for (const value of valuesOf(object)) {
        const keys = changed(values?.get(value), key);
        if (keys === undefined) values?.delete(value);
        else values?.set(value, keys);
      }
    }
  };
  return {
    add: (object, key) => {
      change(object, key, withKey);
    },
    remove: (object, key) => {
      change(object, key, withoutKey);
    },
    keysOf: (index, value) => {
      const values = known.get(index);
      if (values === undefined) throw new Error(`there is no index ${index}`);
      const keys = values.get(value) ?? NONE;
      return typeof keys === "string" ? [keys] : keys;
    },
    size: () => [...known.values()].reduce((sum, values) => sum + values.size, 0),
    copy: () => indexedKeys(indexes, new Map([...known].map(([name, values]) => [name, copiedKeys(values)]))),
  };
}

const copiedKeys = (values: ReadonlyMap<string, Keys>): Map<string, Keys> =>
  new Map([...values].map(([value, keys]) => [value, typeof keys === "string" ? keys : new Set(keys)]));

function withKey(keys: Keys | undefined, key: string): Keys {
  if (keys === undefined || keys === key) return key;
  return typeof keys === "string" ? new Set([keys, key]) : keys.add(key);
}

function withoutKey(keys: Keys | undefined, key: string): Keys | undefined {
  if (keys === undefined || typeof keys === "string") return keys === key ? undefined : keys;
  keys.delete(key);
  return keys.size === 0 ? undefined : keys;
}
