import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isGenerated, REPOSITORY } from "../../../docs/.vitepress/repository.mjs";
import { CUSTOM_RESOURCES } from "../../../src/kinds/registry.ts";
import { pages, readPage, ROOT } from "../../docs/pages.ts";
import { REPOSITORY_URL } from "../../../scripts/generate/repository.ts";

const generator = readFileSync(join(ROOT, "scripts/generate.ts"), "utf8");
const generated = [
  ...CUSTOM_RESOURCES.map(({ plural }) => `docs/reference/${plural}.md`),
  ...[...generator.matchAll(/\["(docs\/[\w/-]+\.md)"/g)].map((match) => match[1] ?? ""),
];

it("the site leads to the repository that package.json names", () => {
  expect(REPOSITORY).toBe(REPOSITORY_URL);
  const theme = readFileSync(join(ROOT, "docs/.vitepress/repository.mjs"), "utf8");
  expect(theme).not.toMatch(/github\.com\/\w/);
});

it("exactly the generated pages have no text to edit", () => {
  expect(pages().filter((page) => isGenerated(readPage(page)))).toEqual(generated.toSorted());
});
