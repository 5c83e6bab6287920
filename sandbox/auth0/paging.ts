import { managementError } from "./errors.ts";

export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

const badQuery = (message: string) =>
  managementError(400, `Query validation error: ${message}.`, "invalid_query_string");

/** Unknown parameters are refused, as the vendor does. */
export function checkQuery(query: Query, known: readonly string[]): void {
  const unknown = Object.keys(query).find((name) => !known.includes(name));
  if (unknown !== undefined) throw badQuery(`'Additional properties not allowed: ${unknown}'`);
}

export const PAGING = ["page", "per_page", "include_totals", "from", "take", "fields", "include_fields"];

export function textOf(query: Query, name: string): string | undefined {
  const value = query[name];
  return typeof value === "string" ? value : undefined;
}

function numberOf(query: Query, name: string, max: number): number | undefined {
  const text = textOf(query, name);
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text) || Number(text) > max) throw badQuery(`'Value ${text} is not allowed' on property ${name}`);
  return Number(text);
}

/** Both of the vendor's pagings: `take` wins over `per_page`; the last page of a cursor has no `next`. */
export function paged<T>(items: readonly T[], query: Query, key: string, hasCursor: boolean): unknown {
  const take = numberOf(query, "take", 100);
  if (hasCursor && (take !== undefined || query["from"] !== undefined)) return byCursor(items, query, key, take ?? 50);
  const perPage = numberOf(query, "per_page", 100) ?? 50;
  const start = (numberOf(query, "page", 100_000) ?? 0) * perPage;
  const page = items.slice(start, start + perPage);
  if (textOf(query, "include_totals") !== "true") return page;
  return { total: items.length, start, limit: perPage, [key]: page };
}

function byCursor<T>(items: readonly T[], query: Query, key: string, take: number): unknown {
  const from = textOf(query, "from");
  const start = from === undefined ? 0 : Number(Buffer.from(from, "base64").toString());
  if (!Number.isInteger(start)) throw badQuery("'Invalid cursor' on property from");
  const next = start + take < items.length ? Buffer.from(String(start + take)).toString("base64") : undefined;
  return { [key]: items.slice(start, start + take), ...(next === undefined ? {} : { next }) };
}

/** `fields` with `include_fields`; the clients' list keeps `tenant` whatever is requested. */
export function selected(item: object, query: Query, always: readonly string[] = []): object {
  const fields = textOf(query, "fields");
  if (fields === undefined) return item;
  const names = new Set([...fields.split(",")]);
  const isIncluded = textOf(query, "include_fields") !== "false";
  const keeps = (name: string): boolean => names.has(name) === isIncluded || (isIncluded && always.includes(name));
  return Object.fromEntries(Object.entries(item).filter(([name]) => keeps(name)));
}
