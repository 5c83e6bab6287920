import { createRequire } from "node:module";
import { TextlintKernel } from "@textlint/kernel";
import type markdownPlugin from "@textlint/textlint-plugin-markdown";
import { headings, noSemicolon, plainWords, sentenceLength } from "./rules.ts";

/** Something in a text that our rules for writing refuse. */
export interface Finding {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
}

// A CommonJS module, whose default export Node and Vitest read differently.
const { default: markdown } = createRequire(import.meta.url)(
  "@textlint/textlint-plugin-markdown",
) as typeof markdownPlugin;

const kernel = new TextlintKernel();
const rules = Object.entries({ plainWords, sentenceLength, noSemicolon, headings }).map(([ruleId, rule]) => ({
  ruleId,
  rule,
}));

/** What is wrong in a Markdown text, in its order. */
export async function lint(path: string, text: string): Promise<readonly Finding[]> {
  const { messages } = await kernel.lintText(text, {
    filePath: path,
    ext: ".md",
    plugins: [{ pluginId: "markdown", plugin: markdown }],
    rules,
  });
  return messages.map(({ loc, message }) => ({ line: loc.start.line, column: loc.start.column, message }));
}
