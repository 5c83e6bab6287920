import { ProviderError } from "../../ports/provider-error.ts";
import { isTooLarge } from "../answers.ts";
import { createPageCount } from "../../tenant/page-count.ts";

interface Pages {
  nextUri: string;
  getNextPage(): Promise<unknown>;
}

type Read = <T>(call: () => Promise<T>) => Promise<T>;

/** Members of a page, where the one before was larger than what is read. */
const SMALLER = [100, 50, 10, 1];

/**
 * Pages of one of the SDK's collections, whose own iterator takes an empty page in the middle for an item. Every page is
 * requested within `read`, which may ask again: what failed is no end. Throws `unavailable` where the link to the next
 * page leads to another resource or to a page that was there already, and when the pages do not end.
 */
export async function* pagesOf<T>(collection: Pages, read: Read = (call) => call()): AsyncIterable<readonly T[]> {
  const count = createPageCount("Okta");
  const seen = new Set([collection.nextUri]);
  do {
    const before = collection.nextUri;
    const page = await read(() => nextPage(collection));
    const next = collection.nextUri as string | undefined;
    if (next !== undefined && (seen.has(next) || pathOf(next) !== pathOf(before)))
      throw new ProviderError("unavailable", "Okta's link to the next page leads elsewhere.");
    if (next !== undefined) seen.add(next);
    count((page as readonly T[]).length);
    yield page as readonly T[];
  } while (collection.nextUri as string | undefined);
}

export async function allOf<T>(collection: Pages, read?: Read): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of pagesOf<T>(collection, read)) all.push(...page);
  return all;
}

async function nextPage(collection: Pages): Promise<unknown> {
  for (;;)
    try {
      return await collection.getNextPage();
    } catch (error) {
      const smaller = isTooLarge(error) ? withSmallerPage(collection.nextUri) : undefined;
      if (smaller === undefined) throw error;
      collection.nextUri = smaller;
    }
}

/** Links have a host, the first request may have none. */
const urlOf = (uri: string): URL => new URL(uri, "https://org.invalid");

const pathOf = (uri: string): string => urlOf(uri).pathname;

function withSmallerPage(uri: string): string | undefined {
  const limit = urlOf(uri).searchParams.get("limit");
  const smaller = SMALLER.find((size) => limit !== null && size < Number(limit));
  return smaller === undefined ? undefined : uri.replace(/([?&]limit=)\d+/, `$1${String(smaller)}`);
}
