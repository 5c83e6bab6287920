import { isDeepStrictEqual } from "node:util";

export type RawDocument = Readonly<Record<string, unknown>>;

/** Which members of a document a spec can say, and what the others are where nobody changed them. */
export interface Expressed {
  /** Members that specs have, that only name the object, or that do nothing for machines. */
  readonly known: readonly string[];
  /** Values of other members that say nothing, beside what is empty or off. */
  readonly defaults: RawDocument;
}

/** Names of the members that nothing in a spec stands for, sorted. What is absent, empty, off or at its default is none. */
export function unexpressed(document: RawDocument, { known, defaults }: Expressed): readonly string[] {
  return Object.entries(document)
    .filter(([name, value]) => !known.includes(name) && !isUnset(value) && !isDeepStrictEqual(value, defaults[name]))
    .map(([name]) => name)
    .sort();
}

/** An object is unset when each of its members is. */
function isUnset(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.values(value).every(isUnset);
}
