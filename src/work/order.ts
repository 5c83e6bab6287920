import { createTurns, type Turns } from "./turns.ts";

/** How urgent work is, the most urgent first. The queue of keys and the tenant's governor use the same order. */
export const WORK_CLASSES = [
  "compromised",
  "userChange",
  // What somebody waits to use for the first time: hundreds come at once, and an edit must not wait for them.
  "creation",
  "deletion",
  "rotationDue",
  "drift",
  "resync",
] as const;

export type WorkClass = (typeof WORK_CLASSES)[number];

/** Waiting this long lifts an item by one rank, so that nothing starves behind a busy class. */
const AGEING_MS = 30_000;

export interface Waiting {
  readonly workClass: WorkClass;
  readonly namespace: string;
  /** What decides whether it may go now, such as a tenant's limit: the same for all items of one lane. */
  readonly lane: string;
  /** Milliseconds of the monotonic clock. */
  readonly since: number;
}

/** The best rank that waiting can lead to: one below what people change, so that no backlog ever passes an edit. */
const BEST_AGED_RANK = 2;

/**
 * A backlog gives way for minutes, not forever, to classes of the backlog above its own. What is urgent has one rank:
 * anyone who may annotate an object decides whether it is compromised or only changed, so that this orders the work of its
 * own namespace and no other.
 */
const RANK: Readonly<Record<WorkClass, number>> = {
  compromised: 0,
  userChange: 0,
  creation: BEST_AGED_RANK + 10,
  deletion: BEST_AGED_RANK + 11,
  rotationDue: BEST_AGED_RANK + 12,
  drift: BEST_AGED_RANK + 13,
  resync: BEST_AGED_RANK + 14,
};

/**
 * How many urgent items of one namespace go in a row while others wait with less urgent ones. Anyone who may annotate or
 * edit an object decides its class, so that without a bound one namespace could hold up all others forever.
 */
const URGENT_IN_A_ROW = 8;

/** `compromised` and `userChange`: the person who asked waits for the result. */
export const isUrgent = (workClass: WorkClass): boolean => RANK[workClass] < BEST_AGED_RANK;

function agedRankOf({ workClass, since }: Waiting, now: number): number {
  if (isUrgent(workClass)) return RANK[workClass];
  return Math.max(BEST_AGED_RANK, RANK[workClass] - Math.floor(Math.max(0, now - since) / AGEING_MS));
}

/** What waits, in an order that is decided again at each pick. */
export interface WaitingLine<T extends Waiting> {
  add(item: T): void;
  remove(item: T): void;
  /**
   * Takes what is served next: the most urgent rank; within it the namespace that was served longest ago, so that none
   * can crowd out another; within that what is urgent, then what waits longest. `isEligible` passes over lanes that
   * cannot go now; it is asked at most once for each class, namespace and lane.
   */
  take(now: number, isEligible?: (item: T) => boolean): T | undefined;
  size(): number;
  countOf(workClass: WorkClass): number;
}

export function createWaitingLine<T extends Waiting>(): WaitingLine<T> {
  // Grouped, so that a pick compares one item per group and not everything that waits. Each group is in order of age.
  const groups = new Map<string, T[]>();
  /** How many groups each namespace has. */
  const groupsOf = new Map<string, number>();
  const turns = createTurns();
  const count = (namespace: string, change: 1 | -1): void => {
    const groupCount = (groupsOf.get(namespace) ?? 0) + change;
    if (groupCount === 0) groupsOf.delete(namespace);
    else groupsOf.set(namespace, groupCount);
  };
  const remove = (item: T): void => {
    const name = groupOf(item);
    const group = groups.get(name);
    if (group === undefined) return;
    const at = group.indexOf(item, placeOf(group, item.since - 1));
    if (at >= 0) group.splice(at, 1);
    if (group.length > 0) return;
    groups.delete(name);
    count(item.namespace, -1);
  };
  return {
    add: (item) => {
      const name = groupOf(item);
      const group = groups.get(name);
      if (group !== undefined) {
        group.splice(placeOf(group, item.since), 0, item);
        return;
      }
      groups.set(name, [item]);
      count(item.namespace, 1);
    },
    remove,
    take: (now, isEligible = () => true) => {
      const best = bestOf(groups.values(), isEligible, now, turns);
      if (best === undefined) return undefined;
      const namespaces = groupsOf.size;
      remove(best);
      turns.serve(best.namespace, isUrgent(best.workClass), namespaces);
      if (groups.size === 0) turns.forgive();
      return best;
    },
    size: () => [...groups.values()].reduce((sum, group) => sum + group.length, 0),
    countOf: (workClass) =>
      [...groups.values()].reduce((sum, group) => (group[0]?.workClass === workClass ? sum + group.length : sum), 0),
  };
}

/** Neither a class nor a namespace has a space. */
const groupOf = ({ workClass, namespace, lane }: Waiting): string => `${workClass} ${namespace} ${lane}`;

/** Where an item of this age belongs: after all that wait as long or longer. */
function placeOf(group: readonly Waiting[], since: number): number {
  let [from, to] = [0, group.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((group[middle] as Waiting).since <= since) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The first of the heads of these groups. A pick compares one of each, and so may not cost more than it must. */
function bestOf<T extends Waiting>(
  groups: Iterable<readonly T[]>,
  isEligible: (item: T) => boolean,
  now: number,
  turns: Turns,
): T | undefined {
  let [best, bestOfAll] = [undefined as T | undefined, undefined as T | undefined];
  for (const group of groups) {
    const head = group[0];
    if (head === undefined) continue;
    // Whose namespace was urgent often enough in a row lets one of the others go first.
    const givesWay = turns.urgentOf(head.namespace) >= URGENT_IN_A_ROW;
    const isBest = !givesWay && (best === undefined || comesBefore(head, best, now, turns));
    const isBestOfAll = bestOfAll === undefined || comesBefore(head, bestOfAll, now, turns);
    // Asked last, since it costs most.
    if ((!isBest && !isBestOfAll) || !isEligible(head)) continue;
    if (isBest) best = head;
    if (isBestOfAll) bestOfAll = head;
  }
  return best ?? bestOfAll;
}

function comesBefore(left: Waiting, right: Waiting, now: number, turns: Turns): boolean {
  const byRank = agedRankOf(left, now) - agedRankOf(right, now);
  if (byRank !== 0) return byRank < 0;
  const byTurn = turns.servedAt(left.namespace) - turns.servedAt(right.namespace);
  if (byTurn !== 0) return byTurn < 0;
  const byUrgency = urgencyOf(left) - urgencyOf(right);
  return byUrgency === 0 ? left.since < right.since : byUrgency < 0;
}

/** Within a namespace. A backlog is one: its order is that of rank and age. */
const urgencyOf = ({ workClass }: Waiting): number =>
  isUrgent(workClass) ? WORK_CLASSES.indexOf(workClass) : WORK_CLASSES.length;

export function moreUrgent(left: WorkClass, right: WorkClass): WorkClass {
  return WORK_CLASSES.indexOf(left) <= WORK_CLASSES.indexOf(right) ? left : right;
}
