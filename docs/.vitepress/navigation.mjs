import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const DOCS = resolve(import.meta.dirname, "..");

/** The sections, in their order. A name that ends with / stands for the rest of that folder, sorted by title. */
const SECTIONS = [
  { text: "Tutorial", pages: ["tutorial.md"] },
  { text: "Concepts", pages: ["concepts.md", "lifecycle.md", "providers.md"] },
  {
    text: "How-to",
    pages: ["how-to/first-client.md", "auth0.md", "okta.md", "how-to/adopt.md", "how-to/rotate.md", "how-to/"],
  },
  {
    text: "Reference",
    pages: [
      "reference/clusteridentityproviders.md",
      "reference/identityproviders.md",
      "reference/oauthapis.md",
      "reference/m2mclients.md",
      "reference/scopegrants.md",
      "reference/",
    ],
  },
  { text: "About", pages: ["troubleshooting.md", "security.md", "comparison.md", "./"] },
  { text: "Decisions", pages: ["adr/"] },
];

const titleOf = (page) => /^# (.+)$/m.exec(readFileSync(join(DOCS, page), "utf8"))?.[1] ?? page;
const itemOf = (page) => ({ text: titleOf(page), link: `/${page.replace(/\.md$/, "")}` });

function pagesIn(folder) {
  const below = folder === "./" ? "" : folder;
  return readdirSync(join(DOCS, folder))
    .filter((name) => name.endsWith(".md") && name !== "index.md")
    .map((name) => below + name);
}

const named = new Set(SECTIONS.flatMap(({ pages }) => pages));
const rest = (folder) =>
  pagesIn(folder)
    .filter((page) => !named.has(page))
    .map(itemOf)
    .sort((one, other) => one.text.localeCompare(other.text, "en", { numeric: true }));

/** Every page of the site: a new one is found by its folder. */
export const navigation = SECTIONS.map(({ text, pages }) => ({
  text,
  collapsed: text === "Decisions",
  items: pages.flatMap((page) => (page.endsWith("/") ? rest(page) : [itemOf(page)])),
}));
