import { ProviderError } from "../../ports/provider-error.ts";
import { createPageCount } from "../../tenant/page-count.ts";
import { isTooLarge } from "../answers.ts";
import type { ClientDocument } from "./documents.ts";

const SIZE = 100;
/** So many members of a page are in the next one too: pages are counted, and shift when a client is deleted meanwhile. */
const OVERLAP = 10;

type Ask = (query: string) => Promise<readonly ClientDocument[]>;

/**
 * Every client, in one answer where that is not larger than what is read. Else in pages that overlap: where two do not,
 * something may be missing between them, which is `unavailable`.
 */
export async function* clientPages(ask: Ask): AsyncIterable<readonly ClientDocument[]> {
  const all = await wholeOf(ask);
  if (all === undefined) yield* overlappingPages(ask);
  else yield all;
}

async function wholeOf(ask: Ask): Promise<readonly ClientDocument[] | undefined> {
  try {
    return await ask("");
  } catch (error) {
    if (isTooLarge(error)) return undefined;
    throw error;
  }
}

async function* overlappingPages(ask: Ask): AsyncIterable<readonly ClientDocument[]> {
  const count = createPageCount("Keycloak");
  let last: ReadonlySet<string> = new Set();
  for (let first = 0; ; first += SIZE - OVERLAP) {
    const page = await ask(`?first=${String(first)}&max=${String(SIZE)}`);
    count(page.length);
    if (first > 0 && !page.some(({ id }) => last.has(id)))
      throw new ProviderError("unavailable", "The clients of the realm changed while the operator listed them.");
    yield page;
    if (page.length < SIZE) return;
    last = new Set(page.slice(-OVERLAP).map(({ id }) => id));
  }
}
