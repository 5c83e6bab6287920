import type { Call } from "../../sandbox/call-log.ts";
import { type Bucket, bucketOf, OKTA_PLANS, type OktaPlan } from "../../sandbox/okta/plans.ts";
import { byEndpoint as byEndpointOf, countBy, kindBy } from "../call-kinds.ts";
import { SHARE_PERCENT } from "./cases.ts";

const LISTINGS = new Set(["/api/v1/apps", "/api/v1/authorizationServers"]);

export const isManagement = ({ path }: Pick<Call, "path">): boolean => path.startsWith("/api/");

export const countOf = countBy(
  kindBy({ isManagement: (path) => isManagement({ path }), isListing: (path) => LISTINGS.has(path) }),
);

export const readsIn = (calls: readonly Call[]): number => countOf(calls, "listings", "other reads");

export const refusedIn = (calls: readonly Call[]): number => calls.filter(({ status }) => status === 429).length;

/** Calls by method and path, with every id left out. */
export const byEndpoint = (calls: readonly Call[]) =>
  byEndpointOf(calls, (path) => path.replaceAll(/\/(aus|00p|0pr|0oa|scp)[A-Za-z0-9]+/g, "/ID"));

/** The bucket that needs the most minutes for the requests that it got. */
export interface Bottleneck {
  readonly bucket: Bucket;
  readonly calls: readonly Call[];
  /** What one token may send in a minute. */
  readonly perMinute: number;
}

/** `undefined` on a plan without limits. */
export function bottleneckOf(plan: OktaPlan, calls: readonly Call[]): Bottleneck | undefined {
  const limits: Readonly<Record<Bucket, number>> | undefined = OKTA_PLANS[plan]?.perMinute;
  if (limits === undefined) return undefined;
  const byBucket = Map.groupBy(calls.filter(isManagement), ({ method, path }) => bucketOf(method, path));
  return [...byBucket]
    .map(([bucket, members]) => ({
      bucket,
      calls: members,
      perMinute: Math.floor((limits[bucket] * SHARE_PERCENT) / 100),
    }))
    .sort((a, b) => b.calls.length / b.perMinute - a.calls.length / a.perMinute)[0];
}

const MINUTE_MS = 60_000;

/**
 * Time is cut into minutes that follow each other without a gap, the first of which begins with the first call of the
 * bucket. A minute counts when the bucket has a call after its end: then work was left all through it, whatever kept it
 * from being sent, and everything that was allowed should have been. The share is the calls in the minutes that count,
 * divided by what one token may send in as many minutes. The last minute, in which the work runs out, does not count;
 * `undefined` when there is no other.
 */
export function usedPercent({ calls, perMinute }: Bottleneck): number | undefined {
  const times = calls.map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
  const [first = 0] = times;
  const minutes = Math.floor(((times.at(-1) ?? first) - first) / MINUTE_MS);
  if (minutes === 0) return undefined;
  const sent = times.filter((time) => time < first + minutes * MINUTE_MS).length;
  return (100 * sent) / (minutes * perMinute);
}

/** Of what one token may send in a minute, how much the busiest minute of the bucket took. */
export function busiestMinutePercent({ calls, perMinute }: Bottleneck): number {
  const times = calls.map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
  const within = times.map((start, index) => times.slice(index).filter((time) => time < start + MINUTE_MS).length);
  return (100 * Math.max(0, ...within)) / perMinute;
}
