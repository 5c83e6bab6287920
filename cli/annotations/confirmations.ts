import type { ANNOTATIONS, Confirmation } from "../../src/kinds/schema/annotations.ts";
import type { BaseStatus } from "../../src/kinds/status/report.ts";
import type { Resource } from "../../src/ports/resource.ts";

type AnyResource = Resource<unknown, BaseStatus & { readonly pendingConfirmations?: readonly Confirmation[] }>;

/** Annotations that confirm a deletion. */
export type ConfirmingAnnotation = typeof ANNOTATIONS.confirmRevocations | typeof ANNOTATIONS.confirmOrphans;

/** What the operator deletes once this annotation of the object confirms it. */
export const pendingConfirmations = ({ status }: AnyResource, annotation: ConfirmingAnnotation) =>
  (status?.pendingConfirmations ?? []).filter((pending) => pending.annotation === annotation);

/** After a confirmation: the operator no longer waits for this one. */
export const isConfirmationHandled = (
  resource: AnyResource,
  annotation: ConfirmingAnnotation,
  value: string,
): boolean => !pendingConfirmations(resource, annotation).some((pending) => pending.value === value);
