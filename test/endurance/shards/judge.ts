/** One request to one tenant, by whom it was sent. Times in milliseconds since the epoch. */
export interface CallBy {
  readonly tenant: string;
  /** One run of one process. */
  readonly who: string;
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

/** When a run of a process was ended or frozen, so that it had no time to end its work. */
export interface Blow {
  readonly who: string;
  readonly at: number;
}

/**
 * Between two changes of hands of one tenant, in milliseconds, since a replica has to be seen alive for so long before a
 * shard is given to it: what is shorter is no change of hands, but two that call at once.
 */
const SHORTEST_REIGN_MS = 1000;

/**
 * What the tenants' own call logs say against it that no tenant was ever called by two at once: calls of two that overlap,
 * two that take turns, a call of one that was frozen after it, and a pause shorter than `settleMs` after an end without
 * notice.
 */
export function objectionsTo(calls: readonly CallBy[], blows: readonly Blow[], settleMs: number): readonly string[] {
  const byTenant = Map.groupBy(calls, ({ tenant }) => tenant);
  return [...byTenant.values()].flatMap((own) => objectionsAtTenant(own, blows, settleMs));
}

function objectionsAtTenant(unsorted: readonly CallBy[], blows: readonly Blow[], settleMs: number): readonly string[] {
  const calls = unsorted.toSorted((a, b) => a.from - b.from);
  const objections: string[] = [];
  let reignFrom = calls[0]?.from ?? 0;
  let lastTo = 0;
  for (const [index, call] of calls.entries()) {
    const before = calls[index - 1];
    if (before !== undefined && before.who !== call.who) {
      const blow = blows.find(({ who, at }) => who === before.who && at <= call.from);
      if (call.from < lastTo) objections.push(`at once: ${text(before)} and ${text(call)}`);
      else if (blow !== undefined && call.from - before.from < settleMs)
        objections.push(`too soon after an end without notice: ${text(before)} and ${text(call)}`);
      const isFirst = reignFrom === calls[0]?.from;
      if (!isFirst && before.from - reignFrom < SHORTEST_REIGN_MS && call.from - reignFrom < SHORTEST_REIGN_MS)
        objections.push(`taking turns: ${text(before)} and ${text(call)}`);
      reignFrom = call.from;
    }
    const blow = blows.find(({ who }) => who === call.who);
    // What was on its way when it was frozen arrives a moment later.
    if (blow !== undefined && call.from > blow.at + ON_ITS_WAY_MS)
      objections.push(`${String(call.from - blow.at)} ms after it was ended: ${text(call)}`);
    lastTo = Math.max(lastTo, call.to);
  }
  return objections;
}

const ON_ITS_WAY_MS = 1000;

const text = ({ who, tenant, what, from, to }: CallBy): string =>
  `${who} to ${tenant} ${what} ${new Date(from).toISOString()} (${String(to - from)} ms)`;
