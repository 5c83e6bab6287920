import type { Dispatcher } from "undici";

/** What came back for one request. */
export interface WholeAnswer {
  readonly statusCode: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  /** Absent when the body broke off. */
  readonly text?: string;
  /** Why the body broke off. */
  readonly cause?: unknown;
}

export interface ExchangeLimits {
  /** Longest time until the end of the answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the exchange when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends one request and reads its whole answer. Rejects when no answer began in time. undici's `request` would make a
 * stream of each answer, which nobody here needs.
 */
export function exchange(
  dispatcher: Dispatcher,
  message: Dispatcher.DispatchOptions,
  { timeoutMs, signal }: ExchangeLimits,
): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let head: Pick<WholeAnswer, "statusCode" | "headers"> | undefined;
    let isOver = false;
    const chunks: Buffer[] = [];
    const end = (): void => {
      isOver = true;
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    const fail = (cause: Error): void => {
      if (isOver) return;
      end();
      if (head === undefined) reject(cause);
      else resolve({ ...head, cause });
    };
    const giveUp = (reason: Error): void => {
      fail(reason);
      controller?.abort(reason);
    };
    const abort = (): void => {
      giveUp(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      giveUp(new DOMException("no complete answer in time", "TimeoutError"));
    }, timeoutMs).unref();
    if (signal?.aborted === true) {
      abort();
      return;
    }
    signal?.addEventListener("abort", abort);
    dispatcher.dispatch(message, {
      // It may have waited so long for a connection that it was given up. undici sends nothing when this throws.
      onRequestStart: (started) => {
        if (isOver) throw new DOMException("given up before it was sent", "AbortError");
        controller = started;
      },
      onResponseStart: (_controller, statusCode, headers) => {
        if (statusCode >= 200) head = { statusCode, headers };
      },
      onResponseData: (_controller, chunk) => {
        chunks.push(chunk);
      },
      onResponseEnd: () => {
        if (isOver || head === undefined) return;
        end();
        resolve({ ...head, text: textOf(chunks) });
      },
      onResponseError: (_controller, error) => {
        fail(error);
      },
    });
  });
}

const textOf = (chunks: readonly Buffer[]): string => {
  const [only, ...others] = chunks;
  return only !== undefined && others.length === 0 ? only.toString() : Buffer.concat(chunks).toString();
};
