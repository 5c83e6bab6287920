/** When we last wrote or removed each item, for as long as the tenant's answers may be older than that. */
export interface OwnWrites {
  note(key: string, at: number): void;
  /** Milliseconds since the epoch; `undefined` when it is no news any more. */
  at(key: string): number | undefined;
  /** A listing that began then was read to its end: it knows what was written so long before. */
  listedAt(began: number): void;
  /** Number of items that are remembered. */
  size(): number;
}

/** `settleMs`: how long after a write an answer may still not show it. */
export function createOwnWrites(settleMs: number): OwnWrites {
  const times = new Map<string, number>();
  return {
    note: (key, at) => {
      times.set(key, at);
    },
    at: (key) => times.get(key),
    listedAt: (began) => {
      for (const [key, at] of times) if (at < began - settleMs) times.delete(key);
    },
    size: () => times.size,
  };
}
