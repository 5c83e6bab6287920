import { ASTNodeTypes as Syntax, type TxtParentNode, type TxtTableNode } from "@textlint/ast-node-types";
import type { TextlintRuleContext, TextlintRuleModule } from "@textlint/types";
import { BANNED_WORDS } from "./banned-words.ts";
import { type Sentence, sentencesOf, wordsIn } from "./prose.ts";

/** A sentence with more words than this is refused; authors aim at 20. */
export const MOST_WORDS = 25;

type Finding = readonly [index: number, message: string];

/** A rule that reads each sentence of the text, wherever it stands: in a paragraph, a heading or a table cell. */
function forEachSentence(findingsIn: (sentence: Sentence) => readonly Finding[]): TextlintRuleModule {
  return ({ RuleError, locator, report }: TextlintRuleContext) => {
    const check = (node: TxtParentNode): void => {
      for (const sentence of sentencesOf(node))
        for (const [index, message] of findingsIn(sentence))
          report(node, new RuleError(message, { padding: locator.at(Math.max(sentence.index + index, 0)) }));
    };
    return { [Syntax.Paragraph]: check, [Syntax.Header]: check, [Syntax.TableCell]: check };
  };
}

/** The words of `banned-words.ts`. */
export const plainWords = forEachSentence(({ text }) =>
  BANNED_WORDS.flatMap(({ pattern, instead }) =>
    [...text.matchAll(pattern)].map((match): Finding => [match.index, `"${match[0]}": write ${instead}`]),
  ),
);

/** One idea per sentence. */
export const sentenceLength = forEachSentence(({ text }) => {
  const words = wordsIn(text);
  return words > MOST_WORDS ? [[0, `${words} words in one sentence, at most ${MOST_WORDS}: split it`]] : [];
});

/** A semicolon joins two ideas: they are two sentences. */
export const noSemicolon = forEachSentence(({ text }) =>
  [...text.matchAll(/;(?=\s|$)/g)].map((match): Finding => [match.index, "semicolon: write two sentences"]),
);

const plain = (node: TxtParentNode): string =>
  sentencesOf(node)
    .map(({ text }) => text)
    .join(" ")
    .trim();

/** Headings and the first row of a table are what a reader searches for, and begin with a capital letter. */
export const headings: TextlintRuleModule = ({ RuleError, report }: TextlintRuleContext) => ({
  [Syntax.Header](node) {
    const text = plain(node);
    if (/[.;:!]$/.test(text)) report(node, new RuleError("a heading ends without a stop"));
    if (/^(?:what(?! (?:you|it)\b)|who|when|where)\b.*[^?]$/i.test(text))
      report(node, new RuleError(`heading "${text}": name the thing, or ask a question`));
  },
  [Syntax.Table](node: TxtTableNode) {
    for (const cell of node.children[0]?.children ?? []) {
      const text = plain(cell);
      if (/^(?:what|where|when|who|which)\b/i.test(text))
        report(cell, new RuleError(`table heading "${text}": name the thing in the column`));
      else if (/^\p{Ll}+(?:\s|$)/u.test(text))
        report(cell, new RuleError(`table heading "${text}": begin with a capital letter`));
    }
  },
});
