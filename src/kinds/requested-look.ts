import type { Provider } from "../ports/provider.ts";
import type { Resource } from "../ports/resource.ts";
import { ANNOTATIONS } from "./finalizer.ts";
import type { KindContext } from "./kind-context.ts";

/** Somebody asked for a look by annotation: the tenant is read again, once per request. */
export async function lookAgainWhenAsked(
  context: KindContext,
  resource: Resource<unknown, { readonly lastHandledReconcileAt?: string | undefined }>,
  provider: Provider,
): Promise<void> {
  const { kind, metadata, status } = resource;
  const requested = metadata.annotations?.[ANNOTATIONS.reconcileRequestedAt];
  const key = `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
  const { requestedLooks } = context.memory;
  if (requested === undefined || requested === status?.lastHandledReconcileAt) {
    requestedLooks.delete(key);
    return;
  }
  if (requestedLooks.get(key) === requested) return;
  // Given as a time, many requests are met by one look.
  const now = context.now();
  const asked = Date.parse(requested);
  await provider.refresh(Number.isNaN(asked) || asked > now.getTime() ? now : new Date(asked));
  requestedLooks.set(key, requested);
}
