import { isUrgent, type Waiting, type WorkClass } from "../work/order.ts";

/** Keeps one lane (one tenant) from holding all workers, or more passes in memory than its limit can use. */
export interface Lanes {
  mayStart(item: Waiting): boolean;
  start(item: Waiting): void;
  /** The pass continues, and holds no worker any more. */
  setAside(item: Waiting): void;
  /** Follows every `start`. */
  end(item: Waiting): void;
}

/**
 * Passes of one kind of work at one tenant that are set aside before no more are begun: enough that a limit never lacks
 * a request to let through, few enough that what a pass has read is not old by then. Urgent work and each class of the
 * backlog are counted apart, so that an edit begins, and its requests overtake, however many of the backlog wait.
 */
const MAX_ASIDE = 16;

/** The same when each namespace has no more than one of them. Above it even the first one of a namespace waits. */
const MAX_NAMESPACES_ASIDE = 256;

/** Of the workers, how many the backlog of one lane may hold, and how many the urgent work of one namespace. */
const SHARE = 3 / 4;

/** Of the urgent passes that are set aside, how many one namespace may have: what it calls urgent leaves room for others. */
const URGENT_ASIDE = MAX_ASIDE * SHARE;

export function createLanes(workers: number): Lanes {
  const [most, mostUrgent] = [Math.max(1, Math.floor(workers * SHARE)), Math.ceil(workers * SHARE)];
  const busy = createTally();
  const aside = createTally();
  const setAside = new Set<Waiting>();
  const mayStart = ({ lane, workClass, namespace }: Waiting): boolean => {
    const all = aside.of(asideIn(lane, workClass));
    if (!isUrgent(workClass)) return all < MAX_ASIDE && busy.of(lane) < most;
    const own = aside.of(urgentOf(lane, namespace));
    const isRoom = own === 0 ? all < MAX_NAMESPACES_ASIDE : own < URGENT_ASIDE && all < MAX_ASIDE;
    return isRoom && busy.of(urgentOf("", namespace)) < mostUrgent;
  };
  return {
    mayStart,
    start: (item) => {
      count(busy, item, 1);
    },
    setAside: (item) => {
      setAside.add(item);
      count(busy, item, -1);
      countAside(aside, item, 1);
    },
    end: (item) => {
      if (setAside.delete(item)) countAside(aside, item, -1);
      else count(busy, item, -1);
    },
  };
}

// Requested at every pick, of every group that waits. Neither a class nor a namespace has a space.
const asideIn = (lane: string, workClass: WorkClass): string =>
  `aside ${isUrgent(workClass) ? "urgent" : workClass} ${lane}`;

const urgentOf = (lane: string, namespace: string): string => `urgent ${namespace} ${lane}`;

type Tally = ReturnType<typeof createTally>;

/** Workers: by lane, and by namespace what is urgent. */
function count(busy: Tally, { lane, workClass, namespace }: Waiting, change: 1 | -1): void {
  busy.add(lane, change);
  if (isUrgent(workClass)) busy.add(urgentOf("", namespace), change);
}

function countAside(aside: Tally, { lane, workClass, namespace }: Waiting, change: 1 | -1): void {
  aside.add(asideIn(lane, workClass), change);
  if (isUrgent(workClass)) aside.add(urgentOf(lane, namespace), change);
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
