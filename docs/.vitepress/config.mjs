import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineConfig } from "vitepress";
import { checkDiagrams, diagrams } from "./diagrams.mjs";
import { bracesAreText, codeBreaks, labelledCells, themedPictures } from "./markdown.mjs";
import { sidebar, topNavigation } from "./navigation.mjs";
import { isGenerated, linksIntoRepository, REPOSITORY } from "./repository.mjs";
import { slugOf } from "./slug.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

export default defineConfig({
  title: "m2m-operator",
  description: "Machine-to-machine OAuth 2.0 access on Kubernetes, for Auth0, Okta and Keycloak",
  lang: "en",
  cleanUrls: true,
  lastUpdated: existsSync(join(ROOT, ".git")),
  head: [
    ["link", { rel: "icon", type: "image/svg+xml", href: "/logo.svg" }],
    ["meta", { name: "theme-color", content: "#0f766e" }],
  ],
  markdown: {
    anchor: { slugify: slugOf },
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config: (markdown) => {
      linksIntoRepository(markdown);
      bracesAreText(markdown);
      codeBreaks(markdown);
      labelledCells(markdown);
      diagrams(markdown);
      themedPictures(markdown);
    },
  },
  transformPageData: ({ relativePath, filePath, frontmatter }) => {
    const isOfRepository = relativePath.startsWith("repository/");
    if (isOfRepository) Object.assign(frontmatter, { prev: false, next: false, lastUpdated: false });
    if (isOfRepository || isGenerated(readFileSync(join(ROOT, "docs", filePath), "utf8"))) frontmatter.editLink = false;
  },
  buildEnd: checkDiagrams,
  themeConfig: {
    logo: { src: "/logo.svg", alt: "" },
    version,
    repository: REPOSITORY,
    search: { provider: "local" },
    outline: [2, 3],
    nav: [...topNavigation, { text: `v${version}`, link: "/repository/CHANGELOG" }],
    sidebar,
    socialLinks: [{ icon: "github", link: REPOSITORY }],
    editLink: { pattern: `${REPOSITORY}/edit/main/docs/:path`, text: "Edit this page on GitHub" },
    footer: {
      message: `m2m-operator ${version} · <a href="${REPOSITORY}/blob/main/LICENSE">Apache License 2.0</a>`,
      copyright: `<a href="${REPOSITORY}">Source on GitHub</a>`,
    },
  },
  // Diagrams bring their library, in chunks that only pages with diagrams load.
  vite: { build: { chunkSizeWarningLimit: 4000 } },
});
