import type { Ref } from "../../ports/provider.ts";

/** In place of what only the tenant can choose, such as the ID of a new client. */
export const KNOWN_AFTER_APPLY = "(known after apply)";

/** Stands for values that a preview does not know. No two are alike, so that they can be told apart. */
export interface Placeholders {
  /** For an object that the change creates, such as `client`. */
  ref(kind: string): Ref;
  /** A secret that the tenant would choose. */
  secret(): string;
}

/** Placeholders of one preview. */
export function createPlaceholders(): Placeholders {
  let count = 0;
  const next = (kind: string): string => `${KNOWN_AFTER_APPLY} ${kind} ${String(++count)}`;
  return { ref: (kind) => next(kind) as Ref, secret: () => next("secret") };
}

/** Whether the text stands for a value that a preview does not know. */
export const isPlaceholder = (text: string): boolean => text.startsWith(KNOWN_AFTER_APPLY);
