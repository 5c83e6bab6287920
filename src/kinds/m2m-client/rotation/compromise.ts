import type { ObjectMeta } from "../../../ports/resource.ts";
import { ANNOTATIONS } from "../../schema/annotations.ts";
import type { WantedRotation } from "../model.ts";

/** Clocks differ by seconds; what lies further ahead is a mistake, and would revoke every credential until then. */
const TOLERANCE_MS = 10 * 60_000;

/** The moment before which every credential is known to others, as people annotated it; invalid when it is no time. */
function annotatedTime({ annotations }: Pick<ObjectMeta, "annotations">): Date | undefined {
  const text = annotations?.[ANNOTATIONS.compromisedAt];
  if (text === undefined) return undefined;
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  return new Date(isTime ? text : Number.NaN);
}

/** What a rotation makes of the annotation; `problem` says why it cannot be followed. */
export function compromisedAt(metadata: Pick<ObjectMeta, "annotations">, now: Date): WantedRotation["compromisedAt"] {
  const time = annotatedTime(metadata);
  if (time === undefined) return undefined;
  const written = `Annotation ${ANNOTATIONS.compromisedAt}`;
  if (Number.isNaN(time.getTime()))
    return { problem: `${written} must be a time such as 2026-01-31T12:00:00Z. Nothing was revoked.` };
  if (time.getTime() > now.getTime() + TOLERANCE_MS)
    return {
      problem: `${written} is in the future. Nothing was revoked. Set it to the time when the leak was noticed.`,
    };
  return { time };
}

/** Others know the credential, and it was not replaced since. `lastRotationAt`: RFC 3339. */
export function isCompromised(metadata: Pick<ObjectMeta, "annotations">, lastRotationAt: string | undefined): boolean {
  const time = annotatedTime(metadata)?.getTime() ?? Number.NaN;
  return time > (lastRotationAt === undefined ? 0 : Date.parse(lastRotationAt));
}
