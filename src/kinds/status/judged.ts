import { conditionOf } from "../../controller/conditions.ts";
import type { BaseStatus } from "./report.ts";

/** Reason of Ready in a status that was written before anything was known. */
const UNKNOWN_YET = "Pending";

/** Whether a pass over the resource has come to an end since it was made: until then it is under way. */
export function isJudged({ status }: { readonly status?: BaseStatus | undefined }): boolean {
  const ready = conditionOf(status?.conditions, "Ready");
  return ready !== undefined && ready.reason !== UNKNOWN_YET;
}

/** Whether the last pass ended with a preview of what would be done at the tenant. */
export const isPreviewed = ({ status }: { readonly status?: BaseStatus | undefined }): boolean =>
  conditionOf(status?.conditions, "Ready")?.reason === "ObserveOnly";
