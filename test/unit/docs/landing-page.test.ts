import { expect, it } from "vitest";
import { parseDocument } from "yaml";
import { knownNames } from "../../../src/publication/keys.ts";
import { blocksOf, readPage } from "../../docs/pages.ts";

const blocks = blocksOf("docs/index.md");
const [manifests = "", secret = "", printed = ""] = blocks.map(({ text }) => text);
const tutorial = readPage("docs/tutorial.md");

it("the landing page shows the resources of the tutorial", () => {
  for (const document of manifests.split("\n---\n")) expect(tutorial).toContain(document);
});

it("the landing page shows what the tutorial prints, whose test compares it", () => {
  const [command = "", ...lines] = printed.split("\n");
  expect(tutorial).toContain(command.replace(/^\$ /, ""));
  const columns = (text: string): readonly string[] => text.split(/ {2,}/);
  const shown = blocksOf("docs/tutorial.md").flatMap(({ text }) => text.split("\n").map(columns));
  for (const line of lines.filter((text) => text !== "")) {
    const cells = columns(line);
    const isSame = (other: readonly string[]): boolean =>
      other.length === cells.length && other.every((cell, index) => cell === "…" || cell === cells[index]);
    expect(shown.some(isSame), line).toBe(true);
  }
});

it("the Secret of the landing page has keys that the operator writes", () => {
  const { stringData } = parseDocument(secret).toJS() as { readonly stringData: object };
  const known = [...knownNames("Opaque"), "grants"];
  expect(Object.keys(stringData).filter((key) => !known.includes(key))).toEqual([]);
});

it("the landing page has the status of the README, above everything else", () => {
  const [, status = ""] = /\*\*Status:\*\* (.*?)\n\n/s.exec(readPage("README.md")) ?? [];
  const [, box = ""] = /^---\n.*?\n---\n\n::: info Status\n(.*?)\n:::/s.exec(readPage("docs/index.md")) ?? [];
  expect(status).toContain("0.");
  expect(box.split(/\s+/)).toEqual(status.replaceAll("\n>", "\n").split(/\s+/));
});

it("the landing page installs as the README does", () => {
  const heading = "Install it from a clone";
  const installations = [...blocks, ...blocksOf("README.md")].filter((block) => block.heading === heading);
  expect(installations.map(({ text }) => text)).toEqual([installations[0]?.text, installations[0]?.text]);
});
