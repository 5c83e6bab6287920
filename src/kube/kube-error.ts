import { cutText } from "../ports/cut-text.ts";

/** What the API server answered, or that it did not. Never holds a request or response body: they may be Secrets. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  /** HTTP status; 0 when there was no answer. */
  readonly code: number;
  /** `status.reason` of the answer: NotFound, AlreadyExists, Conflict, Expired … */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
  /** The object that the answer is about, where it names it. */
  readonly object: RefusedObject | undefined;

  constructor(
    code: number,
    reason: string,
    message: string,
    options: { retryAfterMs?: number; cause?: unknown; object?: RefusedObject } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
    this.object = options.object;
  }
}

interface RefusedObject {
  readonly kind: string;
  readonly name: string;
}

const MAX_MESSAGE = 600;

interface StatusDocument {
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: { readonly kind?: unknown; readonly name?: unknown };
}

/**
 * From the Status object of an answer, for people: `conceal` takes out of its message what nobody may see. Default:
 * nothing.
 */
export function kubeErrorOf(
  code: number,
  status: unknown,
  retryAfterMs: number | undefined,
  conceal: (text: string) => string = (text) => text,
): KubeError {
  const { reason, message, details } = (status ?? {}) as StatusDocument;
  // What is cut in two could not be recognised any more.
  const text = typeof message === "string" ? cutText(conceal(message), MAX_MESSAGE) : `HTTP ${String(code)}`;
  const { kind, name } = details ?? {};
  return new KubeError(code, typeof reason === "string" ? reason : "Unknown", text, {
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(typeof kind === "string" && typeof name === "string" ? { object: { kind, name } } : {}),
  });
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.code === 404;
}

/** The resource version is too old to continue from: list again. */
export function isGone(error: unknown): boolean {
  return error instanceof KubeError && (error.code === 410 || error.reason === "Expired" || error.reason === "Gone");
}
