import { expect, it } from "vitest";
import { blocksOf, pages } from "../../docs/pages.ts";

const diagrams = pages()
  .flatMap(blocksOf)
  .filter(({ language }) => language === "mermaid")
  .map((block) => [`${block.page}:${String(block.line)}`, block.text] as const);

/** The site's build reads every diagram with Mermaid itself; this is what goes wrong most, and is found without it. */
it.each(diagrams)("the diagram at %s has no semicolon, which ends a statement of Mermaid", (_place, text) => {
  expect(text.split("\n").filter((line) => line.replaceAll(/#\w+;/g, "").includes(";"))).toEqual([]);
});

it("diagrams are found", () => {
  expect(diagrams.length).toBeGreaterThan(3);
});
