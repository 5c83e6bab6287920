const REMEMBERED_AT_LEAST = 64;

/** Which namespaces were served last, and how often by urgency. */
export interface Turns {
  /** Greater is later; 0 when it was not served in living memory. */
  servedAt(namespace: string): number;
  /** Urgent items of this namespace since something less urgent was served. */
  urgentOf(namespace: string): number;
  /** `waiting` is the number of namespaces that wait: twice as many are remembered. */
  serve(namespace: string, isUrgent: boolean, waiting: number): void;
  /** Nobody waits, so that nobody was held up. */
  forgive(): void;
  /** Number of namespaces that are remembered. */
  size(): number;
}

interface Turn {
  readonly at: number;
  /** Urgent items since something less urgent was served, which ended `round`. */
  readonly urgent: number;
  readonly round: number;
}

export function createTurns(): Turns {
  // In order of service, the one served longest ago first.
  const turns = new Map<string, Turn>();
  let count = 0;
  let round = 0;
  const urgentOf = (namespace: string): number => {
    const turn = turns.get(namespace);
    return turn?.round === round ? turn.urgent : 0;
  };
  return {
    servedAt: (namespace) => turns.get(namespace)?.at ?? 0,
    urgentOf,
    serve: (namespace, isUrgent, waiting) => {
      const urgent = urgentOf(namespace);
      if (!isUrgent) round += 1;
      turns.delete(namespace);
      turns.set(namespace, { at: ++count, urgent: isUrgent ? urgent + 1 : 0, round });
      const most = Math.max(REMEMBERED_AT_LEAST, 2 * waiting);
      for (const oldest of turns.keys()) {
        if (turns.size <= most) break;
        turns.delete(oldest);
      }
    },
    forgive: () => {
      round += 1;
    },
    size: () => turns.size,
  };
}
