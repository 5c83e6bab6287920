import { safeText } from "../../oauth/safe-text.ts";
import { unreachable, verbOf } from "../../oauth/unreachable.ts";
import { ProviderError, type ProviderErrorCode } from "../../ports/provider-error.ts";
import { retryAfterOf } from "../../tenant/retry-after.ts";

/** The members of the SDK's ManagementError that are looked at; its message holds the whole body and is not. */
interface SdkError {
  readonly statusCode?: number;
  readonly body?: unknown;
  readonly cause?: unknown;
  readonly rawResponse?: { readonly headers?: { get(name: string): string | null } };
}

interface ErrorBody {
  readonly message?: unknown;
  readonly errorCode?: unknown;
  readonly error_description?: unknown;
}

const BY_STATUS: Readonly<Record<number, ProviderErrorCode>> = {
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  429: "rate_limited",
};

const BY_ERROR_CODE: Readonly<Record<string, ProviderErrorCode>> = {
  insufficient_entitlement: "not_licensed",
  too_many_entities: "limit_reached",
};

/**
 * The only translator of what goes wrong between here and Auth0. `isWrite` tells whether something may have happened.
 * `clientId`: of the operator's application, for messages.
 */
export function providerErrorOf(error: unknown, isWrite: boolean, clientId?: string): ProviderError {
  if (error instanceof ProviderError) return error;
  const silence = unreachable(error, "Auth0", isWrite);
  if (silence !== undefined) return silence;
  const { statusCode, body, rawResponse } = error as SdkError;
  if (statusCode === undefined)
    return new ProviderError(isWrite ? "ambiguous" : "unavailable", "Auth0 gave no usable answer.", {
      ...{ cause: error, isAnswer: true },
    });
  const grantee = clientId === undefined ? undefined : `the operator's application, client ID ${clientId}`;
  return ofStatus({ status: statusCode, body, headers: rawResponse?.headers, grantee, cause: error }, isWrite);
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: { get(name: string): string | null } | undefined;
  readonly grantee: string | undefined;
  readonly cause: unknown;
}

function ofStatus({ status, body, headers, grantee, cause }: Answer, isWrite: boolean): ProviderError {
  const { message, errorCode, error_description: description } = (body ?? {}) as ErrorBody;
  const text = safeText(message ?? description);
  const code = codeOf(status, errorCode, text, isWrite);
  const retryAfterMs = code === "rate_limited" ? retryAfterOf(headers) : undefined;
  return new ProviderError(
    code,
    `Auth0 ${verbOf(code)} the request (${String(status)}${text === "" ? "" : `: ${text}`}).`,
    {
      ...{ cause, isAnswer: true, grantee },
      permissions: permissionsIn(text),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

function codeOf(status: number, errorCode: unknown, text: string, isWrite: boolean): ProviderErrorCode {
  const special = typeof errorCode === "string" ? BY_ERROR_CODE[errorCode] : undefined;
  if (special !== undefined) return special;
  if (status === 403 && /upgrade your subscription/i.test(text)) return "not_licensed";
  const known = BY_STATUS[status];
  if (known !== undefined) return known;
  if (status >= 500 || status === 408) return isWrite ? "ambiguous" : "unavailable";
  return "invalid";
}

/** `Insufficient scope, expected any of: read:clients,read:client_keys`. */
function permissionsIn(text: string): readonly string[] {
  const list = /expected (?:any|all) of: (.+)$/.exec(text)?.[1] ?? "";
  return list.split(/[,\s]+/).filter((permission) => permission !== "");
}
