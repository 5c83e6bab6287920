import { isScalar, LineCounter, parseDocument, visit } from "yaml";
import ts from "typescript";
import { commentsOf } from "./comments.ts";

/** A piece of a file that people read as Markdown, and the line where it begins, from 1. */
export interface Text {
  readonly text: string;
  readonly line: number;
}

/** Fewer words are a name or a code and no sentence. */
const FEWEST_WORDS = 4;
const isProse = (text: string): boolean =>
  !/^(?:[[{]|- \w+:)/.test(text) && text.trim().split(/\s+/).length >= FEWEST_WORDS;

/** The sentences among the values of a YAML document, such as descriptions and titles. */
export function yamlTexts(yaml: string): readonly Text[] {
  const lines = new LineCounter();
  const found: Text[] = [];
  visit(parseDocument(yaml, { lineCounter: lines }), {
    Scalar(key, node) {
      if (key === "key" || !isScalar(node) || typeof node.value !== "string" || !isProse(node.value)) return;
      found.push({ text: node.value, line: lines.linePos(node.range?.[0] ?? 0).line });
    },
  });
  return found;
}

/** The front matter of a page. Its first line is the second of the file. */
export function frontMatterTexts(markdown: string): readonly Text[] {
  const [, matter] = /^---\n(.*?)\n---\n/s.exec(markdown) ?? [];
  return matter === undefined ? [] : yamlTexts(matter).map(({ text, line }) => ({ text, line: line + 1 }));
}

/** What a template of Helm prints, without its actions, its code and its addresses. */
export function notesTexts(template: string): readonly Text[] {
  const prose = (line: string): string =>
    /^ {3,}\S/.test(line) && !/^ {3}[A-Z]/.test(line) ? "" : line.replaceAll(/\{\{.*?\}\}/g, "_").trim();
  return template
    .split("\n")
    .map((line, index) => ({ text: prose(line), line: index + 1 }))
    .filter(({ text }) => isProse(text));
}

/** The comments of a program. */
export const commentTexts = (path: string, program: string): readonly Text[] => commentsOf(path, program);

/** The sentences among the strings of a program, with `_` for each value that is put in. */
export function stringTexts(path: string, program: string): readonly Text[] {
  const file = ts.createSourceFile(path, program, ts.ScriptTarget.Latest, true);
  const found: Text[] = [];
  const add = (node: ts.Node, text: string): void => {
    if (isProse(text)) found.push({ text, line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1 });
  };
  const walk = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) add(node, node.text);
    if (ts.isTemplateExpression(node))
      add(node, [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("_"));
    node.forEachChild(walk);
  };
  walk(file);
  return found;
}
