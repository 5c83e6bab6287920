import type { Clock } from "../ports/clock.ts";
import { holdSecret } from "./known-secrets.ts";

/** A token is replaced before it expires, so that no request is sent with one that dies on the way. */
const EARLY_MS = 60_000;
/**
 * How old a token must be before it is replaced, in milliseconds, where its predecessor was replaced young as well. For
 * one that is refused, doubled each time; for one that lacks a permission the longest at once, since each costs quota.
 */
const FIRST_KEEP_MS = 5000;
const LONGEST_KEEP_MS = 60_000;

/** For how long the values of a connection that was closed are still masked: work under way may speak of them. */
export const SECRETS_KEPT_MS = 60_000;

/** A credential that can be fetched again when it is refused. */
export interface Renewable {
  /** Counts the drops: calls that begin now are made with this one. */
  generation(): number;
  /**
   * The credential of this generation was refused, or lacked a permission that may have been granted since: the next
   * one is fetched again, unless this one was itself just fetched in place of another. Returns whether another try may be
   * answered otherwise: also when somebody else dropped it meanwhile. `because`: what the call was refused for. Default:
   * the present generation, and the credential.
   */
  drop(refused?: number, because?: "credential" | "permission"): boolean;
}

/** One token at a time, fetched once for everybody who waits for it. */
export interface HeldToken<T> extends Renewable {
  /** Rejects with what the request rejects with, unless the last token still works; a failure is not kept. */
  current(): Promise<T>;
  /** No further token is needed. Their values are masked for another minute. */
  forget(): void;
}

/** When a token that lives so many seconds expires; a short-lived one must not be taken for expired at once. */
export const expiryOf = (now: Date, seconds: number): number =>
  now.getTime() + Math.max(seconds * 1000, EARLY_MS + 1000);

/** `expiresAt` is in milliseconds since the epoch. `secretOf`: what of it must never be in a text. Default: nothing. */
export function holdToken<T extends { readonly expiresAt: number }>(
  request: () => Promise<T>,
  clock: Clock,
  secretOf: (token: T) => string = () => "",
): HeldToken<T> {
  let held: T | undefined;
  // Requests that are under way may still speak of the one before.
  let secrets: (() => void)[] = [];
  const keepSecret = (token: T): void => {
    const [latest, ...former] = secrets;
    for (const release of former) release();
    secrets = [holdSecret(secretOf(token)), ...(latest === undefined ? [] : [latest])];
  };
  let pending: Promise<T> | undefined;
  let generation = 0;
  let fetchedAt = Number.NEGATIVE_INFINITY;
  /** Tokens in a row that were replaced young. */
  let young = 0;
  const now = (): number => clock.now().getTime();
  const renew = async (): Promise<T> => {
    const [began, last] = [generation, held];
    try {
      const token = await request();
      keepSecret(token);
      // Requested before a drop: it may be what was refused.
      if (began === generation) {
        held = token;
        fetchedAt = now();
      }
      return token;
    } catch (error) {
      if (last === undefined || began !== generation || last.expiresAt <= now()) throw error;
      return last;
    } finally {
      if (began === generation) pending = undefined;
    }
  };
  return {
    current: () => {
      if (held !== undefined && held.expiresAt - EARLY_MS > now()) return Promise.resolve(held);
      return (pending ??= renew());
    },
    generation: () => generation,
    forget: () => {
      clock.after(SECRETS_KEPT_MS, () => {
        for (const release of secrets.splice(0)) release();
      });
    },
    drop: (refused = generation, because = "credential") => {
      if (refused !== generation) return true;
      const age = now() - fetchedAt;
      if (age > 2 * LONGEST_KEEP_MS) young = 0;
      if (age < keepMs(young, because)) return false;
      young += 1;
      generation += 1;
      held = undefined;
      pending = undefined;
      return true;
    },
  };
}

function keepMs(young: number, because: "credential" | "permission"): number {
  if (young === 0) return 0;
  return because === "permission"
    ? LONGEST_KEEP_MS
    : Math.min(LONGEST_KEEP_MS, FIRST_KEEP_MS * 2 ** Math.min(30, young - 1));
}
