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

export const noMethod = (): OktaError =>
  managementError(405, "E0000022", "The endpoint does not support the provided HTTP method");

export const noMediaType = (): OktaError =>
  managementError(
    400,
    "E0000021",
    "Bad request.  Accept and/or Content-Type headers likely do not match supported values.",
  );

export const notAllowed = (): OktaError =>
  managementError(403, "E0000006", "You do not have permission to perform the requested action");

export const invalidToken = (): OktaError => managementError(401, "E0000011", "Invalid token provided");
