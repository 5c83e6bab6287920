/** An answer other than success, with the body that Auth0 gives. */
export class Auth0Error extends Error {
  readonly status: number;
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: object, headers: Readonly<Record<string, string>> = {}) {
    super(`HTTP ${String(status)}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

const PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  429: "Too Many Requests",
};

export function managementError(
  status: number,
  message: string,
  errorCode?: string,
  headers = {},
  more: object = {},
): Auth0Error {
  const body = { statusCode: status, error: PHRASES[status] ?? "Error", message, ...more };
  return new Auth0Error(status, errorCode === undefined ? body : { ...body, errorCode }, headers);
}

export const invalidBody = (message: string): Auth0Error =>
  managementError(400, `Payload validation error: ${message}.`, "invalid_body");

export const insufficientScope = (expected: readonly string[]): Auth0Error =>
  managementError(403, `Insufficient scope, expected any of: ${expected.join(",")}`, "insufficient_scope");

export const tooManyEntities = (): Auth0Error =>
  managementError(403, "You reached the limit of entities of this type for this tenant.", "too_many_entities");

/** The text is known only by its beginning. */
export const notLicensed = (): Auth0Error =>
  managementError(403, "Please upgrade your subscription to use this feature.", "insufficient_entitlement");

export const tokenError = (status: number, error: string, description: string, more: object = {}): Auth0Error =>
  new Auth0Error(status, { error, error_description: description, ...more });
