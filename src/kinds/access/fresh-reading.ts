import type { ObjectMeta, Resource } from "../../ports/resource.ts";

/** A resource was accepted at some time within the second that its metadata name. */
const WITHIN_MS = 1000;

/** How old a reading may be once the resource is older. */
const BELIEVED_MS = 60_000;

/** The tenant sends no event when the object to adopt appears, so the operator checks again this often. */
const ADOPTABLE_RETRY_MS = 600_000;

/**
 * Since when the tenant must have been read before a resource adopts what others made there, or misses it: others
 * create and change it without a word. People create it before the resource, or after they learned that it is missing.
 */
export function freshSince({ creationTimestamp }: Pick<ObjectMeta, "creationTimestamp">, now: Date): Date {
  const accepted = creationTimestamp === undefined ? Number.NaN : Date.parse(creationTimestamp) + WITHIN_MS;
  const since = Number.isNaN(accepted) ? now.getTime() : Math.max(accepted, now.getTime() - BELIEVED_MS);
  return new Date(Math.min(since, now.getTime()));
}

type Applied = Resource<unknown, { readonly observedGeneration?: number | undefined }>;

/** The same while the spec has changes that were not applied; `undefined` when it has none. */
export function freshForChange({ metadata, status }: Applied, now: Date): Date | undefined {
  return status?.observedGeneration === metadata.generation ? undefined : freshSince(metadata, now);
}

/** When to check again for what a resource wants to adopt and the tenant lacks. */
export const adoptableRetryAt = (now: Date): Date => new Date(now.getTime() + ADOPTABLE_RETRY_MS);
