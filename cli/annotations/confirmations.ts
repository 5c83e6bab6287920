import { ANNOTATIONS, type Confirmation } from "../../src/kinds/schema/annotations.ts";
import type { BaseStatus } from "../../src/kinds/status/report.ts";
import type { Resource } from "../../src/ports/resource.ts";

type AnyResource = Resource<unknown, BaseStatus & { readonly pendingConfirmations?: readonly Confirmation[] }>;

/** Annotations that confirm a deletion. */
export type ConfirmingAnnotation = typeof ANNOTATIONS.confirmRevocations | typeof ANNOTATIONS.confirmOrphans;

/** The command that sets each of them. */
const COMMANDS: Readonly<Record<string, string>> = {
  [ANNOTATIONS.confirmRevocations]: "confirm-revocations",
  [ANNOTATIONS.confirmOrphans]: "confirm-orphans",
};

/** What the operator deletes once this annotation of the object confirms it. */
export const pendingConfirmations = ({ status }: AnyResource, annotation: ConfirmingAnnotation) =>
  (status?.pendingConfirmations ?? []).filter((pending) => pending.annotation === annotation);

/** After a confirmation: the operator no longer waits for this one. */
export const isConfirmationHandled = (
  resource: AnyResource,
  annotation: ConfirmingAnnotation,
  value: string,
): boolean => !pendingConfirmations(resource, annotation).some((pending) => pending.value === value);

/** The command line that confirms what this message of a condition asks for; `undefined` where it asks for nothing. */
export function confirmingCommand(
  { kind, metadata: { namespace, name }, status }: AnyResource,
  message: string,
): string | undefined {
  const pending = status?.pendingConfirmations?.find((each) => message.includes(each.message));
  const command = pending === undefined ? undefined : COMMANDS[pending.annotation];
  if (command === undefined) return undefined;
  return `kubectl m2m ${command} ${kind.toLowerCase()}/${name}${namespace === undefined ? "" : ` -n ${namespace}`}`;
}
