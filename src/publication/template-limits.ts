import { TokenKind, Tokenizer, type TopLevelToken } from "liquidjs";
import { MAX_LENGTH, MAX_TOTAL_LENGTH } from "./template-length.ts";

/** Outputs and tags of all templates of one Secret. */
const MAX_SECTIONS = 300;
/** Names, literals and signs in all outputs and tags of one Secret. */
const MAX_TOTAL_PIECES = 1000;
/** Names, literals and signs in one output or tag. */
const MAX_PIECES = 200;
/** Opening brackets of one output or tag, also where a quoted text holds them. */
const MAX_BRACKETS = 8;
/** Blocks in blocks. */
const MAX_DEPTH = 16;

const BLOCKS = new Set(["if", "unless", "case", "comment"]);
/** A run of letters, or one sign that is no delimiter. Every character is read once. */
const PIECE = /[\p{L}\p{N}_-]+|[^\s{}%]/gu;
const BRACKET = /[[(]/g;
const RANGE = /\([^()]*\.\./;

/** What the templates of one Secret have used up together. */
export interface Usage {
  length: number;
  sections: number;
  pieces: number;
}

/** For the first template of a Secret; each `overLimit` adds to it. */
export const unused = (): Usage => ({ length: 0, sections: 0, pieces: 0 });

/**
 * Why this template is more than the library may be given; `undefined` when it is within bounds. The library parses
 * recursively and describes what it parsed in time that grows faster than its nesting, so each bound is checked before
 * it sees the text. Linear in the text. Throws the library's own error when an output or tag does not end.
 */
export function overLimit(text: string, usage: Usage): string | undefined {
  usage.length += text.length;
  if (text.length > MAX_LENGTH) return `it has more than ${String(MAX_LENGTH)} characters`;
  if (usage.length > MAX_TOTAL_LENGTH)
    return `all templates together have more than ${String(MAX_TOTAL_LENGTH)} characters`;
  let depth = 0;
  for (const token of new Tokenizer(text).readTopLevelTokens()) {
    if (token.kind === TokenKind.HTML) continue;
    const problem = sectionOverLimit(token, usage);
    if (problem !== undefined) return at(token, problem);
    depth += depthChange(token);
    if (depth > MAX_DEPTH) return at(token, `more than ${String(MAX_DEPTH)} blocks in each other`);
  }
  return undefined;
}

function sectionOverLimit(token: TopLevelToken, usage: Usage): string | undefined {
  const text = token.getText();
  usage.sections += 1;
  if (usage.sections > MAX_SECTIONS)
    return `all templates together have more than ${String(MAX_SECTIONS)} outputs and tags`;
  if (countOf(text, BRACKET, MAX_BRACKETS) > MAX_BRACKETS)
    return `more than ${String(MAX_BRACKETS)} brackets in one output or tag`;
  if (RANGE.test(text)) return "ranges like (1..3) are not supported";
  const pieces = countOf(text, PIECE, MAX_PIECES);
  usage.pieces += pieces;
  if (pieces > MAX_PIECES) return `more than ${String(MAX_PIECES)} names, texts and signs in one output or tag`;
  return usage.pieces > MAX_TOTAL_PIECES
    ? `all templates together have more than ${String(MAX_TOTAL_PIECES)} names, texts and signs`
    : undefined;
}

/** Stops one beyond `max`. */
function countOf(text: string, pattern: RegExp, max: number): number {
  let count = 0;
  for (const _ of text.matchAll(pattern)) if (++count > max) break;
  return count;
}

function depthChange(token: TopLevelToken): number {
  const { name = "" } = token as { readonly name?: string };
  if (BLOCKS.has(name)) return 1;
  return name.startsWith("end") ? -1 : 0;
}

const at = (token: TopLevelToken, problem: string): string => `line ${String(token.getPosition()[0])}: ${problem}`;
