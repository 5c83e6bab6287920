import type { Mark } from "../ports/mark.ts";
import type { Resource } from "../ports/resource.ts";

/** Who a remote object belongs to: one resource of one installation of this operator. */
export interface Owner {
  readonly instance: string;
  /** First 16 hex characters of the SHA-256 of `kind/namespace/name`. */
  readonly object: string;
  readonly uid: string;
}

export function ownerOf(resource: Resource, instance: string, sha256: (text: string) => string): Owner {
  const { namespace = "", name, uid } = resource.metadata;
  return { instance, object: objectHash(resource.kind, namespace, name, sha256), uid };
}

/** How a mark names a resource, whether it still exists or not. */
export function objectHash(kind: string, namespace: string, name: string, sha256: (text: string) => string): string {
  return sha256(`${kind}/${namespace}/${name}`).slice(0, 16);
}

/**
 * The remote object that status records, if it is this resource's. Its mark decides. Without one (it cannot carry a
 * mark, or somebody took it off) it is ours only if status proves itself and no other object carries our mark.
 */
export function ownRecord<T extends { readonly mark: Mark | undefined }>(
  recorded: T | undefined,
  marked: readonly T[],
  status: { readonly proof?: string | undefined } | undefined,
  owner: Owner,
): T | undefined {
  if (recorded?.mark !== undefined) return isOwnedBy(recorded.mark, owner) ? recorded : undefined;
  return status?.proof !== undefined && marked.length === 0 ? recorded : undefined;
}

/** Whether the mark says that the object is this very resource's. */
export function isOwnedBy(mark: Mark | undefined, owner: Owner): boolean {
  return mark !== undefined && mark.instance === owner.instance && mark.uid === owner.uid;
}
