import { randomBytes } from "node:crypto";

/** An answer other than success, with the body that Okta gives. */
export class OktaError extends Error {
  readonly status: number;
  readonly body: object | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: object | undefined, headers: Readonly<Record<string, string>> = {}) {
    super(`HTTP ${String(status)}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** The envelope of the management API. Only the code is stable; texts are for people. */
export function managementError(
  status: number,
  code: string,
  summary: string,
  causes: readonly string[] = [],
  headers: Readonly<Record<string, string>> = {},
): OktaError {
  const errorId = `oae${randomBytes(17).toString("base64url").slice(0, 22)}`;
  const errorCauses = causes.map((errorSummary) => ({ errorSummary }));
  return new OktaError(
    status,
    { errorCode: code, errorSummary: summary, errorLink: code, errorId, errorCauses },
    headers,
  );
}

export const notFound = (id: string, type: string): OktaError =>
  managementError(404, "E0000007", `Not found: Resource not found: ${id} (${type})`);

export const invalid = (field: string, ...causes: readonly string[]): OktaError =>
  managementError(400, "E0000001", `Api validation failed: ${field}`, causes);

export const noRoute = (): OktaError => managementError(404, "E0000008", "The requested path was not found");

export const notLicensed = (): OktaError =>
  managementError(401, "E0000015", "You do not have permission to access the feature you are requesting");

/** RFC 6749 section 5.2, as the token endpoints answer. */
export const oauthError = (
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): OktaError => new OktaError(status, { error, error_description: description }, headers);
