import { KubeError, kubeErrorOf } from "./kube-error.ts";
import type { Connection, KubeRequest } from "./connection.ts";
import type { KubeObject } from "./store.ts";

/** A change, or with BOOKMARK only how far the watch has come: its object then has nothing but a version. */
export interface WatchEvent<T extends KubeObject> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: T;
}

export interface WatchStreamOptions {
  readonly connection: Connection;
  readonly request: Pick<KubeRequest, "path" | "query" | "accept">;
  /** Longest silence before the connection is taken for half open, in milliseconds. */
  readonly silenceMs: number;
  /** Called when the server has begun to answer; the first event comes after it resolved. */
  readonly onOpen: () => Promise<void> | void;
  readonly onEvent: (event: WatchEvent<KubeObject>) => void;
}

/**
 * Resolves when the server ends the watch. Rejects with a KubeError for every other end: refused, reset, silent, cut
 * off within a line, an ERROR event, content that is none.
 */
export async function readWatch(options: WatchStreamOptions, signal: AbortSignal): Promise<void> {
  const { connection, request, silenceMs, onOpen, onEvent } = options;
  const end = new AbortController();
  const silence = setTimeout(() => {
    end.abort();
  }, silenceMs);
  const isAlive = (): void => {
    silence.refresh();
  };
  try {
    const body = await connection.open({
      ...request,
      method: "GET",
      signal: AbortSignal.any([signal, end.signal]),
      lane: "watches",
    });
    await onOpen();
    await readLines(body, isAlive, (line) => {
      const event = eventOf(line);
      if (event !== undefined) onEvent(event);
    });
  } finally {
    clearTimeout(silence);
    // Whatever ended it, its connection must not stay behind.
    end.abort();
  }
}

/** `isAlive` is called for any bytes: they say that the other side lives. */
async function readLines(
  body: AsyncIterable<Uint8Array>,
  isAlive: () => void,
  onLine: (line: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of interruptible(body)) {
    isAlive();
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") onLine(line);
  }
  if (rest.trim() !== "") throw new KubeError(0, "Interrupted", "the watch ended within a line");
}

async function* interruptible(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw new KubeError(0, "Interrupted", "the watch was interrupted", { cause });
  }
}

/** `undefined` for an event of a type that is not known. */
function eventOf(line: string): WatchEvent<KubeObject> | undefined {
  const { type, object } = parsed(line);
  switch (type) {
    case "ERROR":
      throw errorOf(object);
    case "BOOKMARK":
      if (!hasVersion(object)) throw malformed();
      return { type, object };
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      if (!isKubeObject(object)) throw malformed();
      return { type, object };
    default:
      return undefined;
  }
}

function parsed(line: string): { readonly type?: unknown; readonly object?: unknown } {
  try {
    return (JSON.parse(line) ?? {}) as { readonly type?: unknown; readonly object?: unknown };
  } catch {
    // Without the parser's message, which quotes the line.
    throw malformed();
  }
}

const malformed = (): KubeError => new KubeError(0, "Malformed", "the watch sent a line that is not an event");

/** A Status says itself how long to wait. */
function errorOf(status: unknown): KubeError {
  const { code, details } = (status ?? {}) as {
    readonly code?: unknown;
    readonly details?: { readonly retryAfterSeconds?: unknown };
  };
  const seconds = details?.retryAfterSeconds;
  const retryAfterMs = typeof seconds === "number" && seconds > 0 ? seconds * 1000 : undefined;
  return kubeErrorOf(typeof code === "number" ? code : 500, status, retryAfterMs);
}

function hasVersion(object: unknown): object is KubeObject {
  const { metadata } = (object ?? {}) as { readonly metadata?: { readonly resourceVersion?: unknown } };
  return typeof metadata?.resourceVersion === "string";
}

/** Whether it has what every object of the API server has. */
export function isKubeObject(object: unknown): object is KubeObject {
  if (!hasVersion(object)) return false;
  const { name, uid } = object.metadata as { readonly name?: unknown; readonly uid?: unknown };
  return typeof name === "string" && name !== "" && typeof uid === "string" && uid !== "";
}
