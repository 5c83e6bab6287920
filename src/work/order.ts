/** How urgent work is, the most urgent first. The queue of keys and the tenant's governor use the same order. */
export const WORK_CLASSES = [
  "compromised",
  "userChange",
  // The first time that something is made: hundreds of them come at once, and somebody's edit must not wait for them.
  "creation",
  "deletion",
  "rotationDue",
  "drift",
  "resync",
] as const;

export type WorkClass = (typeof WORK_CLASSES)[number];

/** Waiting this long lifts an item by one rank, so that nothing starves behind a busy class. */
export const AGEING_MS = 30_000;

export interface Waiting {
  readonly workClass: WorkClass;
  readonly namespace: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** A backlog may wait for minutes behind what people change now, and not for ever. */
const BACKLOG_DISTANCE = 10;

const BASE_RANK: Readonly<Record<WorkClass, number>> = {
  compromised: 0,
  userChange: 1,
  creation: BACKLOG_DISTANCE + 2,
  deletion: BACKLOG_DISTANCE + 3,
  rotationDue: BACKLOG_DISTANCE + 4,
  drift: BACKLOG_DISTANCE + 5,
  resync: BACKLOG_DISTANCE + 6,
};

const rankOf = (item: Waiting, now: number): number =>
  BASE_RANK[item.workClass] - Math.floor((now - item.since) / AGEING_MS);

/** What waits, in an order that is decided anew at each pick. */
export interface WaitingLine<T extends Waiting> {
  add(item: T): void;
  remove(item: T): void;
  /**
   * Takes what is served next: the most urgent rank; within it the namespace that was served longest ago, so that none
   * can crowd out another; within that the one that waits longest. `isEligible` passes over what cannot go now.
   */
  take(now: number, isEligible?: (item: T) => boolean): T | undefined;
  size(): number;
  countOf(workClass: WorkClass): number;
}

export function createWaitingLine<T extends Waiting>(): WaitingLine<T> {
  // Grouped, so that a pick compares one item per class and namespace and not everything that waits.
  const groups = new Map<string, Set<T>>();
  const servedAt = new Map<string, number>();
  let turn = 0;
  const groupOf = (item: T): string => `${item.workClass}/${item.namespace}`;
  const remove = (item: T): void => {
    const group = groups.get(groupOf(item));
    group?.delete(item);
    if (group?.size === 0) groups.delete(groupOf(item));
  };
  return {
    add: (item) => {
      const key = groupOf(item);
      const group = groups.get(key) ?? new Set<T>();
      groups.set(key, group.add(item));
    },
    remove,
    take: (now, isEligible = () => true) => {
      const heads = [...groups.values()]
        .map((group) => firstOf(group, isEligible))
        .filter((head) => head !== undefined);
      const best = bestOf(heads, now, servedAt);
      if (best === undefined) return undefined;
      remove(best);
      servedAt.set(best.namespace, ++turn);
      return best;
    },
    size: () => [...groups.values()].reduce((sum, group) => sum + group.size, 0),
    countOf: (workClass) =>
      [...groups].reduce((sum, [key, group]) => (key.startsWith(`${workClass}/`) ? sum + group.size : sum), 0),
  };
}

function firstOf<T>(group: ReadonlySet<T>, isEligible: (item: T) => boolean): T | undefined {
  for (const item of group) if (isEligible(item)) return item;
  return undefined;
}

function bestOf<T extends Waiting>(
  heads: readonly T[],
  now: number,
  servedAt: ReadonlyMap<string, number>,
): T | undefined {
  const rank = (item: T): number => Math.max(-1, rankOf(item, now));
  return heads.reduce<T | undefined>((best, item) => {
    if (best === undefined || rank(item) < rank(best)) return item;
    return rank(item) === rank(best) && comesBefore(item, best, servedAt) ? item : best;
  }, undefined);
}

function comesBefore(left: Waiting, right: Waiting, servedAt: ReadonlyMap<string, number>): boolean {
  const difference = (servedAt.get(left.namespace) ?? 0) - (servedAt.get(right.namespace) ?? 0);
  return difference === 0 ? left.since < right.since : difference < 0;
}

export function moreUrgent(left: WorkClass, right: WorkClass): WorkClass {
  return WORK_CLASSES.indexOf(left) <= WORK_CLASSES.indexOf(right) ? left : right;
}
