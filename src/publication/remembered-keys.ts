import type { ObjectHead, ObjectManifest } from "../ports/cluster.ts";

const OWN_PREFIX = "m2m-operator.io/";

/** Keys that every published object has, whatever the spec says. */
const isFixed = (key: string): boolean => key.startsWith(OWN_PREFIX) || key === "app.kubernetes.io/managed-by";

/** On a published object: the keys of its labels and annotations that this operator put there, separated by spaces. */
const REMEMBERED = {
  labels: `${OWN_PREFIX}published-labels`,
  annotations: `${OWN_PREFIX}published-annotations`,
} as const;

type Field = keyof typeof REMEMBERED;

/** Annotations that say what is ours, for the object to be given away without them. */
export const REMEMBERED_KEYS: readonly string[] = Object.values(REMEMBERED);

/**
 * The manifest, with the memory of its own keys. It is written in the same request as the keys themselves: what a crash
 * leaves behind is either both or neither.
 */
export function withRememberedKeys<M extends ObjectManifest>(manifest: M): M {
  const memory = Object.fromEntries(
    (["labels", "annotations"] as const)
      .map((field) => [REMEMBERED[field], ownKeys(manifest[field]).join(" ")] as const)
      .filter(([, keys]) => keys !== ""),
  );
  return { ...manifest, annotations: { ...manifest.annotations, ...memory } };
}

/** Of these, those that a later spec may take away. */
function ownKeys(wanted: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(wanted)
    .filter((key) => !isFixed(key))
    .sort();
}

/** Keys that this operator once put there and that are no longer wanted; keys of others are never among them. */
export function formerKeys(before: ObjectHead, manifest: ObjectManifest): Readonly<Record<Field, readonly string[]>> {
  const former = (field: Field): readonly string[] =>
    (before.annotations[REMEMBERED[field]] ?? "")
      .split(" ")
      .filter((key) => Object.hasOwn(before[field], key) && !Object.hasOwn(manifest[field], key))
      .filter((key) => !isFixed(key));
  const memory = REMEMBERED_KEYS.filter(
    (key) => Object.hasOwn(before.annotations, key) && !Object.hasOwn(manifest.annotations, key),
  );
  return { labels: former("labels"), annotations: [...former("annotations"), ...memory] };
}
