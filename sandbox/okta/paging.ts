import { invalid } from "./errors.ts";
import type { Org } from "./org.ts";

type Query = Readonly<Record<string, unknown>>;

export interface Page<T> {
  readonly items: readonly T[];
  /** Values of the `Link` header. */
  readonly links: readonly string[];
}

const MAX = 200;

/** The next page is known by its link alone: nobody may build `after` by hand. */
export function paged<T>(org: Org, path: string, query: Query, all: readonly T[], idOf: (item: T) => string): Page<T> {
  const limit = Number(query["limit"] ?? MAX);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX) throw invalid("limit", "limit: must be between 1 and 200");
  const after = typeof query["after"] === "string" ? query["after"] : undefined;
  const start = after === undefined ? 0 : all.findIndex((item) => idOf(item) === after) + 1;
  const items = all.slice(start, start + limit);
  const link = (extra: Query, rel: string): string => {
    const parameters = new URLSearchParams(
      Object.entries({ ...query, ...extra }).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const text = parameters.size === 0 ? "" : `?${parameters.toString()}`;
    return `<${org.url}${path}${text}>; rel="${rel}"`;
  };
  const last = items.at(-1);
  const isMore = last !== undefined && start + limit < all.length;
  return {
    items,
    links: [link({}, "self"), ...(isMore ? [link({ after: idOf(last), limit }, "next")] : [])],
  };
}
