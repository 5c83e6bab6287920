import { safeText } from "../../oauth/safe-text.ts";
import { unreachable, verbOf } from "../../oauth/unreachable.ts";
import { ProviderError, type ProviderErrorCode } from "../../ports/provider-error.ts";
import { retryAfterOf } from "../../tenant/retry-after.ts";

/** An answer that is no success, whichever class the SDK made of it; its message and body are not shown whole. */
export interface OktaFailure {
  readonly status?: number;
  readonly errorCode?: unknown;
  readonly errorSummary?: unknown;
  readonly errorCauses?: unknown;
  readonly headers?: { get(name: string): string | null };
}

/** `errorCode` is the only thing that Okta calls stable. */
const BY_ERROR_CODE: Readonly<Record<string, ProviderErrorCode>> = {
  E0000006: "role_missing",
  E0000007: "not_found",
  E0000011: "unauthorized",
  E0000015: "not_licensed",
  E0000047: "rate_limited",
};

const BY_STATUS: Readonly<Record<number, ProviderErrorCode>> = {
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  405: "unsupported",
  409: "unavailable",
  423: "unavailable",
  429: "rate_limited",
};

/** The only translator of what goes wrong between here and Okta. `isWrite` tells whether something may have happened. */
export function providerErrorOf(error: unknown, isWrite: boolean): ProviderError {
  if (error instanceof ProviderError) return error;
  const silence = unreachable(error, "Okta", isWrite);
  if (silence !== undefined) return silence;
  const failure = error as OktaFailure;
  if (failure.status === undefined)
    return new ProviderError(isWrite ? "ambiguous" : "unavailable", "Okta gave no usable answer.", {
      ...{ cause: error, isAnswer: true },
    });
  return ofStatus(failure.status, failure, isWrite, error);
}

function ofStatus(status: number, failure: OktaFailure, isWrite: boolean, cause: unknown): ProviderError {
  const code = codeOf(status, failure, isWrite);
  const retryAfterMs = code === "rate_limited" ? retryAfterOf(failure.headers) : undefined;
  return new ProviderError(code, messageOf(code, status, failure), {
    ...{
      cause,
      isAnswer: code === "unauthorized" || (SAID[code] === undefined && permissionsIn(failure).length === 0),
    },
    permissions: permissionsIn(failure),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function codeOf(status: number, failure: OktaFailure, isWrite: boolean): ProviderErrorCode {
  const { errorCode } = failure;
  const special = typeof errorCode === "string" ? BY_ERROR_CODE[errorCode] : undefined;
  if (special !== undefined) return special;
  if (status === 400) return codeOfInvalid(causesOf(failure));
  const known = BY_STATUS[status];
  if (known !== undefined) return known;
  if (status >= 500 || status === 408) return isWrite ? "ambiguous" : "unavailable";
  return "invalid";
}

/** Validation errors share one code; a few of them mean something else than a bad field. */
function codeOfInvalid(causes: string): ProviderErrorCode {
  if (/maximum number of/i.test(causes)) return "limit_reached";
  if (/already (exists|in use)|must be unique/i.test(causes)) return "conflict";
  // An app that was made a moment ago is not known everywhere yet.
  return /conditions\.clients\.include: Resource not found/i.test(causes) ? "unavailable" : "invalid";
}

const SAID: Partial<Record<ProviderErrorCode, string>> = {
  not_licensed:
    "The org does not have API Access Management, which authorization servers need. Ask Okta for this feature, or use another org.",
  role_missing:
    "The administrator behind the operator's credential lacks a permission. Assign the role API Access Management Administrator, or a custom role with the same permissions for apps and authorization servers.",
  unauthorized:
    "Okta refused the operator's credential: it is wrong, revoked or expired (an API token expires after 30 days without use).",
};

function messageOf(code: ProviderErrorCode, status: number, failure: OktaFailure): string {
  const said = SAID[code];
  if (said !== undefined) return said;
  const permissions = permissionsIn(failure);
  if (permissions.length > 0)
    return `The operator's app lacks the scope ${permissions.join(", ")}. Grant it in the org.`;
  const text = safeText([failure.errorSummary, causesOf(failure)].filter((part) => part !== "").join("; "));
  return `Okta ${verbOf(code)} the request (${String(status)}${text === "" ? "" : `: ${text}`}).`;
}

function causesOf({ errorCauses }: OktaFailure): string {
  if (!Array.isArray(errorCauses)) return "";
  const summaries = errorCauses.map((cause: { readonly errorSummary?: unknown }) => cause.errorSummary);
  return summaries.filter((summary) => typeof summary === "string").join("; ");
}

/** RFC 6750 section 3, the whole of what a missing scope is answered with. */
function permissionsIn({ headers }: OktaFailure): readonly string[] {
  const challenge = headers?.get("www-authenticate") ?? "";
  if (!challenge.includes("insufficient_scope")) return [];
  return (/scope="([^"]*)"/.exec(challenge)?.[1] ?? "").split(" ").filter((scope) => scope !== "");
}
