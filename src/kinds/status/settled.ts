import { conditionOf } from "../../controller/conditions.ts";
import type { Resource } from "../../ports/resource.ts";
import type { BaseStatus } from "./report.ts";

/** What the spec requests was applied, as far as status knows. */
export function isSettled({ metadata, status }: Resource<unknown, BaseStatus>): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    conditionOf(status?.conditions, "Ready")?.status === "True" &&
    status?.observedGeneration === metadata.generation
  );
}
