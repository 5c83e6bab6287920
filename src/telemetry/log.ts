import { type DestinationStream, type Logger, pino } from "pino";
import { masked } from "../oauth/masked.ts";
import { safeText } from "../oauth/safe-text.ts";

const LIMIT = 1000;
/** What a terminal or a viewer of logs would act on; JSON escapes only some of them. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu;
/** Errors deeper than that tell no more; a chain may also end where it began. */
const MAX_CAUSES = 5;
/** A place in code, as V8 writes it: nothing of an error's message looks like that by accident. */
const FRAME = /^ {4}at [^\n]*(?::\d+:\d+\)?|<anonymous>\)?|\(native\))$/;
const FRAMES = 5;

/** What may be shown of an error: its own safe message, its codes and place; never a body, never headers. */
function errorFields(error: unknown, depth = 0): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, reason } = error as Error & { readonly code?: unknown; readonly reason?: unknown };
  const isOurs = ["ProviderError", "KubeError", "TransportError", "ConfigError", "Unsettled"].includes(error.name);
  const cause = error.cause === undefined || depth === MAX_CAUSES ? {} : { cause: errorFields(error.cause, depth + 1) };
  // The message of somebody else's error may quote what it choked on.
  const text = isOurs ? { message: safeText(error.message, LIMIT) } : { stack: placeOf(error) };
  return { type: safeText(error.name), code: codeOf(code), reason: codeOf(reason), ...text, ...cause };
}

const codeOf = (code: unknown): unknown => (typeof code === "number" ? code : safeText(code) || undefined);

/** The stack's own lines, without those of the message above them, as one line. */
function placeOf({ name, message, stack = "" }: Error): string {
  const head = [`${name}: ${message}`, message].find((text) => text !== "" && stack.startsWith(text)) ?? "";
  const lines = stack.slice(head.length).split("\n");
  const first = lines.findLastIndex((line) => !FRAME.test(line)) + 1;
  return safeText(
    lines
      .slice(first, first + FRAMES)
      .map((line) => line.trim())
      .join(" "),
    LIMIT,
  );
}

export function createLogger(level: string, destination: { write(line: string): void } = process.stdout): Logger {
  // The last line of defence before a line leaves the process.
  const stream: DestinationStream = {
    write: (line) => {
      destination.write(`${masked(line).replace(UNPRINTABLE, " ").trimEnd()}\n`);
    },
  };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: (error: unknown) => errorFields(error), err: (error: unknown) => errorFields(error) },
    },
    stream,
  );
}
