import type { TxtParentNode } from "@textlint/ast-node-types";
import { SentenceSplitterSyntax, split } from "sentence-splitter";
import { StringSource } from "textlint-util-to-string";

/** A sentence as a reader sees it: links are their text, and a piece of code is one word of underscores. */
export interface Sentence {
  readonly text: string;
  /** Distance of its first character from the beginning of the paragraph, heading or table cell. */
  readonly index: number;
}

/** The sentences of a paragraph, a heading or a table cell. */
export function sentencesOf(node: TxtParentNode): readonly Sentence[] {
  const source = new StringSource(node as ConstructorParameters<typeof StringSource>[0], {
    replacer: ({ node: part, maskValue }) => (part.type === "Code" ? maskValue("_") : undefined),
  });
  return split(source.toString())
    .filter(({ type }) => type === SentenceSplitterSyntax.Sentence)
    .map(({ raw, range }) => ({ text: raw, index: source.originalIndexFromIndex(range[0]) ?? 0 }));
}

/** Number of words in a sentence. */
export const wordsIn = (text: string): number => text.split(/\s+/).filter((part) => /[\p{L}\p{N}_]/u.test(part)).length;
