/** One object as `kubectl apply` takes it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Something that a person must know about an export. */
export interface Remark {
  /** `beyond`: the manifests do not say it. `note`: it is no loss. */
  readonly kind: "beyond" | "note";
  readonly text: string;
}

/** Without members that are `undefined`. */
export function defined(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** Whether texts come in this order, the same on every machine. */
export const inOrder = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
