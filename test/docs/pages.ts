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
  let from = 0;
  return tokensOf(page)
    .filter((token): token is Tokens.Code => token.type === "code" && token["codeBlockStyle"] !== "indented")
    .map(({ lang = "", text }) => {
      const [language = "", ...marks] = lang.split(/\s+/);
      from = lines.findIndex((line, index) => index >= from && line.trim() === `\`\`\`${lang}`) + 1;
      return { page, line: from, language, marks, text };
    });
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
