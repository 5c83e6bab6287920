/** Finds keys by values of their items, by several names. What no item has any more takes no room. */
export interface ValueIndexes<T> {
  add(item: T): void;
  /** Must be the item that was added: what changed would not be found. */
  remove(item: T): void;
  keysOf(index: string, value: string): readonly string[];
  /** Number of values that are remembered. */
  size(): number;
}

export function createValueIndexes<T>(
  indexes: Readonly<Record<string, (item: T) => readonly string[]>>,
  keyOf: (item: T) => string,
): ValueIndexes<T> {
  const byName = new Map(Object.keys(indexes).map((name) => [name, new Map<string, Set<string>>()]));
  const each = (item: T, change: (values: Map<string, Set<string>>, value: string) => void): void => {
    for (const [name, values] of byName) for (const value of indexes[name]?.(item) ?? []) change(values, value);
  };
  return {
    add: (item) => {
      each(item, (values, value) => values.set(value, (values.get(value) ?? new Set()).add(keyOf(item))));
    },
    remove: (item) => {
      each(item, (values, value) => {
        const keys = values.get(value);
        keys?.delete(keyOf(item));
        if (keys?.size === 0) values.delete(value);
      });
    },
    keysOf: (index, value) => [...(byName.get(index)?.get(value) ?? [])],
    size: () => [...byName.values()].reduce((sum, values) => sum + values.size, 0),
  };
}
