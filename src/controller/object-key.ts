/** Names one object. `namespace` is empty for cluster-scoped kinds. */
export interface ObjectKey {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

interface Named {
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export const keyOfObject = ({ kind = "", metadata: { name, namespace = "" } }: Named): ObjectKey => ({
  ...{ kind, namespace, name },
});

export function textOfKey({ kind, namespace, name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`;
}
