import { safeText } from "../../oauth/safe-text.ts";
import { unreachable, verbOf } from "../../oauth/unreachable.ts";
import { ProviderError, type ProviderErrorCode } from "../../ports/provider-error.ts";
import { retryAfterOf } from "../../tenant/retry-after.ts";
import { neededRole } from "./permissions.ts";

/** An answer that is no success. Keycloak has three shapes of it: `error`, `error` with a description, `errorMessage`. */
export interface KeycloakFailure {
  readonly status?: number;
  readonly error?: unknown;
  readonly error_description?: unknown;
  readonly errorMessage?: unknown;
  readonly headers?: { get(name: string): string | null };
}

const BY_STATUS: Readonly<Record<number, ProviderErrorCode>> = {
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  429: "rate_limited",
};

/**
 * The only translator of what goes wrong between here and Keycloak. `isWrite` tells whether something may have happened.
 * `clientId`: of the operator's own client, for messages.
 */
export function providerErrorOf(error: unknown, isWrite: boolean, clientId?: string): ProviderError {
  if (error instanceof ProviderError) return error;
  const silence = unreachable(error, "Keycloak", isWrite);
  if (silence !== undefined) return silence;
  const failure = error as KeycloakFailure;
  if (failure.status === undefined)
    return new ProviderError(isWrite ? "ambiguous" : "unavailable", "Keycloak gave no usable answer.", {
      ...{ cause: error, isAnswer: true },
    });
  const grantee = clientId === undefined ? undefined : `the service account of the operator's client ${clientId}`;
  return ofStatus(failure.status, failure, isWrite, { cause: error, grantee });
}

interface About {
  readonly cause: unknown;
  readonly grantee: string | undefined;
}

function ofStatus(status: number, failure: KeycloakFailure, isWrite: boolean, about: About): ProviderError {
  const text = safeText(failure.errorMessage ?? failure.error_description ?? failure.error);
  const code = codeOf(status, text, isWrite);
  const retryAfterMs = code === "rate_limited" ? retryAfterOf(failure.headers) : undefined;
  return new ProviderError(code, messageOf(code, status, text), {
    ...{ ...about, isAnswer: code !== "unauthorized" },
    permissions: code === "forbidden" ? [neededRole(!isWrite)] : [],
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function codeOf(status: number, text: string, isWrite: boolean): ProviderErrorCode {
  // Two writers met in the database, and this one was not carried out.
  if (status === 409 && /duplicate resource/i.test(text)) return "unavailable";
  const known = BY_STATUS[status];
  if (known !== undefined) return known;
  if (status >= 500 || status === 408) return isWrite ? "ambiguous" : "unavailable";
  return "invalid";
}

function messageOf(code: ProviderErrorCode, status: number, text: string): string {
  if (code === "unauthorized")
    return "Keycloak refused the operator's access token. Check the client of the operator in the realm.";
  return `Keycloak ${verbOf(code)} the request (${String(status)}${text === "" ? "" : `: ${text}`}).`;
}
