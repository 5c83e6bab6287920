import { cutText } from "../ports/cut-text.ts";

/** What the API server answered, or that it did not. Never holds a request or response body: they may be Secrets. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  /** HTTP status; 0 when there was no answer. */
  readonly code: number;
  /** `status.reason` of the answer: NotFound, AlreadyExists, Conflict, Expired … */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;

  constructor(code: number, reason: string, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const MAX_MESSAGE = 600;

/** From the Status object of an answer. Its message names fields and objects, and quotes values only of invalid fields. */
export function kubeErrorOf(code: number, status: unknown, retryAfterMs: number | undefined): KubeError {
  const { reason, message } = (status ?? {}) as { readonly reason?: unknown; readonly message?: unknown };
  const text = typeof message === "string" ? cutText(message, MAX_MESSAGE) : `HTTP ${String(code)}`;
  const options = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new KubeError(code, typeof reason === "string" ? reason : "Unknown", text, options);
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.code === 404;
}

/** The resource version is too old to go on from: list again. */
export function isGone(error: unknown): boolean {
  return error instanceof KubeError && (error.code === 410 || error.reason === "Expired" || error.reason === "Gone");
}
