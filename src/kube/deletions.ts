/** The uids that were deleted lately. A uid never comes back, so whatever still speaks of one is late. */
export interface Deletions {
  add(uid: string): void;
  has(uid: string): boolean;
  /** The API server says that it exists after all, for example because its database was restored. */
  forget(uid: string): void;
}

/** Longer than a listing or the answer of a write can be under way. */
const REMEMBERED_MS = 15 * 60_000;

/** `now` is a monotonic clock in milliseconds. */
export function createDeletions(now: () => number): Deletions {
  /** In the order of the deletions, so that the oldest come first. */
  const deletedAt = new Map<string, number>();
  return {
    add: (uid) => {
      deletedAt.delete(uid);
      deletedAt.set(uid, now());
      for (const [other, at] of deletedAt) {
        if (now() - at < REMEMBERED_MS) break;
        deletedAt.delete(other);
      }
    },
    has: (uid) => deletedAt.has(uid),
    forget: (uid) => {
      deletedAt.delete(uid);
    },
  };
}
