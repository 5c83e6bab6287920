import { ObjectChanged } from "../ports/object-changed.ts";
import { ProviderError, type ProviderErrorCode } from "../ports/provider-error.ts";
import type { LoopReason } from "./reasons.ts";
import type { WorkClass } from "../work/order.ts";

/** What came of one pass, and what the queue does next with the key. */
export type ReconcileResult =
  | { readonly kind: "done" }
  | { readonly kind: "paused" }
  /** Converged; reconcile again then. */
  | { readonly kind: "requeueAfter"; readonly ms: number; readonly workClass?: WorkClass }
  /**
   * Something else must happen first; a watch brings the key back, or the time. `keepsPlace`: it was the turn of this key
   * and nothing was wrong with it, so that it comes back as urgent and as old as it was. `isUnfinished`: it did as much as
   * one pass may do; the pause grows when that happens again and again.
   */
  | {
      readonly kind: "wait";
      readonly reason: string;
      readonly message: string;
      readonly retryAfterMs?: number;
      readonly keepsPlace?: true;
      readonly isUnfinished?: true;
    }
  /** A step failed; try again after a growing pause. `isLostRace`: once more what `lookAgain` means. */
  | {
      readonly kind: "backoff";
      readonly reason: string;
      readonly message: string;
      readonly error: unknown;
      readonly isLostRace?: true;
    }
  /** Something changed meanwhile, by the API server's answer `error`: begin again at once. Nothing to report. */
  | { readonly kind: "lookAgain"; readonly error: unknown }
  /** A person must act. Tried again at long intervals, since the remedy may lie outside this cluster. */
  | { readonly kind: "stalled"; readonly reason: string; readonly message: string; readonly retryAfterMs?: number };

const STALLED: Partial<Record<ProviderErrorCode, LoopReason>> = {
  invalid: "InvalidRequest",
  unsupported: "UnsupportedByProvider",
  not_licensed: "FeatureNotLicensed",
  limit_reached: "LimitReached",
  forbidden: "PermissionsMissing",
  role_missing: "AdminRoleMissing",
  unauthorized: "CredentialsInvalid",
};

/** A person's remedy at the tenant sends us no event, so that a stalled object is tried again now and then. */
const STALLED_RETRY_MS = 10 * 60_000;

/** The only place where an error becomes an outcome. What it does not know is retried, never stalled. */
export function resultOf(error: unknown): ReconcileResult {
  if (error instanceof ProviderError) return resultOfProvider(error);
  if (error instanceof ObjectChanged || isObjectConflict(error)) return { kind: "lookAgain", error };
  return {
    kind: "backoff",
    reason: "ProgressingWithRetry",
    message: "A step failed for an unexpected reason; see the operator's log.",
    error,
  };
}

function resultOfProvider(error: ProviderError): ReconcileResult {
  const { code, message, retryAfterMs } = error;
  if (code === "rate_limited")
    return {
      kind: "wait",
      reason: "Progressing",
      message: "The tenant's rate limit is used up.",
      retryAfterMs: retryAfterMs ?? 1000,
      keepsPlace: true,
    };
  const reason = STALLED[code];
  if (reason !== undefined) return { kind: "stalled", reason, message, retryAfterMs: STALLED_RETRY_MS };
  return {
    kind: "backoff",
    reason: code === "unavailable" ? "ProviderUnavailable" : "ProgressingWithRetry",
    message,
    error,
  };
}

/** The API server says that what we read is no longer what is there; recognised by shape, so that no client is imported. */
function isObjectConflict(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== "KubeError") return false;
  const { code } = error as Error & { readonly code?: unknown };
  return code === 409 || code === 404;
}
