import { ObjectChanged } from "../ports/object-changed.ts";
import { ProviderError, type ProviderErrorCode } from "../ports/provider-error.ts";
import { type ApiServerError, isApiServerError, isRefusal, refusalMessage, sentence } from "./api-server-refusal.ts";
import { tenantMessage } from "./tenant-refusal.ts";
import type { LoopReason } from "./reasons.ts";
import type { WorkClass } from "../work/order.ts";

/** What came of one pass over a key: the object behind it may be gone, and nothing is kept of it then. */
export type PassResult = ReconcileResult | { readonly kind: "gone" };

/** What came of one pass over an object, and what the queue does next with its key. */
export type ReconcileResult =
  | { readonly kind: "done" }
  | { readonly kind: "paused" }
  /** Converged; reconcile again then. */
  | { readonly kind: "requeueAfter"; readonly ms: number; readonly workClass?: WorkClass }
  /**
   * Something else must happen first; a watch brings the key back, or the time. `keepsPlace`: it was the turn of this key
   * and nothing was wrong with it, so that it comes back as urgent and as old as it was. `isUnfinished`: it did as much as
   * one pass may do; the pause grows when that happens again and again. `isUnderWay`: what it waits for is being made.
   * `isUnmet`: only a person can provide it, and may be about to.
   */
  | {
      readonly kind: "wait";
      readonly reason: string;
      readonly message: string;
      readonly retryAfterMs?: number;
      readonly workClass?: WorkClass;
      readonly keepsPlace?: true;
      readonly isUnfinished?: true;
      readonly isUnderWay?: true;
      readonly isUnmet?: true;
    }
  /**
   * A step failed; try again after a growing pause, or after `retryAfterMs`. `isLostRace`: once more what `readAgain`
   * means. `isRefusal`: the step was refused, which may be a stray answer.
   */
  | {
      readonly kind: "backoff";
      readonly reason: string;
      readonly message: string;
      readonly error: unknown;
      readonly retryAfterMs?: number;
      readonly isLostRace?: true;
      readonly isRefusal?: true;
    }
  /** Something changed meanwhile, by the API server's answer `error`: begin again at once. Nothing to report. */
  | { readonly kind: "readAgain"; readonly error: unknown }
  /**
   * A person must act. Tried again at growing intervals, since the remedy may lie outside this cluster. `refusedBy`: the
   * answer that refused a step; absent where the plan itself says so. `isUnmet`: it began as a wait.
   */
  | {
      readonly kind: "stalled";
      readonly reason: string;
      readonly message: string;
      readonly retryAfterMs?: number;
      readonly workClass?: WorkClass;
      readonly refusedBy?: Error;
      readonly isUnmet?: true;
    };

const STALLED: Partial<Record<ProviderErrorCode, LoopReason>> = {
  invalid: "InvalidRequest",
  unsupported: "UnsupportedByProvider",
  outdated: "UnsupportedVersion",
  disputed: "Conflict",
  not_licensed: "FeatureNotLicensed",
  limit_reached: "LimitReached",
  forbidden: "PermissionsMissing",
  role_missing: "AdminRoleMissing",
  unauthorized: "CredentialsInvalid",
  no_credential: "CredentialsMissing",
};

/** The only place where an error becomes an outcome. What it does not know is retried, never stalled. */
export function resultOf(error: unknown): ReconcileResult {
  if (error instanceof ProviderError) return resultOfProvider(error);
  if (error instanceof ObjectChanged) return { kind: "readAgain", error };
  if (isApiServerError(error)) return resultOfApiServer(error);
  return {
    kind: "backoff",
    reason: "ProgressingWithRetry",
    message:
      "A step failed for an unexpected reason. The operator tries again. If it lasts, read the operator's log and report a defect.",
    error,
  };
}

function resultOfProvider(error: ProviderError): ReconcileResult {
  const { code, retryAfterMs } = error;
  if (error.isInterrupted)
    return {
      kind: "wait",
      reason: "Progressing",
      message: "The operator is reconnecting to the provider.",
      retryAfterMs: 1000,
      isUnderWay: true,
    };
  if (code === "rate_limited")
    return {
      kind: "wait",
      reason: "Progressing",
      message:
        "The tenant's rate limit is used up. The operator continues by itself. If it lasts, reduce the other use of the tenant, or change its plan. If the plan allows more than spec.rateLimit of the provider object, raise that.",
      retryAfterMs: retryAfterMs ?? 1000,
      keepsPlace: true,
    };
  const message = tenantMessage(error);
  const reason = STALLED[code];
  if (reason !== undefined) return { kind: "stalled", reason, message, refusedBy: error };
  return {
    kind: "backoff",
    reason: code === "unavailable" ? "ProviderUnavailable" : "ProgressingWithRetry",
    message,
    error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function resultOfApiServer(error: ApiServerError): ReconcileResult {
  // What we read is no longer what exists.
  if (error.code === 409 || error.code === 404) return { kind: "readAgain", error };
  if (isRefusal(error))
    return { kind: "stalled", reason: "ApiServerRefused", message: refusalMessage(error), refusedBy: error };
  const message = `A request to the API server failed: ${sentence(error.message)} The operator tries again. If it lasts, check the API server and read the operator's log.`;
  return { kind: "backoff", reason: "ProgressingWithRetry", message, error };
}
