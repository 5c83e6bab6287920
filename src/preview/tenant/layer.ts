import type { Ref } from "../../ports/provider.ts";

interface Remote {
  readonly ref: Ref;
}

/** Objects of one type as they would be after the writes of a preview, laid over what the tenant shows. */
export interface Layer<T extends Remote> {
  /** The object as the preview last saw or changed it; `undefined` where it is gone or was never read. */
  known(ref: Ref): T | undefined;
  /** Whether the preview wrote the object, so that the tenant is not asked about it. */
  isWritten(ref: Ref): boolean;
  /** What a read of the tenant answered, after the writes. */
  over(read: T | undefined): T | undefined;
  /** The same for a list of those that `isOne` accepts. Objects that the preview created follow. */
  overAll(read: readonly T[], isOne: (item: T) => boolean): readonly T[];
  put(item: T): void;
  drop(ref: Ref): void;
  /** Changes every object that was read, is read later or was written. `undefined`: it is gone. */
  changeAll(change: (item: T) => T | undefined): void;
}

/** A layer without writes. */
export function createLayer<T extends Remote>(): Layer<T> {
  const written = new Map<Ref, T | undefined>();
  const seen = new Map<Ref, T>();
  const changes: ((item: T) => T | undefined)[] = [];
  const changed = (item: T): T | undefined =>
    changes.reduce<T | undefined>((before, change) => (before === undefined ? undefined : change(before)), item);
  const over = (read: T | undefined): T | undefined => {
    if (read === undefined) return undefined;
    if (written.has(read.ref)) return written.get(read.ref);
    seen.set(read.ref, read);
    return changed(read);
  };
  return {
    known: (ref) => {
      if (written.has(ref)) return written.get(ref);
      const item = seen.get(ref);
      return item === undefined ? undefined : changed(item);
    },
    isWritten: (ref) => written.has(ref),
    over,
    overAll: (read, isOne) => {
      const refs = new Set(read.map(({ ref }) => ref));
      const others = [...written.values()].filter((item) => item !== undefined && !refs.has(item.ref));
      return [...read.map(over), ...others].filter((item) => item !== undefined && isOne(item)) as T[];
    },
    put: (item) => written.set(item.ref, item),
    drop: (ref) => written.set(ref, undefined),
    changeAll: (change) => {
      for (const [ref, item] of written) if (item !== undefined) written.set(ref, change(item));
      changes.push(change);
    },
  };
}
