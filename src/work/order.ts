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
 * A backlog gives way for minutes, not for ever, to classes of the backlog above its own. What is urgent has one rank:
 * whoever may annotate an object decides whether it is compromised or only changed, so that this orders the work of its
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
 * How many urgent items of one namespace go in a row while others wait with less urgent ones. Whoever may annotate or
 * edit an object decides its class, so that without a bound one namespace could hold up all others for ever.
 */
const URGENT_IN_A_ROW = 8;

/** `compromised` and `userChange`: whoever asked waits for the result. */
export const isUrgent = (workClass: WorkClass): boolean => RANK[workClass] < BEST_AGED_RANK;

function agedRankOf({ workClass, since }: Waiting, now: number): number {
  if (isUrgent(workClass)) return RANK[workClass];
  return Math.max(BEST_AGED_RANK, RANK[workClass] - Math.floor(Math.max(0, now - since) / AGEING_MS));
}

/** What waits, in an order that is decided anew at each pick. */
export interface WaitingLine<T extends Waiting> {
  add(item: T): void;
  remove(item: T): void;
  /**
   * Takes what is served next: the most urgent rank; within it the namespace that was served longest ago, so that none
   * can crowd out another; within that what is urgent, then what waits longest. `isEligible` passes over lanes that
   * cannot go now; it is asked once for each class, namespace and lane.
   */
  take(now: number, isEligible?: (item: T) => boolean): T | undefined;
  size(): number;
  countOf(workClass: WorkClass): number;
}

export function createWaitingLine<T extends Waiting>(): WaitingLine<T> {
  // Grouped, so that a pick compares one item per group and not everything that waits. Each group is in order of age.
  const groups = new Map<string, T[]>();
  const turns = createTurns();
  const groupOf = ({ workClass, namespace, lane }: T): string => JSON.stringify([workClass, namespace, lane]);
  const remove = (item: T): void => {
    const group = groups.get(groupOf(item)) ?? [];
    const at = group.indexOf(item, placeOf(group, item.since - 1));
    if (at >= 0) group.splice(at, 1);
    if (group.length === 0) groups.delete(groupOf(item));
  };
  const all = (): T[][] => [...groups.values()];
  return {
    add: (item) => {
      const group = groups.get(groupOf(item)) ?? [];
      group.splice(placeOf(group, item.since), 0, item);
      groups.set(groupOf(item), group);
    },
    remove,
    take: (now, isEligible = () => true) => {
      const heads = all().flatMap((group) => group.slice(0, 1));
      const best = bestOf(heads.filter(isEligible), now, turns);
      if (best === undefined) return undefined;
      remove(best);
      turns.serve(best.namespace, isUrgent(best.workClass), new Set(heads.map(({ namespace }) => namespace)).size);
      if (groups.size === 0) turns.forgive();
      return best;
    },
    size: () => all().reduce((sum, group) => sum + group.length, 0),
    countOf: (workClass) =>
      all().reduce((sum, group) => (group[0]?.workClass === workClass ? sum + group.length : sum), 0),
  };
}

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

function bestOf<T extends Waiting>(heads: readonly T[], now: number, turns: Turns): T | undefined {
  // Whose namespace was urgent often enough in a row lets one of the others go first.
  const others = heads.filter(({ namespace }) => turns.urgentOf(namespace) < URGENT_IN_A_ROW);
  const ranked = (others.length > 0 ? others : heads).map((item) => ({ item, rank: agedRankOf(item, now) }));
  const best = ranked.reduce<(typeof ranked)[number] | undefined>((least, next) => {
    if (least === undefined || next.rank < least.rank) return next;
    return next.rank === least.rank && comesBefore(next.item, least.item, turns) ? next : least;
  }, undefined);
  return best?.item;
}

function comesBefore(left: Waiting, right: Waiting, turns: Turns): boolean {
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
