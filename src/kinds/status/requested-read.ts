import type { Provider, Ref } from "../../ports/provider.ts";
import type { Resource } from "../../ports/resource.ts";
import { ANNOTATIONS, requestOf } from "../schema/annotations.ts";
import type { KindContext } from "../kind-context.ts";
import { requestedReadKeyOf } from "./requested-reads.ts";

/** Reads the tenant again, once per request by annotation, and the objects that `about` names in any case. */
export async function readAgainWhenRequested(
  context: Pick<KindContext, "memory" | "now">,
  resource: Asked,
  provider: Provider,
  about: readonly (string | undefined)[],
): Promise<void> {
  const requested = requestedRead(context, resource);
  if (requested === undefined) return;
  // Requests that are times are all answered by one read that began after them.
  const now = context.now();
  const asked = /^\d{4}-\d{2}-\d{2}T/.test(requested) ? Date.parse(requested) : Number.NaN;
  const refs = about.filter((ref) => ref !== undefined) as Ref[];
  await provider.refresh(Number.isNaN(asked) || asked > now.getTime() ? now : new Date(asked), refs);
  noteRead(context, resource, requested);
}

type Asked = Resource<unknown, { readonly lastHandledReconcileAt?: string | undefined }>;

/** The request that no read has answered yet. */
export function requestedRead(context: Pick<KindContext, "memory">, resource: Asked): string | undefined {
  const requested = requestOf(resource.metadata, ANNOTATIONS.reconcileRequestedAt);
  const { requestedReads } = context.memory;
  if (requested === undefined || requested === resource.status?.lastHandledReconcileAt) {
    requestedReads.delete(requestedReadKeyOf(resource));
    return undefined;
  }
  return requestedReads.get(requestedReadKeyOf(resource)) === requested ? undefined : requested;
}

export function noteRead(context: Pick<KindContext, "memory">, resource: Asked, requested: string): void {
  context.memory.requestedReads.set(requestedReadKeyOf(resource), requested);
}
