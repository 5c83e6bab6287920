import type { Cancel, Clock } from "../../ports/clock.ts";
import type { Ref } from "../../ports/provider.ts";

/** What is looked at by itself, and when it last was. */
export interface SweepTarget {
  readonly key: string;
  readonly lookedAt: Date | undefined;
  /** Returns how many requests it took. */
  look(notBefore: Date): Promise<number>;
}

export interface Sweep {
  /** Looks at everything that was not looked at since then, the oldest first, in the background. */
  start(notBefore: Date): void;
  stop(): void;
}

/** Pause after a look that failed, in milliseconds: whoever needs the object says what is wrong. */
const AFTER_FAILURE_MS = 10_000;

/**
 * Goes through the tenant one object after the other and rests after each until half of the rate that is allowed would
 * have let its requests through: however low the limits are, the other half stays for work that somebody waits for.
 * `allowedPerSecond` is asked every time, since the rate may be learned.
 */
export function createSweep(
  clock: Clock,
  allowedPerSecond: () => number,
  targets: () => readonly SweepTarget[],
  onEnd: () => void,
): Sweep {
  let notBefore = new Date(0);
  let isRunning = false;
  let isStopped = false;
  let cancel: Cancel | undefined;
  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      cancel = clock.after(ms, resolve);
    });
  const next = (): SweepTarget | undefined =>
    targets()
      .filter(({ lookedAt }) => lookedAt === undefined || lookedAt < notBefore)
      .sort((a, b) => (a.lookedAt?.getTime() ?? 0) - (b.lookedAt?.getTime() ?? 0))[0];
  const run = async (): Promise<void> => {
    for (let target = next(); target !== undefined && !isStopped; target = next()) {
      const startedAt = clock.now().getTime();
      const requests = await target.look(notBefore).catch(() => undefined);
      const elapsedMs = clock.now().getTime() - startedAt;
      const paceMs = requests === undefined ? AFTER_FAILURE_MS : (requests * 2000) / allowedPerSecond();
      await rest(Math.max(elapsedMs, paceMs - elapsedMs));
    }
    isRunning = false;
    if (!isStopped) onEnd();
  };
  return {
    start: (since) => {
      if (since > notBefore) notBefore = since;
      if (isRunning || isStopped) return;
      isRunning = true;
      void run();
    },
    stop: () => {
      isStopped = true;
      cancel?.();
    },
  };
}

/** When each client's secrets are due: once a day, at a time of its own, so that a restart is no reason to read all. */
export interface SecretSchedule {
  isDue(client: Ref, readAt: Date | undefined): boolean;
}

const DAY_MS = 86_400_000;

export function createSecretSchedule(clock: Clock): SecretSchedule {
  const firstDueAt = new Map<Ref, number>();
  return {
    isDue: (client, readAt) => {
      const now = clock.now().getTime();
      if (readAt !== undefined) return now - readAt.getTime() >= DAY_MS;
      const dueAt = firstDueAt.get(client) ?? now + clock.random() * DAY_MS;
      firstDueAt.set(client, dueAt);
      return now >= dueAt;
    },
  };
}
