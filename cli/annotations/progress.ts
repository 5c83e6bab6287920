import { conditionOf } from "../../src/controller/conditions.ts";
import { ANNOTATIONS, requestOf } from "../../src/kinds/schema/annotations.ts";
import type { BaseStatus } from "../../src/kinds/status/report.ts";
import type { Resource } from "../../src/ports/resource.ts";
import type { Progress } from "../progress.ts";

type AnyResource = Resource<unknown, BaseStatus>;

/** Set while a person must act on the resource. */
export function stuckProgress({ status }: AnyResource): Progress | undefined {
  const stalled = conditionOf(status?.conditions, "Stalled");
  return stalled?.status === "True" ? { state: "stuck", text: `${stalled.reason}: ${stalled.message}` } : undefined;
}

/** What Ready says of the resource as it is now. */
export function readiness(resource: AnyResource): Progress {
  const { metadata, status } = resource;
  const ready = conditionOf(status?.conditions, "Ready");
  const stuck = stuckProgress(resource);
  if (stuck !== undefined) return stuck;
  if (ready?.status !== "True")
    return {
      state: "waiting",
      text: ready === undefined ? "Not reconciled yet." : `${ready.reason}: ${ready.message}`,
    };
  const isCurrent = status?.observedGeneration === metadata.generation;
  return isCurrent ? { state: "done", text: ready.message } : { state: "waiting", text: "The spec changed." };
}

/** After `reconcile`: the operator read the tenant again, and the resource is Ready. */
export function reconcileProgress(resource: AnyResource): Progress {
  const request = requestOf(resource.metadata, ANNOTATIONS.reconcileRequestedAt);
  if (resource.status?.lastHandledReconcileAt === request) return readiness(resource);
  return { state: "waiting", text: "The operator has not handled the request yet." };
}

const isPaused = ({ status }: AnyResource): boolean => conditionOf(status?.conditions, "Ready")?.reason === "Paused";

/** After `pause`. */
export const pauseProgress = (resource: AnyResource): Progress =>
  isPaused(resource)
    ? { state: "done", text: "Reconciliation is paused." }
    : { state: "waiting", text: "The operator has not paused the resource yet." };

/** After `resume`: the operator reconciles again, and the resource is Ready. */
export const resumeProgress = (resource: AnyResource): Progress =>
  isPaused(resource) ? { state: "waiting", text: "The operator has not resumed yet." } : readiness(resource);
