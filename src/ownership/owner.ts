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
  return { instance, object: sha256(`${resource.kind}/${namespace}/${name}`).slice(0, 16), uid };
}

/** Whether the mark says that the object is this very resource's. */
export function isOwnedBy(mark: Mark | undefined, owner: Owner): boolean {
  return mark !== undefined && mark.instance === owner.instance && mark.uid === owner.uid;
}
