import { STATUS_CODES } from "node:http";
import type { Vendor } from "./lane.ts";

const OAUTH: Readonly<Record<number, string>> = { 400: "invalid_request", 401: "invalid_client", 403: "access_denied" };

const AUTH0: Readonly<Record<number, object>> = {
  400: { message: "Payload validation error: 'Expected type object'.", errorCode: "invalid_body" },
  401: { message: "Invalid token" },
  403: { message: "Insufficient scope, expected any of: read:things", errorCode: "insufficient_scope" },
  429: { message: "Global limit has been reached", errorCode: "too_many_requests" },
};

const OKTA: Readonly<Record<number, readonly [code: string, summary: string]>> = {
  400: ["E0000001", "Api validation failed: thing"],
  401: ["E0000011", "Invalid token provided"],
  403: ["E0000006", "You do not have permission to perform the requested action"],
  404: ["E0000007", "Not found: Resource not found: thing (Thing)"],
  429: ["E0000047", "API call exceeded rate limit due to too many requests."],
};

/** What the vendor says with this status, at its token endpoints in the words of RFC 6749. */
export function providerAnswer(vendor: Vendor, path: string, status: number): object {
  const phrase = STATUS_CODES[status] ?? "Error";
  if (path.endsWith("/token")) return { error: OAUTH[status] ?? "temporarily_unavailable", error_description: phrase };
  if (vendor === "auth0") return { statusCode: status, error: phrase, message: phrase, ...AUTH0[status] };
  const [errorCode, errorSummary] = OKTA[status] ?? ["E0000009", phrase];
  return { errorCode, errorSummary, errorLink: errorCode, errorId: "oaeNotARealErrorId000000", errorCauses: [] };
}

const REASONS: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
};

/** A Status object of the API server. */
export const kubernetesAnswer = (status: number): string =>
  JSON.stringify({
    ...{ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure" },
    ...{ message: STATUS_CODES[status], reason: REASONS[status], code: status },
  });
