type OwnWrite = "wrote" | "removed";

/** When we last wrote or removed each item, for as long as the tenant's answers may be older than that. */
export interface OwnWrites {
  /** `what`: it is there since, or it is gone since. */
  note(key: string, at: number, what: OwnWrite): void;
  /** Milliseconds since the epoch; `undefined` when it is no news any more. */
  at(key: string): number | undefined;
  /** What we did last; `undefined` when it is no news any more. */
  what(key: string): OwnWrite | undefined;
  /** A listing that began then was read to its end: it knows what was written so long before. */
  listedAt(began: number): void;
  /** Number of items that are remembered. */
  size(): number;
}

/** `settleMs`: how long after a write an answer may still not show it. */
export function createOwnWrites(settleMs: number): OwnWrites {
  const last = new Map<string, { readonly at: number; readonly what: OwnWrite }>();
  return {
    note: (key, at, what) => {
      last.set(key, { at, what });
    },
    at: (key) => last.get(key)?.at,
    what: (key) => last.get(key)?.what,
    listedAt: (began) => {
      for (const [key, { at }] of last) if (at < began - settleMs) last.delete(key);
    },
    size: () => last.size,
  };
}
