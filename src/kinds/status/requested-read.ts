import type { Provider, Ref } from "../../ports/provider.ts";
import type { Resource } from "../../ports/resource.ts";
import { ANNOTATIONS } from "../schema/annotations.ts";
import type { KindContext } from "../kind-context.ts";
import { requestedReadKeyOf } from "./requested-reads.ts";

/** Somebody asked for a read by annotation: the tenant is read again, once per request, `about` these in any case. */
export async function readAgainWhenAsked(
  context: KindContext,
  resource: Asked,
  provider: Provider,
  about: readonly (string | undefined)[],
): Promise<void> {
  const requested = requestedRead(context, resource);
  if (requested === undefined) return;
  // Given as a time, many requests are met by one read.
  const now = context.now();
  const asked = /^\d{4}-\d{2}-\d{2}T/.test(requested) ? Date.parse(requested) : Number.NaN;
  const refs = about.filter((ref) => ref !== undefined) as Ref[];
  await provider.refresh(Number.isNaN(asked) || asked > now.getTime() ? now : new Date(asked), refs);
  noteRead(context, resource, requested);
}

type Asked = Resource<unknown, { readonly lastHandledReconcileAt?: string | undefined }>;

/** The request that no read has answered yet. */
export function requestedRead(context: KindContext, resource: Asked): string | undefined {
  const requested = resource.metadata.annotations?.[ANNOTATIONS.reconcileRequestedAt];
  const { requestedReads } = context.memory;
  if (requested === undefined || requested === resource.status?.lastHandledReconcileAt) {
    requestedReads.delete(requestedReadKeyOf(resource));
    return undefined;
  }
  return requestedReads.get(requestedReadKeyOf(resource)) === requested ? undefined : requested;
}

export function noteRead(context: KindContext, resource: Asked, requested: string): void {
  context.memory.requestedReads.set(requestedReadKeyOf(resource), requested);
}
