import type { KubeObject } from "../../kube/store.ts";

/** Which preview is next. Times are in milliseconds of one clock. */
export interface PreviewTurns {
  /** A preview whose time has come, of the namespace that waited longest. `undefined` without one. */
  next(previews: readonly KubeObject[], now: number): KubeObject | undefined;
  /** The preview had its turn. It has the next one not before `again`. */
  taken(preview: KubeObject, now: number, again: number): void;
}

/** Namespaces take turns, so that many previews in one do not delay the others. Within one, the oldest is first. */
export function createPreviewTurns(): PreviewTurns {
  const notBefore = new Map<string, number>();
  const lastTurn = new Map<string, number>();
  return {
    next: (previews, now) => {
      forgetOthers(notBefore, new Set(previews.map(({ metadata }) => metadata.uid)));
      forgetOthers(lastTurn, new Set(previews.map(namespaceOf)));
      const due = previews.filter(({ metadata }) => (notBefore.get(metadata.uid) ?? 0) <= now);
      const turnOf = (preview: KubeObject): number => lastTurn.get(namespaceOf(preview)) ?? -1;
      return oldestFirst(due).toSorted((left, right) => turnOf(left) - turnOf(right))[0];
    },
    taken: (preview, now, again) => {
      notBefore.set(preview.metadata.uid, again);
      lastTurn.set(namespaceOf(preview), now);
    },
  };
}

/** By time of creation, then by name. */
export const oldestFirst = (objects: readonly KubeObject[]): readonly KubeObject[] =>
  objects.toSorted((left, right) => (createdOf(left) < createdOf(right) ? -1 : 1));

const createdOf = ({ metadata }: KubeObject): string => `${metadata.creationTimestamp ?? ""} ${metadata.name}`;

const namespaceOf = ({ metadata }: KubeObject): string => metadata.namespace ?? "";

function forgetOthers(known: Map<string, number>, present: ReadonlySet<string>): void {
  for (const key of known.keys()) if (!present.has(key)) known.delete(key);
}
