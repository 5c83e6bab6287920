/**
 * The one way out of this process to an identity provider: allowed hosts only, https, no redirects, time and size
 * limits, the tenant's governor, metrics. The standard `fetch` contract, so that SDKs can be given it.
 * Rejects with `TransportError` when nothing usable came back.
 */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What to do with one exchange: which of the provider's documented limits it counts against. */
export interface LimitBucket {
  readonly name: string;
  /** Sustained rate the vendor documents or the user configured. */
  readonly ratePerSecond: number;
  readonly burst: number;
  /** Window over which the vendor counts, in milliseconds. */
  readonly windowMs: number;
  /**
   * What the number of requests per window means that the vendor names in its answers. `upperBound`: the configured rate
   * is never above it. `sustainedRate`: nobody configured a rate, so that it is the rate. Absent: nothing, since it may be the burst.
   */
  readonly limitHeaderMeans?: "upperBound" | "sustainedRate";
}

/** `sent` says whether the request may have reached the provider, which decides `unavailable` or `ambiguous`. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  /**
   * `rate_limited`: the work was given up while it waited for the tenant's limit; nothing was sent. `too_large`: the
   * answer has more bytes, values or levels than is read. `unreadable`: what came back is no answer to this request.
   * `closed`: this process ended its own connections, to connect again or to stop.
   */
  readonly reason:
    "refused_host" | "aborted" | "rate_limited" | "timeout" | "too_large" | "unreadable" | "network" | "closed";
  readonly sent: boolean;
  /** Milliseconds until the limit lets a request through again, with `rate_limited`. */
  readonly retryAfterMs: number | undefined;

  constructor(
    reason: TransportError["reason"],
    message: string,
    options: { sent: boolean; cause?: unknown; retryAfterMs?: number },
  ) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.sent = options.sent;
    this.retryAfterMs = options.retryAfterMs;
  }
}
