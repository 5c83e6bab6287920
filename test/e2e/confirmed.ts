import type { Confirmation } from "../../src/kinds/schema/annotations.ts";
import type { AnyObject } from "../integration/cluster.ts";
import type { World } from "./world.ts";

/** Confirms, as an owner does, the only thing that waits for it: `status.pendingConfirmations` of this object. */
export async function confirmed(
  { cluster }: Pick<World, "cluster">,
  { kind, metadata: { namespace = "", name }, status }: AnyObject,
): Promise<Confirmation> {
  const [pending, ...others] = (status?.["pendingConfirmations"] ?? []) as readonly Confirmation[];
  if (pending === undefined || others.length > 0)
    throw new Error(`${kind} ${name} has ${String(others.length + (pending === undefined ? 0 : 1))} confirmations`);
  const { annotation, value } = pending;
  await cluster.patch(kind, namespace, name, { metadata: { annotations: { [annotation]: value } } });
  return pending;
}
