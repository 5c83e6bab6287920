import { type DestinationStream, type Logger, pino } from "pino";

/** Long unbroken runs, signed tokens and keys: nothing that the operator has to say looks like that. */
const SECRETS = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g,
  /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{48,}(?![A-Za-z0-9_-])/g,
];

/** The last line of defence before a line leaves the process. */
export function masked(line: string): string {
  return SECRETS.reduce((text, pattern) => text.replace(pattern, "[masked]"), line);
}

/** What may be told of an error: its own safe message and codes; never a body, never headers. */
function errorFields(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code, reason } = error as Error & { readonly code?: unknown; readonly reason?: unknown };
  const isOurs = ["ProviderError", "KubeError", "TransportError", "ConfigError", "Unsettled"].includes(error.name);
  const cause = error.cause === undefined ? {} : { cause: errorFields(error.cause) };
  // The message of somebody else's error may quote what it choked on.
  const text = isOurs ? { message: error.message } : { stack: (error.stack ?? "").split("\n").slice(1, 6).join(" ") };
  return { type: error.name, code, reason, ...text, ...cause };
}

export function createLogger(level: string, destination: { write(line: string): void } = process.stdout): Logger {
  const stream: DestinationStream = { write: (line) => destination.write(masked(line)) };
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: errorFields, err: errorFields },
    },
    stream,
  );
}
