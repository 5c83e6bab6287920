import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sidebar, topNavigation } from "../../../docs/.vitepress/navigation.mjs";
import { pages, ROOT } from "../../docs/pages.ts";

interface Item {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly Item[];
}

const linksOf = (items: readonly Item[]): readonly string[] =>
  items.flatMap(({ link, items: below = [] }) => [...(link === undefined ? [] : [link]), ...linksOf(below)]);

const main = linksOf(sidebar["/"]);
const decisions = linksOf(sidebar["/adr/"]);
const addresses = pages()
  .filter((page) => page.startsWith("docs/") && page !== "docs/index.md" && !page.startsWith("docs/repository/"))
  .map((page) => page.slice("docs".length).replace(/\.md$/, ""));

it("every page is in the menu once, and a decision in the menu of decisions", () => {
  const missing = addresses.filter((page) => !(page.startsWith("/adr/") ? decisions : main).includes(page));
  expect(missing).toEqual([]);
  expect(main.filter((link, index) => main.indexOf(link) !== index)).toEqual([]);
});

it("every link of the menus leads to a page", () => {
  const pagesOfDocs = [...main, ...decisions].filter((link) => !link.startsWith("/repository/"));
  expect(pagesOfDocs.filter((link) => !existsSync(join(ROOT, `docs${link}.md`)))).toEqual([]);
});

it("each page marks one section at the top", () => {
  for (const page of addresses) {
    const marked = topNavigation.filter(({ activeMatch }) => new RegExp(activeMatch).test(page));
    expect([page, marked.length]).toEqual([page, 1]);
  }
});
