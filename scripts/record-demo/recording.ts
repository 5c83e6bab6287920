import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A line that a program printed, and when. */
export interface PrintedLine {
  readonly text: string;
  /** Seconds after the start. */
  readonly at: number;
}

/** Columns and rows of the terminal that is shown. */
export interface Terminal {
  readonly columns: number;
  readonly rows: number;
}

/** Runs a program to its end and keeps what it prints. Throws when it fails. */
export async function record(program: string, args: readonly string[]): Promise<readonly PrintedLine[]> {
  const lines: PrintedLine[] = [];
  const startedAt = performance.now();
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const text of createInterface({ input: child.stdout })) {
    lines.push({ text, at: (performance.now() - startedAt) / 1000 });
  }
  const code = child.exitCode ?? (await new Promise<number | null>((resolve) => child.once("close", resolve)));
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${String(code)}`);
  return lines;
}

/** The same lines, with every pause cut to at most `longest` seconds. */
export function withoutLongPauses(lines: readonly PrintedLine[], longest: number): readonly PrintedLine[] {
  let [now, before] = [0, 0];
  return lines.map(({ text, at }) => {
    now += Math.min(at - before, longest);
    before = at;
    return { text, at: now };
  });
}

/** The same lines, none longer than the terminal is wide. What continues a line is indented. */
export function wrapped(lines: readonly PrintedLine[], { columns }: Terminal): readonly PrintedLine[] {
  return lines.flatMap(({ text, at }) => pieces(text, columns).map((piece) => ({ text: piece, at })));
}

function pieces(text: string, columns: number): readonly string[] {
  const indent = `${/^ */.exec(text)?.[0] ?? ""}  `;
  const found: string[] = [];
  let rest = text;
  while (rest.length > columns) {
    const space = rest.lastIndexOf(" ", columns);
    const comma = rest.lastIndexOf(",", columns - 1) + 1;
    const at = [space, comma].filter((place) => place >= columns / 2).sort((one, other) => other - one)[0] ?? columns;
    found.push(rest.slice(0, at).trimEnd());
    rest = indent + rest.slice(at).trimStart();
  }
  return [...found, rest];
}
