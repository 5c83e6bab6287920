/** The closed set of ways in which an identity provider can fail an operation. */
export type ProviderErrorCode =
  /** The operator's own credential was refused (HTTP 401, RFC 6749 section 5.2 `invalid_client`). */
  | "unauthorized"
  /** The operator has no credential of its own for this tenant; the message says where one belongs. */
  | "no_credential"
  /** The credential is good and lacks a permission; `permissions` names what is missing when the answer says so. */
  | "forbidden"
  /** The credential is good, and its owner lacks an administrator's role. */
  | "role_missing"
  /** The tenant's plan does not include the feature. */
  | "not_licensed"
  /** The tenant holds as many objects of this type as its plan allows. */
  | "limit_reached"
  /** The request can never succeed without a change. */
  | "invalid"
  /** Another object already holds the natural key. */
  | "conflict"
  /** Another object stands against it, and only a person can say which of the two is to change. The message names both. */
  | "disputed"
  /** The server is older than what the operator needs; the message names what it lacks. */
  | "outdated"
  | "not_found"
  /** Too many requests: the governor waits, the object is not to blame. */
  | "rate_limited"
  /** The provider could not be reached or failed, and did not perform the request. */
  | "unavailable"
  /** The request may or may not have been performed (timeout, 5xx, dropped connection after sending). */
  | "ambiguous"
  /** The provider has no such feature. */
  | "unsupported";

/**
 * The only error an adapter throws. `message` is safe to show in status and events: no response body, no URL query,
 * no credential. `cause` holds the SDK's error for the log; `Error` makes it non-enumerable, so serialising this
 * error does not carry it along.
 */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly code: ProviderErrorCode;
  /** Milliseconds until another try makes sense: as the provider asked, or as the adapter knows. Else a growing pause. */
  readonly retryAfterMs: number | undefined;
  /** Permissions (provider's own names) that would have been needed, when the answer names them. */
  readonly permissions: readonly string[];
  /** This process ended the connection itself, to connect again or to stop: it says nothing of the provider. */
  readonly isInterrupted: boolean;
  /** The message says only what the tenant answered: the one that shows it adds what to do. */
  readonly isAnswer: boolean;
  /** Who lacks the permissions, for messages: `the operator's application, client ID abc`. */
  readonly grantee: string | undefined;

  constructor(
    code: ProviderErrorCode,
    message: string,
    options: {
      cause?: unknown;
      retryAfterMs?: number;
      permissions?: readonly string[];
      isInterrupted?: boolean;
      isAnswer?: boolean;
      grantee?: string | undefined;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.permissions = options.permissions ?? [];
    this.isInterrupted = options.isInterrupted ?? false;
    this.isAnswer = options.isAnswer ?? false;
    this.grantee = options.grantee;
  }
}
