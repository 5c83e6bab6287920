import { isUrgent, type Waiting } from "../work/order.ts";

/** Keeps one lane (one tenant) from holding all workers, or more passes in memory than its limit can use. */
export interface Lanes {
  mayStart(item: Waiting): boolean;
  start(item: Waiting): void;
  /** The pass goes on, and holds no worker any more. */
  setAside(item: Waiting): void;
  /** Follows every `start`. */
  end(item: Waiting): void;
}

/**
 * Passes of one class at one tenant that are set aside before no more are begun: enough that a limit never lacks a
 * request to let through, few enough that what a pass has read is not old by then. Counted for each class, so that an
 * edit begins, and its requests overtake, however many of the backlog wait.
 */
const MAX_ASIDE = 16;

/** Of the workers, how many the backlog of one lane may hold. */
const SHARE = 3 / 4;

export function createLanes(workers: number): Lanes {
  const most = Math.max(1, Math.floor(workers * SHARE));
  const busy = createTally();
  const aside = createTally();
  const setAside = new Set<Waiting>();
  const classOf = ({ lane, workClass }: Waiting): string => `${workClass} ${lane}`;
  return {
    mayStart: (item) => aside.of(classOf(item)) < MAX_ASIDE && (isUrgent(item.workClass) || busy.of(item.lane) < most),
    start: ({ lane }) => {
      busy.add(lane, 1);
    },
    setAside: (item) => {
      setAside.add(item);
      busy.add(item.lane, -1);
      aside.add(classOf(item), 1);
    },
    end: (item) => {
      if (setAside.delete(item)) aside.add(classOf(item), -1);
      else busy.add(item.lane, -1);
    },
  };
}

/** Counts by name; what is at 0 is forgotten. */
function createTally() {
  const counts = new Map<string, number>();
  return {
    of: (name: string): number => counts.get(name) ?? 0,
    add: (name: string, change: 1 | -1): void => {
      const count = (counts.get(name) ?? 0) + change;
      if (count === 0) counts.delete(name);
      else counts.set(name, count);
    },
  };
}
