import { formatMark, type Mark, parseMark } from "../../ports/mark.ts";

/** The user's own text, then the ownership mark in brackets: the only place in servers and policies that can carry one. */
export interface MarkedText {
  readonly text: string;
  readonly mark: Mark | undefined;
}

const PATTERN = /(?:^|\s)\[(m2m1\.[^\]\s]+)\]$/;

export function readMarked(description: string | null | undefined): MarkedText {
  const whole = description ?? "";
  const mark = parseMark(PATTERN.exec(whole)?.[1]);
  return mark === undefined ? { text: whole, mark } : { text: whole.replace(PATTERN, ""), mark };
}

export function writeMarked({ text, mark }: MarkedText): string {
  return [text, ...(mark === undefined ? [] : [`[${formatMark(mark)}]`])].filter((part) => part !== "").join(" ");
}
