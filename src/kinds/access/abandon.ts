import type { Resource } from "../../ports/resource.ts";
import type { KindContext } from "../kind-context.ts";
import type { Standing } from "./standing.ts";

/**
 * From when on a deletion may end without the provider, naming what stays there; `undefined` while it can go on with it.
 * Everybody gets the whole of `--orphan-after` to mend what is wrong, and an outage that is shorter than half of that
 * never leaves anything behind.
 */
function abandonAt(
  { settings }: Pick<KindContext, "settings">,
  { metadata: { deletionTimestamp } }: Pick<Resource, "metadata">,
  { access, object, unusableSince }: Standing,
): Date | undefined {
  if (deletionTimestamp === undefined) return undefined;
  const { orphanAfterMs } = settings;
  const inTime = Date.parse(deletionTimestamp) + orphanAfterMs;
  if (object === undefined || access.state === "otherTenant") return new Date(inTime);
  if (access.state === "ready" || unusableSince === undefined) return undefined;
  return new Date(Math.max(inTime, unusableSince.getTime() + orphanAfterMs / 2));
}

/** The same for a plan. */
export function abandonment(
  ports: Pick<KindContext, "settings" | "now">,
  resource: Pick<Resource, "metadata">,
  standing: Standing,
): { readonly mayAbandon: boolean; readonly abandonAt: Date | undefined } {
  const at = abandonAt(ports, resource, standing);
  return { mayAbandon: at !== undefined && ports.now() >= at, abandonAt: at };
}

/** Whether the create protocol left any trace: without one, nothing of this resource can be at a tenant. */
export function hasTraces(
  status: { externalId?: string | undefined; pendingCreate?: object | undefined } | undefined,
): boolean {
  return status?.externalId !== undefined || status?.pendingCreate !== undefined;
}
