import type { Clock } from "../ports/clock.ts";
import { ProviderError } from "../ports/provider-error.ts";
import { createIndexedKeys } from "../ports/indexed-keys.ts";
import { createOwnWrites } from "./own-writes.ts";

export interface ListingOptions<T> {
  /** Reads everything, page by page. */
  readonly load: () => AsyncIterable<readonly T[]>;
  readonly keyOf: (item: T) => string;
  /** What tells a changed item from an unchanged one. */
  readonly digestOf: (item: T) => string;
  readonly indexes: Readonly<Record<string, (item: T) => readonly string[]>>;
  /** Reads one item; `undefined` when it is gone. */
  readonly read: (key: string) => Promise<T | undefined>;
  readonly clock: Clock;
  /** For how long after our own write an item that is not found is not believed to be gone, in milliseconds. */
  readonly settleMs: number;
  /** Called for what a later listing finds changed, new or gone. */
  readonly onDrift: (before: T | undefined, after: T | undefined) => void;
}

/** Everything of one type at a tenant, read in pages, shared by everybody, kept up to date with our own writes. */
export interface Listing<T> {
  /** Lists again unless the last listing began at or after `notBefore`. Several callers share one listing. */
  refresh(notBefore: Date): Promise<void>;
  /** Lists once if nothing was listed yet. */
  ensure(): Promise<void>;
  get(key: string): T | undefined;
  byIndex(index: string, value: string): readonly T[];
  all(): readonly T[];
  /** The answer of a write of the operator. A page whose request began earlier does not overwrite it. */
  put(item: T): void;
  /** What was read by itself, with a request that began then. It does not overwrite a later write of the operator. */
  learn(item: T, began: Date): void;
  /** An item that we removed. */
  drop(key: string): void;
  /** We removed it, and no listing that began well after that was made yet. */
  isDropped(key: string): boolean;
  /**
   * Whether an item that is not listed is really gone: read by itself. Throws `Unsettled` shortly after our write, and
   * `unavailable` when another item comes back.
   */
  confirm(key: string): Promise<T | undefined>;
  /** Start of the last complete listing. */
  listedAt(): Date | undefined;
  /** Whether a listing that began then or later is there. Nothing is requested with `undefined`, so that any will do. */
  isListedSince(since: Date | undefined): boolean;
}

/** How soon to ask again for what is not shown yet, in milliseconds. */
export const UNSETTLED_RETRY_MS = 1000;

/** We wrote it a moment ago and it is not shown: nothing can be said yet. */
export class Unsettled extends Error {
  override readonly name = "Unsettled";
}

export function createListing<T>(options: ListingOptions<T>): Listing<T> {
  const { keyOf, digestOf, clock, onDrift } = options;
  const items = new Map<string, T>();
  const indexes = createIndexedKeys(options.indexes);
  const writes = createOwnWrites(options.settleMs);
  let startedAt: Date | undefined;
  let running: { readonly startedAt: Date; readonly finished: Promise<void> } | undefined;

  const unindex = (key: string): void => {
    const before = items.get(key);
    if (before !== undefined) indexes.remove(before, keyOf(before));
  };
  const discard = (key: string): void => {
    unindex(key);
    items.delete(key);
  };
  const store = (item: T): void => {
    unindex(keyOf(item));
    items.set(keyOf(item), item);
    indexes.add(item, keyOf(item));
  };
  const merge = (listed: ReadonlyMap<string, T>, began: number, isFirst: boolean): void => {
    const isOurs = (key: string): boolean => (writes.at(key) ?? 0) >= began;
    for (const [key, item] of [...items]) {
      if (listed.has(key) || isOurs(key)) continue;
      discard(key);
      onDrift(item, undefined);
    }
    for (const [key, item] of listed) {
      if (isOurs(key)) continue;
      const before = items.get(key);
      store(item);
      if (!isFirst && (before === undefined || digestOf(before) !== digestOf(item))) onDrift(before, item);
    }
    writes.listedAt(began);
  };
  const list = async (): Promise<void> => {
    const began = clock.now();
    const listed = new Map<string, T>();
    for await (const page of options.load()) for (const item of page) listed.set(keyOf(item), item);
    merge(listed, began.getTime(), startedAt === undefined);
    startedAt = began;
  };
  const refresh = async (notBefore: Date): Promise<void> => {
    if (startedAt !== undefined && startedAt >= notBefore) return;
    if (running !== undefined) {
      const { startedAt: runningSince, finished } = running;
      await finished;
      if (runningSince >= notBefore) return;
      return refresh(notBefore);
    }
    const began = clock.now();
    const finished = list().finally(() => {
      running = undefined;
    });
    running = { startedAt: began, finished };
    await finished;
  };
  return {
    refresh,
    ensure: () => (startedAt === undefined ? refresh(new Date(0)) : Promise.resolve()),
    get: (key) => items.get(key),
    byIndex: (name, value) =>
      Array.from(indexes.keysOf(name, value), (key) => items.get(key)).filter((item) => item !== undefined),
    all: () => [...items.values()],
    put: (item) => {
      writes.note(keyOf(item), clock.now().getTime(), "wrote");
      store(item);
    },
    learn: (item, began) => {
      if ((writes.at(keyOf(item)) ?? 0) < began.getTime()) store(item);
    },
    isDropped: (key) => writes.what(key) === "removed" && !items.has(key),
    drop: (key) => {
      writes.note(key, clock.now().getTime(), "removed");
      discard(key);
    },
    confirm: async (key) => {
      const item = await options.read(key);
      if (item !== undefined && keyOf(item) !== key)
        throw new ProviderError("unavailable", "The answer is about another object than the requested one.");
      if (item !== undefined) {
        store(item);
        return item;
      }
      const at = writes.what(key) === "wrote" ? writes.at(key) : undefined;
      // A listing that does not show it yet says as little as this read.
      if (at !== undefined && clock.now().getTime() - at < options.settleMs)
        throw new Unsettled(`${key} was written a moment ago, and the tenant does not show it yet`);
      discard(key);
      return undefined;
    },
    listedAt: () => startedAt,
    isListedSince: (since) => since === undefined || (startedAt !== undefined && startedAt >= since),
  };
}
