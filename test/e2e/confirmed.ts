import type { ANNOTATIONS, Confirmation } from "../../src/kinds/schema/annotations.ts";
import type { AnyObject } from "../integration/cluster.ts";
import type { World } from "./world.ts";

/** Confirms, as an owner does, the only deletion that waits for it: by `status.pendingConfirmations` of this object. */
export async function confirmed(
  { cluster }: Pick<World, "cluster">,
  { kind, metadata: { namespace = "", name }, status }: AnyObject,
  annotation: (typeof ANNOTATIONS)["confirmRevocations" | "confirmOrphans"],
): Promise<Confirmation> {
  const all = (status?.["pendingConfirmations"] ?? []) as readonly Confirmation[];
  const [pending, ...others] = all.filter((each) => each.annotation === annotation);
  if (pending === undefined || others.length > 0)
    throw new Error(`${kind} ${name} does not wait for one ${annotation}: ${JSON.stringify(all)}`);
  await cluster.patch(kind, namespace, name, { metadata: { annotations: { [annotation]: pending.value } } });
  return pending;
}
