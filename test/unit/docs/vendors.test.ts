import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { CUSTOM_RESOURCES, GROUP, VERSION } from "../../../src/kinds/registry.ts";
import { PROVIDERS } from "../../../src/providers/by-name.ts";
import { anchorsOf, readPage, ROOT } from "../../docs/pages.ts";

const LABELS = Object.values(PROVIDERS).map(({ label }) => label);
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const missingIn = (text: string): readonly string[] => LABELS.filter((label) => !text.includes(label));
const lineWith = (path: string, part: string): string =>
  read(path)
    .split("\n")
    .filter((line) => line.includes(part))
    .join("\n");
const section = (page: string, heading: string): string => {
  expect(anchorsOf(page)).toContain(heading.toLowerCase().replaceAll(" ", "-"));
  return readPage(page).split(`# ${heading}\n`)[1]?.split(/\n#+ /)[0] ?? "";
};

interface Chart {
  readonly description: string;
  readonly keywords: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}
const chart = parse(read("charts/m2m-operator/Chart.yaml")) as Chart;
const csv = parse(read("bundle/manifests/m2m-operator.clusterserviceversion.yaml")) as {
  readonly metadata: { readonly annotations: { readonly description: string } };
  readonly spec: { readonly description: string; readonly keywords: readonly string[] };
};

const texts: Readonly<Record<string, string>> = {
  "the title of the light picture": lineWith("docs/public/flow-light.svg", "<desc"),
  "the light picture": lineWith("docs/public/flow-light.svg", 'class="name tenant"'),
  "the title of the dark picture": lineWith("docs/public/flow-dark.svg", "<desc"),
  "the dark picture": lineWith("docs/public/flow-dark.svg", 'class="name tenant"'),
  "the picture in the README": lineWith("README.md", "alt="),
  "the picture on the landing page": lineWith("docs/index.md", "alt:"),
  "the picture in the concepts": lineWith("docs/concepts.md", "alt="),
  "the tagline of the landing page": lineWith("docs/index.md", "tagline:"),
  "the landing page": section("docs/index.md", "Try it without a tenant"),
  "the first paragraph of the README":
    read("README.md")
      .split("\n\n")
      .find((text) => text.startsWith("Declare ")) ?? "",
  "the notes of the chart": lineWith("charts/m2m-operator/templates/NOTES.txt", "Connect a tenant"),
  "the description of the chart": chart.description,
  "the kinds of the chart": chart.annotations["artifacthub.io/crds"] ?? "",
  "the package": lineWith("package.json", '"description"'),
  "the site": lineWith("docs/.vitepress/config.mjs", "description:"),
  "the summary for OLM": csv.metadata.annotations.description,
  "the description for OLM": csv.spec.description,
  "the form for bugs": lineWith(".github/ISSUE_TEMPLATE/bug.yaml", "options:"),
  "permissions at the tenant": section("docs/security.md", "Permissions at the tenant"),
  adoption: section("docs/how-to/adopt.md", "Details and examples"),
  "failing token requests": section("docs/troubleshooting.md", "Token request fails"),
  "the tutorial": lineWith("docs/tutorial.md", "Steps 2 and 4"),
};

it.each(Object.entries(texts))("%s names every provider", (_what, text) => {
  expect(missingIn(text)).toEqual([]);
});

it.each([
  ["the keywords of the chart", chart.keywords],
  ["the keywords for OLM", csv.spec.keywords],
])("%s have every provider", (_what, keywords) => {
  expect(Object.keys(PROVIDERS).filter((name) => !keywords.includes(name))).toEqual([]);
});

it("texts that name the providers of specs name all", () => {
  for (const text of [
    section("docs/reference/secret-keys.md", "Service Binding"),
    lineWith("crds/identityproviders.yaml", "Vendor of the tenant"),
  ])
    expect(Object.keys(PROVIDERS).filter((name) => !text.includes(name))).toEqual([]);
});

it("the chart lists the CRDs of the registry", () => {
  const listed = parse(chart.annotations["artifacthub.io/crds"] ?? "") as readonly Readonly<Record<string, string>>[];
  const kinds = CUSTOM_RESOURCES.map(({ kind, plural }) => [kind, `${plural}.${GROUP}`, VERSION]);
  expect(listed.map(({ kind, name, version }) => [kind, name, version]).toSorted()).toEqual(kinds.toSorted());
});
