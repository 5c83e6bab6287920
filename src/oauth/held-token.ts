import type { Clock } from "../ports/clock.ts";

/** A token is replaced before it expires, so that no request is sent with one that dies on the way. */
const EARLY_MS = 60_000;
const DROP_EVERY_MS = 60_000;

/** One token at a time, fetched once for everybody who waits for it. */
export interface HeldToken<T> {
  current(): Promise<T>;
  /**
   * The token was refused, or lacked a permission that may have been granted since: the next one is fetched anew. At
   * most once a minute; `false` when it was too soon.
   */
  drop(): boolean;
}

/** When a token that lives so many seconds expires; a short-lived one must not be taken for expired at once. */
export const expiryOf = (now: Date, seconds: number): number =>
  now.getTime() + Math.max(seconds * 1000, EARLY_MS + 1000);

/** `expiresAt` is in milliseconds since the epoch. */
export function holdToken<T extends { readonly expiresAt: number }>(
  request: () => Promise<T>,
  clock: Clock,
): HeldToken<T> {
  let held: T | undefined;
  let pending: Promise<T> | undefined;
  let droppedAt = Number.NEGATIVE_INFINITY;
  const now = (): number => clock.now().getTime();
  return {
    current: () => {
      if (held !== undefined && held.expiresAt - EARLY_MS > now()) return Promise.resolve(held);
      pending ??= request()
        .then((token) => (held = token))
        .finally(() => {
          pending = undefined;
        });
      return pending;
    },
    drop: () => {
      if (now() - droppedAt < DROP_EVERY_MS) return false;
      droppedAt = now();
      held = undefined;
      return true;
    },
  };
}
