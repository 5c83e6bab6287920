import { describe, expect, it } from "vitest";
import { cursorPages, numberedPages } from "../../../src/providers/auth0/pages.ts";
import { pagesOf } from "../../../src/providers/okta/pages.ts";

const full = Array.from({ length: 100 }, (_, index) => index);

async function countOf(pages: AsyncIterable<readonly number[]>): Promise<number> {
  let [count, asked] = [0, 0];
  for await (const page of pages) {
    count += page.length;
    if (++asked > 300_000) throw new Error("nobody gave up");
  }
  return count;
}

let unique = 0;

/** The SDK's collection of a tenant that links every page to one more. */
function linked(page: readonly number[], pages = Number.POSITIVE_INFINITY) {
  let asked = 0;
  const collection = {
    nextUri: "/api/v1/apps?limit=200",
    getNextPage: () => {
      asked += 1;
      const next = `https://org.example.com/api/v1/apps?after=${String(++unique)}`;
      // The SDK has no link after the last page.
      collection.nextUri = (asked < pages ? next : undefined) as string;
      return Promise.resolve(page);
    },
  };
  return collection;
}

describe("pages that do not end", () => {
  it.each<readonly [string, () => AsyncIterable<readonly number[]>]>([
    ["numbered", () => numberedPages(() => Promise.resolve({ data: full, response: { total: 1e9 } }))],
    ["cursors", () => cursorPages(() => Promise.resolve({ data: full, response: { next: String(++unique) } }))],
    ["empty", () => cursorPages(() => Promise.resolve({ data: [], response: { next: String(++unique) } }))],
    ["links", () => pagesOf<number>(linked(full))],
    ["empty links", () => pagesOf<number>(linked([]))],
  ])("are given up (%s)", async (_name, pages) => {
    await expect(countOf(pages())).rejects.toMatchObject({
      message: expect.stringContaining("does not end") as string,
    });
  });

  it("are read to their end while a tenant could have so many", async () => {
    const ask = () => Promise.resolve({ data: full, response: { total: 100_000 } });
    expect(await countOf(numberedPages(ask))).toBe(100_000);
    expect(await countOf(pagesOf<number>(linked(full, 1000)))).toBe(100_000);
  });
});
