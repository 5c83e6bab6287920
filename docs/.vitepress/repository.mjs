import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, relative, resolve } from "node:path";

const DOCS = resolve(import.meta.dirname, "..");
const ROOT = resolve(DOCS, "..");

/** Where the sources are published, as package.json says: `github:OWNER/NAME`. */
export const REPOSITORY = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).repository.replace(
  "github:",
  "https://github.com/",
);

/** Whether a page is made from the code, so that it has no text to edit. */
export const isGenerated = (text) => /^(?:This page is generated|Generated) .*`npm run generate`/m.test(text);

const LINK = /\]\((?!https?:|#|\/)([^)\s#]+)/g;
const LANGUAGES = { ".yaml": "yaml", ".ts": "ts", ".sh": "sh", ".json": "json", ".lua": "lua" };

const filesBelow = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Markdown files of the site itself. */
const pages = () => filesBelow(DOCS).filter((file) => file.endsWith(".md") && !/node_modules|\.vitepress/.test(file));

/**
 * Path, from the repository's root, of what a link in a page means, where that is outside docs/; else undefined.
 * Links are written as GitHub follows them. Throws when there is nothing at that place.
 */
export function outsidePath(page, link) {
  const target = resolve(dirname(page), decodeURI(link));
  if (!relative(DOCS, target).startsWith("..")) return undefined;
  if (!existsSync(target)) throw new Error(`${relative(ROOT, page)}: dead link ${link}`);
  return relative(ROOT, target);
}

/** Name of a file's page. A server takes a name with a dot for that of a file. */
const pageOf = (path) => path.replace(/\.md$/, "").replace(/\.(\w+)$/, "-$1");

const isFolder = (path) => statSync(join(ROOT, path)).isDirectory();

/** What a link outside docs/ becomes: a folder is shown on GitHub, a file has a page of its own, made below. */
const addressOf = (path, anchor) => {
  if (isFolder(path)) return `${REPOSITORY}/tree/main/${path}`;
  return `/repository/${pageOf(path)}.md${anchor === "" ? "" : `#${anchor}`}`;
};

export function linksIntoRepository(markdown) {
  const fallback = (tokens, index, options, _env, self) => self.renderToken(tokens, index, options);
  const before = markdown.renderer.rules.link_open ?? fallback;
  markdown.renderer.rules.link_open = (tokens, index, options, env, self) => {
    const [href = "", anchor = ""] = (tokens[index].attrGet("href") ?? "").split("#");
    const isRelative = href !== "" && !/^(https?:|mailto:|\/)/.test(href);
    const outside = isRelative ? outsidePath(join(DOCS, env.relativePath), href) : undefined;
    if (outside !== undefined) tokens[index].attrSet("href", addressOf(outside, anchor));
    return before(tokens, index, options, env, self);
  };
}

/** One page for each file outside docs/ that a page links to, found until no new one is named. */
export function repositoryPages() {
  const found = new Map();
  const collect = (page, text) => {
    for (const [, link] of text.matchAll(LINK)) {
      const path = outsidePath(page, link);
      if (path === undefined || found.has(path) || isFolder(path)) continue;
      const content = contentOf(path);
      found.set(path, content);
      if (path.endsWith(".md")) collect(join(DOCS, "repository", path), content);
    }
  };
  // The navigation leads to the changes, whether or not a page does.
  collect(join(ROOT, "README.md"), "[Changes](CHANGELOG.md)");
  for (const page of pages()) collect(page, readFileSync(page, "utf8"));
  return [...found].map(([path, content]) => ({ params: { path: pageOf(path) }, content }));
}

function contentOf(path) {
  const place = join(ROOT, path);
  if (path.endsWith(".md")) return moved(path, readFileSync(place, "utf8"));
  const language = LANGUAGES[extname(path)] ?? "text";
  return `# ${path}\n\n\`\`\`\`${language}\n${readFileSync(place, "utf8").trimEnd()}\n\`\`\`\`\n`;
}

/** Markdown of another place, its links rewritten for the page that it becomes. */
function moved(path, text) {
  const here = join(DOCS, "repository", dirname(path));
  return text.replaceAll(LINK, (_match, link) => `](${relative(here, resolve(ROOT, dirname(path), link))}`);
}
