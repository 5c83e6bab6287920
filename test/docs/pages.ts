import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { lexer, type Token, type Tokens, walkTokens } from "marked";
import { slugOf } from "../../docs/.vitepress/slug.mjs";

export const ROOT = join(import.meta.dirname, "../..");

/** A fenced block of a page. */
export interface Block {
  /** Path from the repository's root. */
  readonly page: string;
  /** Line of its opening fence. */
  readonly line: number;
  readonly language: string;
  /** Further words after the language. */
  readonly marks: readonly string[];
  readonly text: string;
  /** The heading above it, as it is written. Empty before the first. */
  readonly heading: string;
}

/** Every Markdown page that people read, by its path from the repository's root. */
export function pages(): readonly string[] {
  const below = readdirSync(join(ROOT, "docs"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !/node_modules|\.vitepress/.test(path));
  return ["README.md", "CONTRIBUTING.md", ...below.sort()];
}

export const readPage = (page: string): string => readFileSync(join(ROOT, page), "utf8");

function tokensOf(page: string): readonly Token[] {
  const tokens: Token[] = [];
  void walkTokens(lexer(readPage(page)), (token) => {
    tokens.push(token);
  });
  return tokens;
}

/** The fenced blocks of a page, in their order. */
export function blocksOf(page: string): readonly Block[] {
  const lines = readPage(page).split("\n");
  const blocks: Block[] = [];
  let line = 0;
  let heading = "";
  for (const token of tokensOf(page)) {
    if (token.type === "heading") heading = (token as Tokens.Heading).text;
    if (token.type !== "code" || token["codeBlockStyle"] === "indented") continue;
    const { lang = "", text } = token as Tokens.Code;
    const [language = "", ...marks] = lang.split(/\s+/);
    line = lines.findIndex((shown, index) => index >= line && shown.trim() === `\`\`\`${lang}`) + 1;
    blocks.push({ page, line, language, marks, text, heading });
  }
  return blocks;
}

/** Where the links of a page lead, as they are written. */
export function linksOf(page: string): readonly string[] {
  return tokensOf(page)
    .filter((token): token is Tokens.Link => token.type === "link")
    .map(({ href }) => href);
}

/** The anchors that a page's headings have on GitHub and on the site. */
export function anchorsOf(page: string): ReadonlySet<string> {
  return new Set(
    tokensOf(page)
      .filter((token): token is Tokens.Heading => token.type === "heading")
      .map(({ text }) => slugOf(text)),
  );
}
