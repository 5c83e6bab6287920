import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** Where the plugin writes, and whom it asks. */
export interface Terminal {
  /** The result of the command: standard output. */
  print(text: string): void;
  /** What happens meanwhile, warnings and questions: standard error. */
  note(text: string): void;
  /** Colours of a result, on a terminal and never with NO_COLOR. */
  style(style: Style, text: string): string;
  /** Red, for a note. */
  alarm(text: string): string;
  /** Yes or no. Without a terminal the answer is no. */
  confirm(question: string): Promise<boolean>;
}

/** The terminal of this process. */
export function processTerminal({ stdin, stdout, stderr }: NodeJS.Process = process): Terminal {
  return {
    print: (text) => stdout.write(text.endsWith("\n") ? text : `${text}\n`),
    note: (text) => stderr.write(`${text}\n`),
    style: (style, text) => styleText(style, text, { stream: stdout, validateStream: true }),
    alarm: (text) => styleText("red", text, { stream: stderr, validateStream: true }),
    confirm: async (question) => {
      if (!stdin.isTTY) return false;
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
      } finally {
        lines.close();
      }
    },
  };
}
