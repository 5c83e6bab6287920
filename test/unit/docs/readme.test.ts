import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { blocksOf, pages, readPage, ROOT } from "../../docs/pages.ts";

const readme = readPage("README.md");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };

it("the README has at most 130 lines", () => {
  expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(130);
});

it("the badges are of a workflow and a license in the repository", () => {
  const [, workflow = ""] = /actions\/workflows\/([\w.]+)\/badge\.svg/.exec(readme) ?? [];
  expect(existsSync(join(ROOT, ".github/workflows", workflow))).toBe(true);
  expect(readPage("LICENSE")).toContain("Apache License");
});

it("the README installs the version of the package, and the page for teams begins with the command of the README", () => {
  const install = blocksOf("README.md").find(({ heading }) => heading === "Install it from a clone");
  expect(install?.text).toContain(`$IMAGE:${version}`);
  const audit = "kubectl m2m map -A --tenant";
  expect(readme).toContain(audit);
  const [first] = blocksOf("docs/how-to/teams.md").filter(({ heading }) => heading === "See who may call an API");
  expect(first?.text).toBe(audit);
});

/** An image of the user's own registry has one name on all pages. */
const INSTALLING = [...pages(), "charts/m2m-operator/README.md"].filter((page) => !page.startsWith("docs/adr/"));

it.each(INSTALLING)("%s has one placeholder for a registry", (page) => {
  const images = [...readPage(page).matchAll(/([\w.-]+)\/m2m-(?:operator|sandbox)(?=[:\s]|$)/gm)].map(
    ([, host]) => host,
  );
  const known = ["registry.example.com", "m2m-operator", "charts"];
  expect(images.filter((host) => !known.includes(host ?? ""))).toEqual([]);
});
