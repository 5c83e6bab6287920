import type { Ref } from "../../ports/provider.ts";

/** Readings of all grants of one client, each with its beginning. */
export interface ClientReadings {
  /**
   * Reads the grants of the client unless a reading that began at or after `since` is there. Several callers share one:
   * the ScopeGrants of a client arrive together.
   */
  ensure(client: Ref, since: Date): Promise<void>;
  /** Forgets every reading that began before `time`: a listing has taken its place. */
  forgetBefore(time: Date): void;
}

interface Reading {
  readonly startedAt: Date;
  readonly finished: Promise<void>;
}

/** `read`: keeps what it reads. */
export function createClientReadings(read: (client: Ref) => Promise<void>, now: () => Date): ClientReadings {
  const readings = new Map<Ref, Reading>();
  const start = (client: Ref): Reading => {
    const reading = {
      startedAt: now(),
      finished: read(client).catch((error: unknown) => {
        if (readings.get(client) === reading) readings.delete(client);
        throw error;
      }),
    };
    readings.set(client, reading);
    return reading;
  };
  return {
    ensure: async (client, since) => {
      const last = readings.get(client);
      await (last !== undefined && last.startedAt >= since ? last : start(client)).finished;
    },
    forgetBefore: (time) => {
      for (const [client, { startedAt }] of readings) if (startedAt < time) readings.delete(client);
    },
  };
}
