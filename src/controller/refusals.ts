import type { ReconcileResult } from "./result.ts";

/** Pauses before what was refused is tried again, in milliseconds. */
const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 10 * 60_000;

/**
 * Pause before the next try, in milliseconds, once an object has been refused for so long: it is tried 5, 15, 45 … seconds
 * after the first refusal, finally every ten minutes, since a remedy outside this cluster sends no event.
 */
export function pauseAfterRefusal(refusedForMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, 2 * refusedForMs));
}

/**
 * Whether a refusal may still be a stray one, that a person need not hear of as `Stalled`. `refusedForMs`: since when
 * every try has been refused; `undefined` at the first.
 */
export const mayBeStray = (refusedForMs: number | undefined): boolean => (refusedForMs ?? 0) < FIRST_PAUSE_MS;

/** A refused pass as it is reported and repeated. Any other result comes back as it was. */
export function afterRefusal(result: ReconcileResult, refusedForMs: number | undefined): ReconcileResult {
  if (result.kind !== "stalled" || result.refusedBy === undefined) return result;
  const retryAfterMs = pauseAfterRefusal(refusedForMs ?? 0);
  const { message, refusedBy: error } = result;
  return mayBeStray(refusedForMs)
    ? { kind: "backoff", reason: "ProgressingWithRetry", message, error, retryAfterMs, isRefusal: true }
    : { ...result, retryAfterMs };
}
