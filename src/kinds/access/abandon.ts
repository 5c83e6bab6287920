import type { Resource } from "../../ports/resource.ts";
import type { KindContext } from "../kind-context.ts";
import type { ProviderAccess } from "./provider-access.ts";

/**
 * Whether a deletion may end without the provider: its object is not there or is itself being deleted and has lost its
 * credential, or it is another tenant now, and the time in which somebody could mend that has passed.
 */
export function mayAbandon(context: KindContext, resource: Resource, access: ProviderAccess): boolean {
  const { deletionTimestamp } = resource.metadata;
  if (deletionTimestamp === undefined || access.state === "ready") return false;
  if (access.state === "notReady" && !access.isGone) return false;
  return context.now().getTime() - Date.parse(deletionTimestamp) >= context.settings.orphanAfterMs;
}

/** Whether the create protocol left any trace: without one, nothing of this resource can be at a tenant. */
export function hasTraces(
  status: { externalId?: string | undefined; pendingCreate?: object | undefined } | undefined,
): boolean {
  return status?.externalId !== undefined || status?.pendingCreate !== undefined;
}
