import { expect, it } from "vitest";
import { CUSTOM_RESOURCES, GROUP, KINDS } from "../../../src/kinds/registry.ts";
import { blocksOf, pages, readPage } from "../../docs/pages.ts";

const uninstall = blocksOf("docs/operations.md")
  .filter(({ heading }) => heading === "Uninstall")
  .map(({ text }) => text.replaceAll("\\\n", " "));
const deleted = (pattern: RegExp): readonly string[] =>
  uninstall.flatMap((text) => [...text.matchAll(pattern)].map((match) => match[1] ?? ""));

it("the uninstallation deletes the resources of every kind that has finalizers", () => {
  const plurals = KINDS.map(({ plural }) => plural);
  expect(deleted(/^kubectl delete (\w+) --all/gm).toSorted()).toEqual(plurals.toSorted());
});

it("the uninstallation deletes every CRD", () => {
  const [crds = ""] = deleted(/^kubectl delete crd (.*)$/gm);
  const names = CUSTOM_RESOURCES.map(({ plural }) => `${plural}.${GROUP}`);
  expect(crds.split(/\s+/).toSorted()).toEqual(names.toSorted());
});

/** The comparison counts the kinds of other projects. */
const ours = pages().filter((page) => page !== "docs/comparison.md" && !page.startsWith("docs/adr/"));

it.each(ours)("%s does not count the kinds, because their number changes", (page) => {
  const counts = /\b(?:four|five|six|seven|eight|[4-8]) (?:\w+ )?(?:kinds|CRDs)\b/gi;
  expect(readPage(page).match(counts) ?? []).toEqual([]);
});
