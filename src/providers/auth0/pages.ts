import { ProviderError } from "../../ports/provider-error.ts";
import { isTooLarge } from "../answers.ts";
import { createPageCount } from "../../tenant/page-count.ts";

/** Auth0 gives at most a hundred at a time. Each divides the one before, so that what was read stays whole pages. */
const SIZES = [100, 50, 25, 5, 1] as const;

/** A page, and what the SDK keeps of the answer beside its items. */
interface Page<T> {
  readonly data: readonly T[];
  readonly response: unknown;
}

/**
 * All pages that have numbers, in smaller ones where a page is larger than what is read. Throws `unavailable` when they
 * do not end.
 */
export async function* numberedPages<T>(
  ask: (request: { page: number; per_page: number; include_totals: true }) => Promise<Page<T>>,
): AsyncIterable<readonly T[]> {
  const reader = createReader();
  const count = createPageCount("Auth0");
  let start = 0;
  for (;;) {
    const { page, size } = await reader.read((size) =>
      ask({ page: start / size, per_page: size, include_totals: true }),
    );
    count(page.data.length);
    yield page.data;
    start += size;
    const { total } = page.response as { readonly total: number };
    if (page.data.length < size || start >= total) return;
  }
}

/** All pages that follow each other by a cursor. Throws `unavailable` for a cursor that was there already, and when they do not end. */
export async function* cursorPages<T>(
  ask: (request: { take: number; from?: string }) => Promise<Page<T>>,
): AsyncIterable<readonly T[]> {
  const reader = createReader();
  const count = createPageCount("Auth0");
  const seen = new Set<string>();
  let from: string | undefined;
  do {
    const cursor = from === undefined ? {} : { from };
    const { page } = await reader.read((take) => ask({ take, ...cursor }));
    count(page.data.length);
    yield page.data;
    from = (page.response as { readonly next?: string | null }).next ?? undefined;
    if (from !== undefined && seen.has(from))
      throw new ProviderError("unavailable", "Auth0 names a next page that the operator has already read.");
    if (from !== undefined) seen.add(from);
  } while (from !== undefined && from !== "");
}

/** Reads one page after the other, each as large as it can be. */
function createReader() {
  let index = 0;
  return {
    read: async <P>(ask: (size: number) => Promise<P>): Promise<{ readonly page: P; readonly size: number }> => {
      for (;;) {
        const size = SIZES[index] ?? 1;
        try {
          return { page: await ask(size), size };
        } catch (error) {
          if (!isTooLarge(error) || index + 1 >= SIZES.length) throw error;
          index += 1;
        }
      }
    },
  };
}
