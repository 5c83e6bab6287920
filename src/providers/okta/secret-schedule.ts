import type { Clock } from "../../ports/clock.ts";
import type { Ref } from "../../ports/provider.ts";

/** When each client's secrets are due: once a day, at a time of its own, so that a restart is no reason to read all. */
export interface SecretSchedule {
  isDue(client: Ref, readAt: Date | undefined): boolean;
  /** Forgets every client but these. */
  keep(clients: ReadonlySet<Ref>): void;
  /** Clients that were not read yet and have a time. */
  size(): number;
}

const DAY_MS = 86_400_000;

export function createSecretSchedule(clock: Clock): SecretSchedule {
  const firstDueAt = new Map<Ref, number>();
  return {
    isDue: (client, readAt) => {
      const now = clock.now().getTime();
      if (readAt !== undefined) {
        firstDueAt.delete(client);
        return now - readAt.getTime() >= DAY_MS;
      }
      const dueAt = firstDueAt.get(client) ?? now + clock.random() * DAY_MS;
      firstDueAt.set(client, dueAt);
      return now >= dueAt;
    },
    keep: (clients) => {
      for (const client of firstDueAt.keys()) if (!clients.has(client)) firstDueAt.delete(client);
    },
    size: () => firstDueAt.size,
  };
}
