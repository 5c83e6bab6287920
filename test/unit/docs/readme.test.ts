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

const kubeVersion = /kubeVersion: ">=(1\.\d+)/.exec(readPage("charts/m2m-operator/Chart.yaml"))?.[1];
/** Pages that tell people what they need. A single feature may need less. */
const REQUIRING = ["README.md", "docs/index.md", "docs/tutorial.md", "docs/operations.md"];

it.each(REQUIRING)("%s requires the Kubernetes of the chart", (page) => {
  const required = [...readPage(page).matchAll(/\b(1\.[2-9]\d) or newer/g)].map((match) => match[1]);
  expect(new Set(required)).toEqual(new Set([kubeVersion]));
});

it("the chart's values repeat the memory that the page about the image has", () => {
  const measured = [...readPage("docs/image.md").matchAll(/^\| RSS, idle, .*?\| (\d+ MiB)/gm)].map((match) => match[1]);
  expect(measured).toHaveLength(3);
  const values = readPage("charts/m2m-operator/values.yaml");
  const repeated = /an idle process uses (\d+ MiB), with an Auth0 tenant (\d+ MiB), with Auth0 and Okta (\d+ MiB)/.exec(
    values,
  );
  expect(repeated?.slice(1)).toEqual(measured);
});

it("a decision has at most 600 words", () => {
  const words = (page: string): number => readPage(page).match(/[\w`-]*[A-Za-z][^\s|]*/g)?.length ?? 0;
  expect(pages().filter((page) => page.startsWith("docs/adr/") && words(page) > 600)).toEqual([]);
});
