import type { PrintedLine, Terminal } from "./recording.ts";

const GREEN = "\u001b[1;32m";
const RED = "\u001b[1;31m";
const RESET = "\u001b[0m";

function coloured(text: string): string {
  if (text.startsWith("▸")) return `\u001b[1;36m${text}${RESET}`;
  if (text.startsWith("✓")) return `${GREEN}${text}${RESET}`;
  return text.startsWith("✗") ? `${RED}${text}${RESET}` : text;
}

/** A recording in the format asciicast v2. */
export function asciicast(
  lines: readonly PrintedLine[],
  { columns, rows }: Terminal,
  header: { readonly title: string; readonly command: string },
): string {
  const head = { version: 2, width: columns, height: rows, ...header };
  const events = lines.map(({ text, at }) => [Number(at.toFixed(3)), "o", `${coloured(text)}\r\n`]);
  return [head, ...events].map((line) => JSON.stringify(line)).join("\n") + "\n";
}
