import { LAST_APPLIED } from "../ports/resource.ts";

interface AnyObject {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

/** Members whose values many objects have in common. */
const COMMON = new Set(["apiVersion", "authenticationMethod", "kind", "message", "reason", "tenant", "type"]);
const LONGEST_COMMON = 256;
const MOST_KNOWN = 500;

/**
 * An object as the caches keep it: without what nobody here reads and takes two thirds of the memory, and with one copy of
 * each text that many objects have. Made without `delete`, which would make V8 keep the rest in a hash table.
 */
export function createKeptObject(): <T extends AnyObject>(object: T) => T {
  const known = new Map<string, string>();
  const common = (text: string): string => {
    if (text.length > LONGEST_COMMON) return text;
    const first = known.get(text);
    if (first !== undefined) return first;
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(text, text);
    return text;
  };
  const share = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const members = value as Record<string, unknown>;
    for (const name of Object.keys(members)) {
      const member = members[name];
      if (typeof member !== "string") share(member);
      else if (COMMON.has(name)) members[name] = common(member);
    }
  };
  return (object) => {
    const kept = { ...object, metadata: keptMetadata(object.metadata) };
    share(kept);
    return kept;
  };
}

function keptMetadata(metadata: AnyObject["metadata"]): AnyObject["metadata"] {
  const { managedFields: _managedFields, ...kept } = metadata as AnyObject["metadata"] & { managedFields?: unknown };
  if (kept.annotations?.[LAST_APPLIED] === undefined) return kept;
  const { [LAST_APPLIED]: _lastApplied, ...annotations } = kept.annotations;
  return { ...kept, annotations };
}
