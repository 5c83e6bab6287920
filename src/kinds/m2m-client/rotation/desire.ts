import { jitterOf } from "./schedule.ts";
import { ANNOTATIONS, requestOf } from "../../schema/annotations.ts";
import { durationMs } from "../../schema/duration.ts";
import type { WantedRotation } from "../model.ts";
import type { M2MClient } from "../schema.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const DEFAULTS = { announceMs: 5 * MINUTE_MS, overlapMs: 24 * HOUR_MS, maxWaitMs: 168 * HOUR_MS };

/**
 * How and when the credential is to change, with the defaults filled in. Those follow `every`: a rotation that takes longer
 * than the period between two would silently make the period longer.
 */
export function wantedRotation(
  { metadata, spec }: M2MClient,
  sha256: (text: string) => string,
  now: Date,
): WantedRotation {
  const { every, announce, overlap, maxWait, waitForPods } = spec.rotation ?? {};
  const msOf = (text: string | undefined, fallback: number): number =>
    text === undefined ? fallback : durationMs(text);
  const everyMs = every === undefined ? undefined : durationMs(every);
  const longest = everyMs === undefined ? Number.POSITIVE_INFINITY : everyMs / 2;
  return {
    everyMs,
    announceMs: msOf(announce, Math.min(DEFAULTS.announceMs, longest)),
    overlapMs: msOf(overlap, Math.min(DEFAULTS.overlapMs, longest)),
    maxWaitMs: msOf(maxWait, DEFAULTS.maxWaitMs),
    waitForPods,
    request: requestOf(metadata, ANNOTATIONS.rotateRequestedAt),
    compromisedAt: compromisedAt(metadata.annotations?.[ANNOTATIONS.compromisedAt], now),
    jitter: jitterOf(sha256(metadata.uid)),
  };
}

/** Clocks differ by seconds; what lies further ahead is a mistake, and would end every credential until then. */
const TOLERANCE_MS = 10 * MINUTE_MS;

function compromisedAt(text: string | undefined, now: Date): WantedRotation["compromisedAt"] {
  if (text === undefined) return undefined;
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const time = new Date(isTime ? text : Number.NaN);
  const written = `Annotation ${ANNOTATIONS.compromisedAt}`;
  if (Number.isNaN(time.getTime()))
    return { problem: `${written} must be a time such as 2026-01-31T12:00:00Z: nothing was revoked.` };
  if (time.getTime() > now.getTime() + TOLERANCE_MS)
    return { problem: `${written} lies in the future: nothing was revoked. Give the time at which it was noticed.` };
  return { time };
}
