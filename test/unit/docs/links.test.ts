import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, it } from "vitest";
import { anchorsOf, linksOf, pages, ROOT } from "../../docs/pages.ts";

/** What is wrong with a link; `undefined` when it leads somewhere. */
function fault(page: string, href: string): string | undefined {
  if (/^(https:|mailto:)/.test(href)) return undefined;
  const [path = "", anchor] = href.split("#");
  const target = path === "" ? page : normalize(join(dirname(page), decodeURI(path)));
  if (path.startsWith("/") || !existsSync(join(ROOT, target))) return `${href}: there is no ${target}`;
  if (anchor !== undefined && !anchorsOf(target).has(anchor)) return `${href}: ${target} has no such heading`;
  return undefined;
}

it.each(pages())("every link in %s leads somewhere, on GitHub too", (page) => {
  expect(linksOf(page).flatMap((href) => fault(page, href) ?? [])).toEqual([]);
});

it("links are found", () => {
  expect(pages().flatMap(linksOf).length).toBeGreaterThan(50);
});
