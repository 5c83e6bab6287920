import type { Condition } from "../../../src/controller/conditions.ts";
import type { M2MClient } from "../../../src/kinds/m2m-client/schema.ts";
import type { BaseStatus } from "../../../src/kinds/status/report.ts";
import type { Resource } from "../../../src/ports/resource.ts";

const TIME = "2026-05-01T00:00:00Z";

/** A condition with what tests look at. */
export const condition = (
  type: string,
  status: Condition["status"],
  reason: string,
  message = `${reason} of ${type}.`,
): Condition => ({ type, status, reason, message, lastTransitionTime: TIME });

export const READY = condition("Ready", "True", "Ready", "It is ready.");

/** Ready is False for this reason, and so is Stalled True. */
export const stalled = (reason: string, message: string): readonly Condition[] => [
  condition("Ready", "False", reason, message),
  condition("Stalled", "True", reason, message),
];

/** A resource of the namespace billing, as the API server has it. */
export function object<R extends Resource = Resource<unknown, BaseStatus>>(
  kind: string,
  name: string,
  {
    spec = {},
    status = {},
    ...metadata
  }: { readonly spec?: object; readonly status?: object; [key: string]: unknown } = {},
): R {
  return {
    apiVersion: "m2m-operator.io/v1alpha1",
    kind,
    metadata: { name, namespace: "billing", uid: `${kind}-${name}`, resourceVersion: "1", generation: 1, ...metadata },
    spec,
    status: { observedGeneration: 1, conditions: [READY], ...status },
  } as unknown as R;
}

export const client = (fields: Parameters<typeof object>[2] = {}): M2MClient =>
  object<M2MClient>("M2MClient", "importer", fields);
