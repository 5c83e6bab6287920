import ts from "typescript";

/** A comment of a program, as text without its marks. */
export interface Comment {
  readonly text: string;
  /** Line of its beginning, from 1. */
  readonly line: number;
}

/** The comments of a TypeScript file. Lines of one `//` comment that stand together are one text. */
export function commentsOf(path: string, text: string): readonly Comment[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    for (const range of [
      ...(ts.getLeadingCommentRanges(text, node.pos) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.end) ?? []),
    ])
      ranges.set(range.pos, range);
    node.getChildren(file).forEach(visit);
  };
  visit(file);
  const found: { text: string; line: number; last: number }[] = [];
  for (const { pos, end, kind } of [...ranges.values()].sort((one, other) => one.pos - other.pos)) {
    const line = file.getLineAndCharacterOfPosition(pos).line + 1;
    const content = plain(text.slice(pos, end));
    const before = found.at(-1);
    const isLine = kind === ts.SyntaxKind.SingleLineCommentTrivia;
    if (isLine && before?.last === line - 1) Object.assign(before, { text: `${before.text}\n${content}`, last: line });
    else found.push({ text: content, line, last: isLine ? line : -1 });
  }
  return found;
}

const plain = (comment: string): string =>
  comment
    .replace(/^\/\/ ?|^\/\*\*?/, "")
    .replace(/\*\/$/, "")
    .replaceAll(/^\s*\* ?/gm, "")
    .trimStart();
