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
  const limit = limitOf(org, query["limit"]);
  const start = startOf(query["after"], all.map(idOf));
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
  const after = isMore ? cursor(start + items.length, idOf(last)) : "";
  return { items, links: [link({}, "self"), ...(isMore ? [link({ after, limit }, "next")] : [])] };
}

function limitOf({ knobs }: Org, asked: unknown): number {
  const wanted = Number(asked ?? MAX);
  const limit = knobs.overLimit === "capped" ? Math.min(wanted, MAX) : wanted;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX) throw invalid("limit", "limit: must be between 1 and 200");
  return limit;
}

const cursor = (position: number, id: string): string => Buffer.from(`${String(position)} ${id}`).toString("base64url");

/** After the item that the page before ended with; where that is gone, at the place where it was. */
function startOf(after: unknown, ids: readonly string[]): number {
  if (typeof after !== "string") return 0;
  const [position, id = ""] = Buffer.from(after, "base64url").toString().split(" ");
  const index = ids.indexOf(id);
  const start = index < 0 ? Number(position) : index + 1;
  if (!Number.isInteger(start)) throw invalid("after", "after: The cursor is invalid.");
  return start;
}
