/** One request to one tenant, by whom it was sent. Times in milliseconds since the epoch. */
export interface CallBy {
  readonly tenant: string;
  /** One run of one process. */
  readonly who: string;
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

/** When a run of a process ended or frozen, so that it had no time to end its work. */
export interface Blow {
  readonly who: string;
  readonly at: number;
  /** Tenants that it worked on at that time: it had not released them. */
  readonly tenants: readonly string[];
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
  const late = calls.flatMap((call) => lateAfterBlow(call, blows));
  return [...late, ...objectionsToReigns(reignsIn(calls), blows, settleMs)];
}

function lateAfterBlow(call: CallBy, blows: readonly Blow[]): readonly string[] {
  const blow = blows.find(({ who, tenants }) => who === call.who && tenants.includes(call.tenant));
  if (blow === undefined || call.from <= blow.at + ON_ITS_WAY_MS) return [];
  return [`${String(call.from - blow.at)} ms after it was ended: ${text(call)}`];
}

/** Calls of one process that no other called between. */
interface Reign {
  readonly first: CallBy;
  readonly last: CallBy;
  /** When the last of all calls so far was answered. */
  readonly to: number;
}

function reignsIn(calls: readonly CallBy[]): readonly Reign[] {
  const reigns: Reign[] = [];
  for (const call of calls) {
    const before = reigns.at(-1);
    const to = Math.max(before?.to ?? 0, call.to);
    if (before?.last.who === call.who) reigns[reigns.length - 1] = { ...before, last: call, to };
    else reigns.push({ first: call, last: call, to });
  }
  return reigns;
}

function objectionsToReigns(reigns: readonly Reign[], blows: readonly Blow[], settleMs: number): readonly string[] {
  return reigns.flatMap((reign, index) => {
    const [before, after] = [reigns[index - 1], reigns[index + 1]];
    if (before === undefined) return [];
    const both = `${text(before.last)} and ${text(reign.first)}`;
    if (reign.first.from < before.to) return [`at once: ${both}`];
    const { who: last, tenant } = before.last;
    const isBlow = blows.some(
      ({ who, at, tenants }) => who === last && tenants.includes(tenant) && at <= reign.first.from,
    );
    if (isBlow && reign.first.from - before.last.from < settleMs)
      return [`too soon after an end without notice: ${both}`];
    const isShort = after !== undefined && after.first.from - reign.first.from < SHORTEST_REIGN_MS;
    return isShort ? [`taking turns: ${both}`] : [];
  });
}

/** What was on its way when its process ended or frozen arrives a moment later. */
const ON_ITS_WAY_MS = 1000;

const text = ({ who, tenant, what, from, to }: CallBy): string =>
  `${who} to ${tenant} ${what} ${new Date(from).toISOString()} (${String(to - from)} ms)`;
