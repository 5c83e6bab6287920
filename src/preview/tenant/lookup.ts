/** Finds one object by its key. `find`: asks the tenant's provider, with `since` as its port has it. */
export type Lookup<T> = (
  key: string,
  since: Date | undefined,
  find: (since?: Date) => Promise<T | undefined>,
) => Promise<T | undefined>;

/**
 * A preview rests on the view of the tenant that there is, or a preview of thousands of adoptions would read thousands of
 * objects. What the view lacks is requested, once: the preview's clock runs ahead of every reading.
 */
export function createLookup<T>(): Lookup<T> {
  const asked = new Set<string>();
  return async (key, since, find) => {
    const known = await find();
    if (known !== undefined || since === undefined || asked.has(key)) return known;
    asked.add(key);
    return find(since);
  };
}
