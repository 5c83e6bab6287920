import type { ObjectHead, OwnerReference } from "../ports/cluster.ts";

/** On everything that this operator publishes. */
export const MANAGED_LABEL = "m2m-operator.io/managed";

type Ownership = "ours" | "takeOver" | "foreign";

/**
 * Whether a published object may be written. Ours: controlled by this very resource. To be adopted: with our label,
 * controlled by a resource of the same kind and name and another uid, which no longer exists (a restore from backup).
 * Everything else belongs to another owner.
 */
export function ownershipOf(head: ObjectHead, owner: OwnerReference): Ownership {
  const controller = head.owners.find((reference) => reference.controller === true);
  if (controller?.uid === owner.uid) return "ours";
  const isNamesake =
    controller?.kind === owner.kind && controller.name === owner.name && isSameGroup(controller, owner);
  return isNamesake && head.labels[MANAGED_LABEL] === "true" ? "takeOver" : "foreign";
}

const groupOf = ({ apiVersion }: OwnerReference): string => apiVersion.split("/")[0] ?? "";
const isSameGroup = (left: OwnerReference, right: OwnerReference): boolean => groupOf(left) === groupOf(right);
