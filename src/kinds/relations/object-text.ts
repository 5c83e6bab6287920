import type { Resource } from "../../ports/resource.ts";

/** Kind, namespace and name of an object, for messages: `M2MClient billing/job`, `ClusterIdentityProvider default`. */
export function objectText({ kind, metadata: { namespace, name } }: Named): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}

interface Named {
  readonly kind: string;
  readonly metadata: Pick<Resource["metadata"], "name" | "namespace">;
}
