import { ANNOTATIONS } from "../../src/kinds/schema/annotations.ts";
import type { BaseStatus } from "../../src/kinds/status/report.ts";
import type { Resource } from "../../src/ports/resource.ts";

type AnyResource = Resource<unknown, BaseStatus>;
type Confirmation = typeof ANNOTATIONS.confirmRevocations | typeof ANNOTATIONS.confirmOrphans;

/** Something that the operator deletes once somebody confirms it. */
export interface Pending {
  /** The value for the annotation. */
  readonly digest: string;
  /** What would be deleted, in the operator's words. */
  readonly message: string;
}

/** Conditions in which the operator says that it waits for a confirmation. */
const TYPES: Readonly<Record<Confirmation, readonly string[]>> = {
  [ANNOTATIONS.confirmRevocations]: ["RevocationsHeld", "Stalled", "Ready"],
  [ANNOTATIONS.confirmOrphans]: ["AllOwned"],
};

/** What the object's own conditions ask to confirm. A message about another object does not count. */
export function pendingConfirmations({ status }: AnyResource, annotation: Confirmation): readonly Pending[] {
  const messages = TYPES[annotation].flatMap((type) =>
    (status?.conditions ?? []).filter((condition) => condition.type === type).map(({ message }) => message),
  );
  const pattern = new RegExp(`annotate this object with ${annotation.replaceAll(".", "\\.")}: "([0-9a-f]{16})"`, "g");
  const found = messages.flatMap((message) =>
    [...message.matchAll(pattern)].map(([, digest = ""]): Pending => ({ digest, message })),
  );
  return found.filter(({ digest }, index) => found.findIndex((other) => other.digest === digest) === index);
}

/** After a confirmation: the operator no longer waits for this one. */
export const isConfirmationHandled = (resource: AnyResource, annotation: Confirmation, digest: string): boolean =>
  !pendingConfirmations(resource, annotation).some((pending) => pending.digest === digest);
