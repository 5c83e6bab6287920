import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const DOCS = resolve(import.meta.dirname, "..");

const DECISIONS = readdirSync(join(DOCS, "adr"))
  .filter((name) => /^\d+.*\.md$/.test(name))
  .sort();

/**
 * The sections by the role of the reader, in their order. A page that does not exist yet is left out. A name that ends
 * with / stands for the rest of that folder, sorted by title: a new page appears by itself.
 */
const SECTIONS = [
  {
    text: "Start",
    pages: ["tutorial.md", "how-to/first-client.md", "concepts.md", "features.md", "glossary.md"],
  },
  {
    text: "How-to",
    groups: [
      {
        text: "Platform team",
        pages: [
          "auth0.md",
          "okta.md",
          "keycloak.md",
          "how-to/teams.md",
          "how-to/adopt.md",
          "how-to/export.md",
          "argocd.md",
        ],
      },
      {
        text: "Product team",
        pages: [
          ...[
            "how-to/environments.md",
            "how-to/rotate.md",
            "how-to/no-secret.md",
            "how-to/argo-cd.md",
            "how-to/flux.md",
          ],
          ...[
            "how-to/external-secrets.md",
            "how-to/reloader.md",
            "how-to/kubectl-m2m.md",
            "how-to/preview.md",
            "how-to/test-without-a-tenant.md",
          ],
          "how-to/",
        ],
      },
      { text: "Languages", pages: ["how-to/go.md", "how-to/node.md", "how-to/spring.md"] },
    ],
  },
  {
    text: "Operate",
    pages: [
      ...[
        "alerts.md",
        "troubleshooting.md",
        "operations.md",
        "debugging.md",
        "rotation.md",
        "image.md",
        "namespaced.md",
        "shards.md",
      ],
      ...["faults.md", "security.md", "threat-model.md", "benchmarks.md", "./"],
    ],
  },
  {
    text: "Reference",
    pages: [
      ...["reference/clusteridentityproviders.md", "reference/identityproviders.md", "reference/oauthapis.md"],
      ...["reference/m2mclients.md", "reference/scopegrants.md", "reference/conditions.md"],
      ...["reference/configuration.md", "reference/metrics.md", "reference/permissions.md", "reference/secret-keys.md"],
      ...["reference/kubectl-m2m.md", "reference/doctor.md", "reference/", "providers.md", "lifecycle.md"],
    ],
  },
  {
    text: "Project",
    pages: ["comparison.md", "architecture.md", "adding-a-provider.md"],
    links: [
      { text: "Decisions", link: `/adr/${DECISIONS[0].replace(/\.md$/, "")}` },
      { text: "Changes", link: "/repository/CHANGELOG" },
    ],
  },
];

const titleOf = (page) => (/^# (.+)$/m.exec(readFileSync(join(DOCS, page), "utf8"))?.[1] ?? page).replaceAll("`", "");
const itemOf = (page) => ({ text: titleOf(page), link: `/${page.replace(/\.md$/, "")}` });

function pagesIn(folder) {
  const below = folder === "./" ? "" : folder;
  return readdirSync(join(DOCS, folder))
    .filter((name) => name.endsWith(".md") && name !== "index.md")
    .map((name) => below + name);
}

const named = new Set(
  SECTIONS.flatMap(({ pages = [], groups = [] }) => [pages, ...groups.map((group) => group.pages)]).flat(),
);
const rest = (folder) =>
  pagesIn(folder)
    .filter((page) => !named.has(page))
    .map(itemOf)
    .sort((one, other) => one.text.localeCompare(other.text, "en", { numeric: true }));

const itemsOf = (pages) =>
  pages.flatMap((page) => {
    if (page.endsWith("/")) return rest(page);
    return existsSync(join(DOCS, page)) ? [itemOf(page)] : [];
  });

const navigation = SECTIONS.map(({ text, pages = [], links = [], groups = [] }) => ({
  text,
  items: [...itemsOf(pages), ...links, ...groups.map((group) => ({ text: group.text, items: itemsOf(group.pages) }))],
}));

/** The decisions are many and for contributors, so they have a menu of their own. */
export const sidebar = {
  "/adr/": [
    { text: "Project", items: navigation.at(-1).items },
    { text: "Decisions", items: itemsOf(DECISIONS.map((name) => `adr/${name}`)) },
  ],
  "/": navigation,
};

const pagesOf = (items) =>
  items.flatMap(({ link, items: below = [] }) => [...(link === undefined ? [] : [link]), ...pagesOf(below)]);

/** One entry for each section, marked on all of the section's pages. */
export const topNavigation = navigation.map(({ text, items }) => {
  const pages = pagesOf(items);
  const more = text === "Project" ? "|/adr/.*" : "";
  return { text, link: pages[0], activeMatch: `^(${pages.join("|")}${more})$` };
});
