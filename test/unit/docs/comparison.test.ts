import { expect, it } from "vitest";
import { readPage } from "../../docs/pages.ts";

const page = readPage("docs/comparison.md");
const sections = page.split(/^## /m).slice(1);
/** The rows of the first table of a section, without its heading. */
const rowsOf = (section: string): readonly string[] =>
  section
    .split("\n")
    .filter((line) => /^\| [^-]/.test(line))
    .slice(1);

const projects = sections.filter((text) => /^(?:Operators for|Rotation|Token brokers)/.test(text)).flatMap(rowsOf);
const operators = sections.filter((text) => /^(?:Operators for|Token brokers)/.test(text)).flatMap(rowsOf);

it("there are projects", () => {
  expect(operators.length).toBeGreaterThan(12);
});

it.each(projects.filter((row) => !row.startsWith("| m2m-operator")))("a project has a link: %s", (row) => {
  expect(row.split("|")[1]).toMatch(/\]\(https:\/\//);
});

it.each(operators)("a project has a date: %s", (row) => {
  expect(row).toMatch(
    /\b(?:January|February|March|April|May|June|July|August|September|October|November|December) 20\d\d\b/,
  );
});

it("our own column has what the features have", () => {
  const ours = rowsOf(sections.find((text) => text.startsWith("Terraform, Pulumi")) ?? "");
  expect(ours.find((row) => row.startsWith("| Preview of a change"))).toContain("kubectl m2m plan");
  expect(ours.find((row) => row.startsWith("| What it needs"))).toContain("keycloak.md#connect-without-a-secret");
});
