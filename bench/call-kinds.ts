/** What a call to a tenant is for. */
export type CallKind = "writes" | "listings" | "other reads" | "metadata documents and keys" | "tokens";

export const CALL_KINDS: readonly CallKind[] = [
  "writes",
  "listings",
  "other reads",
  "metadata documents and keys",
  "tokens",
];

interface Answered {
  readonly method: string;
  readonly path: string;
}

interface Paths {
  /** Whether the path is of the API for administrators. */
  readonly isManagement: (path: string) => boolean;
  readonly isListing: (path: string) => boolean;
}

/** Tells the kind of a call by its method and path. */
export const kindBy =
  ({ isManagement, isListing }: Paths) =>
  ({ method, path }: Answered): CallKind => {
    if (path.endsWith("/token")) return "tokens";
    if (!isManagement(path)) return "metadata documents and keys";
    if (method !== "GET") return "writes";
    return isListing(path) ? "listings" : "other reads";
  };

/** Counts calls of some kinds. */
export const countBy =
  (kindOf: (call: Answered) => CallKind) =>
  (calls: readonly Answered[], ...kinds: readonly CallKind[]): number =>
    calls.filter((call) => kinds.includes(kindOf(call))).length;

/** Calls by method and path, sorted. `withoutIds`: what a path reads like for every object. */
export function byEndpoint(
  calls: readonly Answered[],
  withoutIds: (path: string) => string,
): readonly (readonly [endpoint: string, count: number])[] {
  const endpoints = Map.groupBy(calls, ({ method, path }) => `${method} ${withoutIds(path)}`);
  return [...endpoints].map(([endpoint, members]) => [endpoint, members.length] as const).sort();
}
