import type { Cancel, Clock } from "../../ports/clock.ts";

/** What is read by itself, and when it last was. */
export interface SweepTarget {
  readonly key: string;
  readonly readAt: Date | undefined;
  /** Returns how many requests it took. */
  read(notBefore: Date): Promise<number>;
}

export interface Sweep {
  /** Reads everything that was not read since then, the oldest first, in the background. */
  start(notBefore: Date): void;
  /** Why the last try to read this failed; `undefined` when it did not, or was not made. */
  failureOf(key: string): unknown;
  /** Keys of all that could not be read at the last try. */
  failed(): readonly string[];
  stop(): void;
}

interface SweepParts {
  readonly clock: Clock;
  /** Asked every time, since the rate may be learned. */
  readonly allowedPerSecond: () => number;
  readonly targets: () => readonly SweepTarget[];
  /** Called whenever everything was read, or tried without success. */
  readonly onEnd: () => void;
  /** The first of several tries in a row that failed. */
  readonly onFailure: (key: string, error: unknown) => void;
}

interface Failure {
  readonly error: unknown;
  readonly count: number;
  readonly at: number;
  readonly retryAt: number;
}

/** Pause before a target that could not be read is tried again, doubled with every try, in milliseconds. */
const FIRST_RETRY_MS = 10_000;
const LAST_RETRY_MS = 600_000;
/** What a reading that failed is taken to have cost. */
const REQUESTS_OF_FAILURE = 2;

/**
 * Goes through the tenant one object after the other and rests after each until half of the rate that is allowed would
 * have let its requests through: however low the limits are, the other half stays for work that somebody waits for.
 * What cannot be read goes to the end of the line, and is tried again less and less often.
 */
export function createSweep({ clock, allowedPerSecond, targets, onEnd, onFailure }: SweepParts): Sweep {
  const failures = new Map<string, Failure>();
  let notBefore = new Date(0);
  let isRunning = false;
  let isStopped = false;
  let cancel: Cancel | undefined;
  let wake: (() => void) | undefined;
  const now = (): number => clock.now().getTime();
  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      cancel = clock.after(ms, resolve);
    });
  /** What is gone, or was read since for somebody else, has no failure. */
  const forgetFailures = (present: readonly SweepTarget[]): void => {
    const readAts = new Map(present.map(({ key, readAt }) => [key, readAt?.getTime() ?? 0]));
    for (const [key, { at }] of failures)
      if ((readAts.get(key) ?? Number.POSITIVE_INFINITY) >= at) failures.delete(key);
  };
  const due = (): readonly SweepTarget[] => {
    const present = targets();
    forgetFailures(present);
    return present.filter(({ readAt }) => readAt === undefined || readAt < notBefore);
  };
  const triedAt = ({ key, readAt }: SweepTarget): number =>
    Math.max(readAt?.getTime() ?? 0, failures.get(key)?.at ?? 0);
  const next = (): SweepTarget | undefined =>
    due()
      .filter(({ key }) => (failures.get(key)?.retryAt ?? 0) <= now())
      .sort((a, b) => triedAt(a) - triedAt(b))[0];
  const fail = (key: string, error: unknown): void => {
    const count = (failures.get(key)?.count ?? 0) + 1;
    const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** (count - 1), LAST_RETRY_MS);
    failures.set(key, { error, count, at: now(), retryAt: now() + pauseMs });
    if (count === 1) onFailure(key, error);
  };
  const attempt = async (target: SweepTarget): Promise<number> => {
    try {
      const requests = await target.read(notBefore);
      failures.delete(target.key);
      return requests;
    } catch (error) {
      fail(target.key, error);
      return REQUESTS_OF_FAILURE;
    }
  };
  const untilRetry = (): Promise<void> => {
    const retryAt = Math.min(...[...failures.values()].map((failure) => failure.retryAt));
    return new Promise((resolve) => {
      wake = resolve;
      cancel = clock.after(Math.max(0, retryAt - now()), resolve);
    });
  };
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const target = next();
      if (target !== undefined) {
        const startedAt = now();
        const requests = await attempt(target);
        const elapsedMs = now() - startedAt;
        await rest(Math.max(elapsedMs, (requests * 2000) / allowedPerSecond() - elapsedMs));
        continue;
      }
      onEnd();
      if (failures.size === 0) break;
      await untilRetry();
      wake = undefined;
    }
    isRunning = false;
  };
  const stopWaiting = (): void => {
    if (wake === undefined) return;
    cancel?.();
    wake();
  };
  return {
    start: (since) => {
      if (since > notBefore) notBefore = since;
      if (isStopped) return;
      if (isRunning) return stopWaiting();
      isRunning = true;
      void run();
    },
    failureOf: (key) => failures.get(key)?.error,
    failed: () => {
      forgetFailures(targets());
      return [...failures.keys()];
    },
    stop: () => {
      isStopped = true;
      cancel?.();
    },
  };
}
