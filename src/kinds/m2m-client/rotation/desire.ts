import { compromisedAt } from "./compromise.ts";
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
    compromisedAt: compromisedAt(metadata, now),
    jitter: jitterOf(sha256(metadata.uid)),
  };
}
