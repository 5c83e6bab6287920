import { objectText } from "./object-text.ts";

/** How a resource names its provider object; absent members have defaults. */
export interface ProviderRef {
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
}

export const CLUSTER_KIND = "ClusterIdentityProvider";
const DEFAULT_NAME = "default";

/** With the defaults filled in. */
export function namedProvider(ref: ProviderRef | undefined): { readonly kind: string; readonly name: string } {
  return { kind: ref?.kind ?? CLUSTER_KIND, name: ref?.name ?? DEFAULT_NAME };
}

/** Kind and name of the provider object for people, for example `ClusterIdentityProvider/default`. */
export function providerText(ref: ProviderRef | undefined): string {
  const { kind, name } = namedProvider(ref);
  return `${kind}/${name}`;
}

/** The same as the object of its kind, for messages. `namespace` is that of the resource that refers. */
export function providerTitle(namespace: string, ref: ProviderRef | undefined): string {
  const { kind, name } = namedProvider(ref);
  return objectText({ kind, metadata: kind === CLUSTER_KIND ? { name } : { namespace, name } });
}

/** Index value under which everything that uses a provider is found. `namespace` is that of the resource that refers. */
export function providerKeyOf(namespace: string, ref: ProviderRef | undefined): string {
  const { kind, name } = namedProvider(ref);
  return kind === CLUSTER_KIND ? `${kind}//${name}` : `${kind}/${namespace}/${name}`;
}
